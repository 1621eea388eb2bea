"""Power, boot device and identify light: requests, and what answers say (IPMI v2.0, sections 28.2 to 28.13)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from device_profiles.operation import Health
from device_profiles.state import BootDevice, Power
from drivers.errors import Garbled, Unsupported
from drivers.ipmi.messages import Code, NetFn, Request

SLOW_S: Final = 5.0
"""Power and boot options are sent again only after this: a controller that is slow would do them twice."""
NOT_YET: Final = frozenset({Code.NODE_BUSY, Code.NOT_NOW, Code.STATE})
"""A controller that answers a command of power so may take it a moment later."""
STATUS: Final = Request(NetFn.CHASSIS, 0x01, doing="reading power")
STATUS_BYTES: Final = 3
BOOT: Final = Request(NetFn.CHASSIS, 0x09, bytes((5, 0, 0)), doing="reading the boot device")
BOOT_BYTES: Final = 4
_CONTROL, _IDENTIFY, _SET_BOOT = 0x02, 0x04, 0x08
_DOWN, _UP, _SOFT = 0, 1, 5
_CONTROLS: Final = {"off": _DOWN, "on": _UP, "soft": _SOFT}
_VALID, _PERSISTENT = 0x80, 0x40
_DEVICES: Final[dict[BootDevice, int]] = {"none": 0, "pxe": 1, "disk": 2, "cdrom": 5, "bios": 6, "usb": 15}
_SELECTED: Final[dict[int, BootDevice]] = {
    **{number: device for device, number in _DEVICES.items()},
    3: "disk",
    7: "usb",
    8: "cdrom",
    9: "usb",
    11: "disk",
}
"""Selectors as boot flags have them (table 28-14); redirected drives are what they stand for."""
_KEEP_VALID: Final = 0x08
"""The flags stay valid though nothing is switched for 60 s (parameter 3, bit 3)."""
_ON: Final = 0x01
_POWER_WRONG: Final = 0x02 | 0x08 | 0x10
"""Overload, fault, control fault."""
_OFF_COMMAND_SUPPORTED: Final = 0x40
_IDENTIFY_STATE: Final = 0x30
_COOLING, _DRIVE = 0x08, 0x04


@dataclass(frozen=True, slots=True)
class Status:
    """What a controller says of its machine. ``identify`` is None where it does not tell."""

    power: Power
    health: Health
    identify: bool | None


def status_of(data: bytes) -> Status:
    """The answer to :data:`STATUS`. A fourth byte is optional, and some controllers send rubbish behind it."""
    wrong = data[0] & _POWER_WRONG or data[2] & (_COOLING | _DRIVE)
    told = bool(data[2] & _OFF_COMMAND_SUPPORTED)
    return Status(
        power="on" if data[0] & _ON else "off",
        health="critical" if wrong else "ok",
        identify=bool(data[2] & _IDENTIFY_STATE) if told else None,
    )


def boot_device_of(data: bytes) -> BootDevice:
    """The boot device that is set for good; ``none`` where there is none, or only one for the next boot."""
    if data[1] & 0x7F != 5:
        raise Garbled("reading the boot device: the answer is about another parameter")
    flags = data[2]
    if not flags & _VALID or not flags & _PERSISTENT:
        return "none"
    number = data[3] >> 2 & 0x0F
    if number not in _SELECTED:
        raise Garbled(f"reading the boot device: the selector {number} is none that is known")
    return _SELECTED[number]


def control(word: str) -> Request:
    """``on``, ``off`` (at once) or ``soft`` (the operating system is asked, by ACPI)."""
    doing = {"on": "switching on", "off": "switching off", "soft": "asking the operating system to shut down"}[word]
    return Request(NetFn.CHASSIS, _CONTROL, bytes((_CONTROLS[word],)), doing=doing, resend_s=SLOW_S)


def identify(*, on: bool) -> Request:
    """The light, on until it is switched off, or off."""
    return Request(NetFn.CHASSIS, _IDENTIFY, bytes((0, 1)) if on else bytes((0, 0)), doing="setting the identify light")


def keep_boot_flags() -> Request:
    """What goes before boot flags: they stay until a boot uses them. Some controllers do not know it."""
    return Request(NetFn.CHASSIS, _SET_BOOT, bytes((3, _KEEP_VALID)), doing="keeping boot flags", resend_s=SLOW_S)


def boot_from(device: str, *, once: bool) -> Request:
    """Boot flags for the next boot, or for all; ``none`` clears them."""
    number = next((number for name, number in _DEVICES.items() if name == device), None)
    if number is None:
        raise Unsupported(f"IPMI knows no boot device {device}")
    flags = _VALID | (0 if once else _PERSISTENT)
    data = bytes((5, flags if number else 0, number << 2, 0, 0, 0))
    return Request(NetFn.CHASSIS, _SET_BOOT, data, doing=f"setting the boot device {device}", resend_s=SLOW_S)
