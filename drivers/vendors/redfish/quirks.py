"""What a profile says of a service beside the standard: vendors differ in words, and rarely in more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Final, Literal

from annotated_types import Gt
from pydantic import ConfigDict, TypeAdapter

BOOT: Final = {
    "disk": "Hdd",
    "pxe": "Pxe",
    "cdrom": "Cd",
    "usb": "Usb",
    "bios": "BiosSetup",
    "none": "None",
}
"""``BootSourceOverrideTarget`` of each of our words (DSP2046, ComputerSystem)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """All of it has a default that is the standard's.

    ``slots``: whether blades are looked for, or all systems are slots; ``slot_at``: pointers to a slot's name in a
    blade's chassis, first one wins; ``system_name``: the property that names a slot whose system is in no blade.
    ``on``, ``hard_off`` and ``soft_off`` are reset types in order of preference; ``lit`` is what an indicator is set
    to; ``boot`` are targets other than the standard's, and ``boot_mode`` is sent along with one where the firmware
    insists. ``adapters_at`` are pointers in a system to collections of network adapters that are none of the standard's
    (``PhysicalPorts`` with a ``MacAddress``). ``posted_at`` is a pointer in a system, and ``posted_as`` what stands
    there when it has passed POST. ``conditional`` off: its ETags stay the same whatever happens; ``expand`` off: it
    offers what it does badly.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    done_within_s: Annotated[float, Gt(0)] = 60.0
    slots: Literal["auto", "blades", "systems"] = "auto"
    slot_at: tuple[str, ...] = ()
    system_name: str = "Id"
    on: tuple[str, ...] = ("On", "ForceOn", "PushPowerButton")
    hard_off: tuple[str, ...] = ("ForceOff",)
    soft_off: tuple[str, ...] = ("GracefulShutdown", "PushPowerButton")
    lit: str = "Lit"
    boot: Mapping[str, str] = field(default_factory=dict)
    boot_mode: str = ""
    adapters_at: tuple[str, ...] = ()
    posted_at: str = "BootProgress/LastState"
    posted_as: tuple[str, ...] = ("SystemHardwareInitializationComplete", "OSBootStarted", "OSRunning")
    conditional: bool = True
    expand: bool = True

    def target_of(self, device: str) -> str:
        """The boot target of one of our words."""
        return self.boot.get(device) or BOOT[device]

    def device_of(self, target: str) -> str | None:
        """Our word for a boot target; None where we have none."""
        return next((word for word in BOOT if self.target_of(word) == target), None)


QUIRKS: Final = TypeAdapter(Quirks)
