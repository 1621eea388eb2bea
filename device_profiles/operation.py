"""What a device is doing: read, never declared, each reading with its time and source.

Gates rest on these values; drift never does. Keys are those of the state's ports, outlets, slots and exports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import ConfigDict

from device_profiles.scalars import Time

TOLERANT = ConfigDict(extra="ignore")

StpState = Literal["disabled", "blocking", "listening", "learning", "forwarding", "discarding", "broken"]
Health = Literal["ok", "warning", "critical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortOperation:
    """One port or LAG as it runs. ``down_reason`` in the device's words; ``speed_bps`` bits per second."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    oper_up: bool | None = None
    down_reason: str | None = None
    speed_bps: int | None = None
    duplex: Literal["full", "half"] | None = None
    stp_state: StpState | None = None
    bundled: bool | None = None
    """Whether a LAG member carries traffic in its bundle, or a LAG has such a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MacEntry:
    """One entry of the forwarding database. ``mac`` lower case with colons."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    mac: str
    vlan: int | None
    port: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletOperation:
    """One outlet of a PDU as it runs. ``waiting``: a command of its own is under way (a delay, a sequence).

    ``energy_wh`` is since the counter was last reset, by whoever did.
    """

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    on: bool | None = None
    waiting: bool | None = None
    amps: float | None = None
    volts: float | None = None
    watts: float | None = None
    voltamps: float | None = None
    power_factor: float | None = None
    energy_wh: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputOperation:
    """What feeds outlets: a unit as a whole, an inlet, a phase, a wire, or a bank (breaker, branch, group)."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    kind: Literal["unit", "input", "phase", "line", "bank"]
    name: str | None = None
    amps: float | None = None
    volts: float | None = None
    watts: float | None = None
    voltamps: float | None = None
    power_factor: float | None = None
    energy_wh: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOperation:
    """One slot of a chassis as it runs. ``present``: something is in it; ``posted``: its machine passed POST."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    present: bool | None = None
    on: bool | None = None
    posted: bool | None = None
    health: Health | None = None
    watts: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorOperation:
    """One sensor. ``value`` in ``unit`` (C, RPM, V, A, W, %); None where it gives none just now."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    kind: Literal["temperature", "fan", "voltage", "current", "power", "other"]
    value: float | None = None
    unit: str = ""
    health: Health | None = None
    slot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOperation:
    """A pool of which volumes are made. Sizes in bytes."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    size: int | None = None
    free: int | None = None
    health: Health | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeOperation:
    """A volume as it runs. ``used`` in bytes, where it is thin."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    used: int | None = None
    health: Health | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOperation:
    """An initiator that is logged in. ``export`` by its name on the array; ``luns``: what the session is shown."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    export: str
    initiator: str
    address: str = ""
    luns: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One reading of what a device does.

    ``vlans_carried`` are the VLANs that the device has or carries; ``source`` names where it was read (a command, a
    table). ``inputs`` are what feeds a PDU's outlets, by kind and name (``phase-1``); ``sensors`` by the
    device's names.
    """

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    at: Time
    source: str
    ports: Mapping[str, PortOperation] = field(default_factory=dict)
    macs: tuple[MacEntry, ...] = ()
    vlans_carried: tuple[int, ...] = ()
    outlets: Mapping[str, OutletOperation] = field(default_factory=dict)
    inputs: Mapping[str, InputOperation] = field(default_factory=dict)
    slots: Mapping[str, SlotOperation] = field(default_factory=dict)
    sensors: Mapping[str, SensorOperation] = field(default_factory=dict)
    pools: Mapping[str, PoolOperation] = field(default_factory=dict)
    volumes: Mapping[str, VolumeOperation] = field(default_factory=dict)
    sessions: tuple[SessionOperation, ...] = ()
