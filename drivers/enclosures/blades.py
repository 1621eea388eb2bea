"""An enclosure as its controller shows it, in our words. An empty slot is a slot; a blade is known by its serial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from device_profiles.operation import Health, InputOperation, SensorOperation
from device_profiles.state import Power


@dataclass(frozen=True, slots=True, kw_only=True)
class Blade:
    """What is in a slot. What the controller does not tell is empty or None. ``watts`` is what it draws."""

    power: Power | None = None
    manufacturer: str = ""
    product_name: str = ""
    part_number: str = ""
    serial: str = ""
    uuid: str = ""
    name: str = ""
    macs: tuple[str, ...] = ()
    firmware: str = ""
    health: Health | None = None
    lit: bool | None = None
    watts: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """The enclosure and what its slots hold; None is an empty slot. The controller's own MACs are ``macs``."""

    name: str = ""
    manufacturer: str = ""
    product_name: str = ""
    serial: str = ""
    uuid: str = ""
    firmware: str = ""
    macs: tuple[str, ...] = ()
    health: Health | None = None
    slots: Mapping[str, Blade | None] = field(default_factory=dict)
    sensors: Mapping[str, SensorOperation] = field(default_factory=dict)
    inputs: Mapping[str, InputOperation] = field(default_factory=dict)
