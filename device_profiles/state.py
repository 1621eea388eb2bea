"""The one schema of desired and observed state, for all four kinds of device (semantics, section 1).

Every field is absent (``None``) unless somebody declared it or a device showed it. Mappings are keyed by the names
that the device uses, in canonical form. Sets are sorted tuples. A :class:`State` is never changed, only replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen
from pydantic import ConfigDict, Strict

from device_profiles.fields import Merge, leaf, part
from device_profiles.names import Description, DeviceObjectName, InitiatorName, PortName, VlanName
from device_profiles.scalars import Size, SortedWords, Time, VlanId, VlanNumber, VlanSet

STRICT = ConfigDict(extra="forbid")

PortMode = Literal["access", "trunk", "other"]
LacpMode = Literal["active", "passive", "off"]
Power = Literal["on", "off"]
BootDevice = Literal["disk", "pxe", "cdrom", "usb", "bios", "none"]
OffManner = Literal["soft", "hard"]
Flag = Annotated[bool, Strict()]
NativeVlan = VlanNumber | Literal["none"]

SWITCHING = "switching"
"""Mode, access, native and trunk VLANs of a port converge together or not at all."""
MASKING = "masking"
"""Initiators and LUNs of an export converge together or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vlan:
    """A VLAN of a switch; the key is its number."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: VlanName | None = leaf(Merge.PRIORITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stp:
    """Spanning tree on one port."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    edge: Flag | None = leaf(Merge.CONFLICT)
    bpdu_guard: Flag | None = leaf(Merge.CONFLICT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port or a LAG, as far as it switches.

    ``native_vlan`` is the VLAN of untagged frames on a trunk, carried whether ``trunk_vlans`` lists it or not; the
    word ``none`` drops them. ``mode: other`` with the device's own words in ``native`` is what a device may show and
    nobody may declare.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    description: Description | None = leaf(Merge.PRIORITY)
    enabled: Flag | None = leaf(Merge.CONFLICT)
    mode: PortMode | None = leaf(Merge.CONFLICT, group=SWITCHING)
    access_vlan: VlanNumber | None = leaf(Merge.CONFLICT, group=SWITCHING)
    native_vlan: NativeVlan | None = leaf(Merge.CONFLICT, group=SWITCHING)
    trunk_vlans: VlanSet | None = leaf(Merge.UNION, group=SWITCHING)
    mtu: Annotated[int, Strict(), Ge(576), Le(65535)] | None = leaf(Merge.MAX)
    stp: Stp | None = part()
    native: Annotated[str, MaxLen(500)] | None = leaf(Merge.PRIORITY, observed_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """A bundle of ports. Its switching stands at the port of the same name."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    members: Annotated[tuple[PortName, ...], SortedWords] | None = leaf(Merge.UNION)
    lacp: LacpMode | None = leaf(Merge.CONFLICT)
    fallback: Flag | None = leaf(Merge.CONFLICT)
    min_links: Annotated[int, Strict(), Ge(1), Le(64)] | None = leaf(Merge.MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An outlet of a PDU; the key is its number or name on the device."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: Description | None = leaf(Merge.PRIORITY)
    power: Power | None = leaf(Merge.CONFLICT)
    cycled_at: Time | None = leaf(Merge.MAX, token=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class BootOnce:
    """Boot from ``device`` once, at the cycle that bears the same time."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    device: BootDevice
    at: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A slot of a chassis, or the one machine behind a lone BMC.

    ``off`` and ``off_timeout`` (seconds) are how it is switched off: the operating system is asked, and given that
    time; what is still on then is cut off only with ``off: hard``.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    power: Power | None = leaf(Merge.CONFLICT)
    boot_device: BootDevice | None = leaf(Merge.CONFLICT)
    boot_once: BootOnce | None = leaf(Merge.CONFLICT, token=True)
    cycled_at: Time | None = leaf(Merge.MAX, token=True)
    identify: Flag | None = leaf(Merge.PRIORITY)
    off: OffManner | None = leaf(Merge.CONFLICT, manner_of="power")
    off_timeout: Annotated[int, Strict(), Ge(0), Le(3600)] | None = leaf(Merge.MAX, manner_of="power")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume of a SAN array. ``size`` in bytes; ``shared``: more than one export may show it."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    size: Size | None = leaf(Merge.MAX)
    pool: DeviceObjectName | None = leaf(Merge.CONFLICT)
    shared: Flag | None = leaf(Merge.CONFLICT, manner_of="size")


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Volumes shown to initiators: LUN number to volume name."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    initiators: Annotated[tuple[InitiatorName, ...], SortedWords] | None = leaf(Merge.UNION, group=MASKING)
    luns: Mapping[Annotated[int, Ge(0), Le(16383)], DeviceObjectName] | None = leaf(Merge.UNION, group=MASKING)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a device is or shall be. Only what is declared is there; only what is there is touched."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    vlans: Mapping[VlanId, Vlan] = field(default_factory=dict)
    ports: Mapping[PortName, Port] = field(default_factory=dict)
    lags: Mapping[PortName, Lag] = field(default_factory=dict)
    outlets: Mapping[DeviceObjectName, Outlet] = field(default_factory=dict)
    slots: Mapping[DeviceObjectName, Slot] = field(default_factory=dict)
    volumes: Mapping[DeviceObjectName, Volume] = field(default_factory=dict)
    exports: Mapping[DeviceObjectName, Export] = field(default_factory=dict)


EMPTY = State()
