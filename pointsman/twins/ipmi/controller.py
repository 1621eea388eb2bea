"""One controller and its machine: requests in, answers out (IPMI v2.0, sections 20, 23, 28, 31, 33, 34, 35; DCMI 1.5).

Its faults are set while it runs: power may follow a command some readings later (``late``), commands may be answered
as done and not be (``lazy``), and the operating system may hear nothing (``is_deaf``). It refuses to give more than
sixteen bytes of inventory at once, as ipmi_sim does.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from drivers.ipmi.messages import Answer, Code, NetFn, Request
from pointsman.fru import fru_bytes
from pointsman.twins.ipmi.records import RECORDS

_DCMI: Final = 0xDC
_VALID, _PERSISTENT = 0x80, 0x40
_DEVICES: Final = {0: "none", 1: "pxe", 2: "disk", 5: "cdrom", 6: "bios", 15: "usb"}
_CHUNK: Final = 16
_MAC: Final = bytes((0x52, 0x54, 0x00, 0x0B, 0x0C))
_REFUSED: Final = Answer(Code.INVALID_COMMAND)


@dataclass(slots=True)
class Controller:
    """A controller, named and numbered. ``boots``: what its machine booted from, once each."""

    name: str = "bmc1"
    number: int = 1
    power: bool = True
    late: int = 0
    lazy: set[str] = field(default_factory=set)
    is_deaf: bool = False
    writes: int = 0
    boots: list[str] = field(default_factory=list)
    identify: bool = False
    flags: int = 0
    selector: int = 0
    fru: bytes = b""
    watts: int = 120
    log_entries: int = 3
    temperature: int = 42
    told: list[str] = field(default_factory=list)
    """What it was told that changes something, in words."""
    _pending: tuple[int, bool] | None = None
    _reservation: int = 0

    def __post_init__(self) -> None:
        self.fru = self.fru or fru_bytes(self.name, serial=f"TWIN-B{self.number}")

    @property
    def guid(self) -> bytes:
        """Its GUID, in SMBIOS' order."""
        return uuid.UUID(int=0x5254000B0C00400080000000_00000000 | self.number).bytes_le

    @property
    def uuid(self) -> str:
        """The same as it is written."""
        return str(uuid.UUID(bytes_le=self.guid))

    def answer(self, request: Request) -> Answer:
        """What it answers."""
        known: dict[tuple[int, int], Callable[[bytes], Answer]] = {
            (NetFn.CHASSIS, 0x01): self._status,
            (NetFn.CHASSIS, 0x02): self._control,
            (NetFn.CHASSIS, 0x04): self._identify,
            (NetFn.CHASSIS, 0x08): self._set_boot,
            (NetFn.CHASSIS, 0x09): self._get_boot,
            (NetFn.APP, 0x01): lambda _: Answer(0, bytes.fromhex("20 01 02 15 02 bf 57 01 00 34 12 00 00 00 00")),
            (NetFn.APP, 0x37): lambda _: Answer(0, self.guid),
            (NetFn.STORAGE, 0x10): self._fru_info,
            (NetFn.STORAGE, 0x11): self._fru_read,
            (NetFn.STORAGE, 0x20): lambda _: Answer(
                0, bytes((0x51, len(RECORDS), 0, 0, 0)) + bytes.fromhex("01020304 05060708 23")
            ),
            (NetFn.STORAGE, 0x22): self._reserve,
            (NetFn.STORAGE, 0x23): self._record,
            (NetFn.STORAGE, 0x40): lambda _: Answer(
                0, bytes((0x51, self.log_entries, 0, 0, 0x40)) + bytes(8) + b"\x0a"
            ),
            (NetFn.SENSOR, 0x2D): self._sensor,
            (NetFn.TRANSPORT, 0x02): self._lan,
            (NetFn.GROUP, 0x02): self._dcmi_power,
            (NetFn.GROUP, 0x09): self._dcmi_name,
        }
        found = known.get((request.netfn, request.command))
        return _REFUSED if found is None else found(request.data)

    # Power.

    def switch(self, word: str) -> None:
        """Somebody presses a button."""
        wanted = word == "on"
        if wanted and not self.power:
            self._boot()
        self.power, self._pending = wanted, None

    def _boot(self) -> None:
        once = bool(self.flags & _VALID and not self.flags & _PERSISTENT)
        self.boots.append(_DEVICES[self.selector] if self.flags & _VALID and self.selector else "disk")
        if once:
            self.flags = self.selector = 0

    def _status(self, _: bytes) -> Answer:
        if self._pending is not None:
            left, wanted = self._pending
            self._pending = (left - 1, wanted)
            if left <= 1:
                self.switch("on" if wanted else "off")
        state = 0x01 if self.power else 0x00
        return Answer(0, bytes((0x60 | state, 0x00, 0x40 | (0x20 if self.identify else 0))))

    def _control(self, data: bytes) -> Answer:
        word = {0: "off", 1: "on", 5: "soft"}.get(data[0] if data else -1)
        if word is None:
            return Answer(Code.INVALID_FIELD)
        self._count(f"power {word}")
        if f"power {word}" in self.lazy or (word == "soft" and self.is_deaf):
            return Answer(0)
        if self.late:
            self._pending = (self.late, word == "on")
        else:
            self.switch("on" if word == "on" else "off")
        return Answer(0)

    def _count(self, words: str) -> None:
        self.writes += 1
        self.told.append(words)

    def _identify(self, data: bytes) -> Answer:
        on = bool(len(data) > 1 and data[1] & 1) or bool(data and data[0])
        self._count(f"identify {'on' if on else 'off'}")
        if "identify" not in self.lazy:
            self.identify = on
        return Answer(0)

    def _set_boot(self, data: bytes) -> Answer:
        if not data or data[0] & 0x7F != 5:
            return Answer(0) if data and data[0] & 0x7F in (0, 3, 4) else Answer(Code.PARAMETER_UNSUPPORTED)
        if len(data) < 6:
            return Answer(Code.LENGTH_INVALID)
        selector = data[2] >> 2 & 0x0F
        if selector not in _DEVICES:
            return Answer(Code.INVALID_FIELD)
        once = "" if data[1] & _PERSISTENT or not data[1] & _VALID else "once "
        self._count(f"boot {once}{_DEVICES[selector]}")
        if "boot" not in self.lazy:
            self.flags, self.selector = data[1], selector
        return Answer(0)

    def _get_boot(self, data: bytes) -> Answer:
        if not data or data[0] != 5:
            return Answer(Code.PARAMETER_UNSUPPORTED)
        return Answer(0, bytes((1, 5, self.flags, self.selector << 2, 0, 0, 0)))

    # What it is.

    def _fru_info(self, data: bytes) -> Answer:
        if not data or data[0] != 0:
            return Answer(Code.NOT_PRESENT)
        return Answer(0, len(self.fru).to_bytes(2, "little") + b"\x00")

    def _fru_read(self, data: bytes) -> Answer:
        if len(data) < 4 or data[0] != 0:
            return Answer(Code.NOT_PRESENT)
        at, count = data[1] | data[2] << 8, data[3]
        if count > _CHUNK:
            return Answer(Code.LENGTH_LIMIT)
        if at >= len(self.fru):
            return Answer(Code.OUT_OF_RANGE)
        part = self.fru[at : at + count]
        return Answer(0, bytes((len(part),)) + part)

    def _reserve(self, _: bytes) -> Answer:
        self._reservation = self._reservation % 0xFFFF + 1
        return Answer(0, self._reservation.to_bytes(2, "little"))

    def _record(self, data: bytes) -> Answer:
        if len(data) < 6:
            return Answer(Code.LENGTH_INVALID)
        number, at, count = int.from_bytes(data[2:4], "little"), data[4], data[5]
        if at and int.from_bytes(data[:2], "little") != self._reservation:
            return Answer(Code.RESERVATION_CANCELLED)
        if number >= len(RECORDS):
            return Answer(Code.NOT_PRESENT)
        following = 0xFFFF if number + 1 == len(RECORDS) else number + 1
        return Answer(0, following.to_bytes(2, "little") + RECORDS[number][at : at + count])

    def _sensor(self, data: bytes) -> Answer:
        raw = {1: self.temperature, 2: 0, 3: 50}.get(data[0] if data else 0)
        if raw is None:
            return Answer(Code.NOT_PRESENT)
        state = 0xE0 if data[0] == 2 else 0xC0  # the second one has no reading now
        return Answer(0, bytes((raw, state, 0x02 if raw > 90 else 0x00)))

    def _lan(self, data: bytes) -> Answer:
        values = {
            3: bytes((10, 0, 0, self.number % 256)),
            4: b"\x01",
            5: _MAC + bytes((self.number % 256,)),
            6: bytes((255, 255, 255, 0)),
            12: bytes((10, 0, 0, 254)),
            20: bytes((0, 0)),
        }
        if len(data) < 2 or data[1] not in values:
            return Answer(Code.PARAMETER_UNSUPPORTED)
        return Answer(0, b"\x11" + values[data[1]])

    def _dcmi_power(self, data: bytes) -> Answer:
        if not data or data[0] != _DCMI:
            return _REFUSED
        drawn = (self.watts if self.power else 8).to_bytes(2, "little")
        return Answer(0, bytes((_DCMI,)) + drawn + bytes(14) + b"\x40")

    def _dcmi_name(self, data: bytes) -> Answer:
        if len(data) < 3 or data[0] != _DCMI:
            return _REFUSED
        text = self.name.encode() + b"\x00"
        return Answer(0, bytes((_DCMI, len(text))) + text[data[1] : data[1] + data[2]])
