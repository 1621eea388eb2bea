"""What people declare: nodes, roles, locations, and documents that hold many of them (design, section 7).

Strict at this edge: an unknown key is an error. The names of the objects are the keys of the mappings that hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import ConfigDict, Field, JsonValue

from device_profiles.links import Medium
from device_profiles.names import (
    CableEnd,
    CredentialReference,
    DeviceObjectName,
    InitiatorName,
    Label,
    MacAddress,
    NodeName,
    ObjectName,
    PortName,
)
from device_profiles.scalars import CertificateFingerprint, Time
from device_profiles.state import EMPTY, STRICT, State
from device_profiles.windows import Window

DriftMode = Literal["enforce", "report", "pause"]
BindOn = Literal["declared", "lldp+fdb", "lldp", "fdb"]
Allow = Literal["own_path", "unmodelled", "vtp", "outage", "data_loss", "live_session"]
Approval = Literal["none", "required", "first"]
Save = Literal["own", "always"]
Text = Annotated[str, MaxLen(500)]
PathText = Annotated[str, MinLen(1), MaxLen(200)]
AccessUrl = Annotated[str, MinLen(3), MaxLen(300)]
PRIORITY_DEFAULT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a device must show of itself before anything is written to it; all of it is optional."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    serial: Text | None = None
    base_mac: Text | None = None
    uuid: Text | None = None
    ssh_host_key: Text | None = None
    """``SHA256:...`` as ``ssh-keygen -l`` prints it."""
    engine_id: Text | None = None
    tls_certificate: CertificateFingerprint | None = None
    """``SHA256:AB:CD:...`` as ``openssl x509 -noout -fingerprint -sha256`` prints it."""
    line: Text | None = None
    """Of a device that shows nothing of itself: the line at whose far end it is, like ``rfc2217://10.8.0.254:2001``."""
    controller: Text | None = None
    """Who serves the node's line over LAN (``sol+...``): a GUID, or a certificate and the console's SSH host key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Management:
    """What nothing else can tell of the way to the node, and of what hangs on it.

    ``ports`` carry the node's own management path; ``feeds`` is what its outlets feed (``{"7": web-07/psu0}``).
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    ports: Annotated[tuple[PortName, ...], MaxLen(64)] = ()
    feeds: Annotated[Mapping[DeviceObjectName, Text], MaxLen(1024)] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Drift is neither put back nor acted on until the time is over."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    until: Time
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback:
    """Which passes to take back: all from ``pass`` on; left out, the last one."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    pass_id: Annotated[Annotated[str, MinLen(1), MaxLen(64)] | None, Field(alias="pass")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Which device is taken in a node's place: the one whose ``approve`` was shown; left out, it is only shown."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    approve: Annotated[str, MinLen(1), MaxLen(64)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApproval:
    """Which plan may be carried out: the one whose hash was shown."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    plan: Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that a pass may do without approval: steps taken, and ports touched."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    steps: Annotated[int, Ge(0), Le(100_000)] | None = None
    ports: Annotated[int, Ge(0), Le(100_000)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    """A managed device. ``access`` in order of preference; ``credentials`` names a secret, never holds one.

    ``window`` holds steps with an impact back until it opens; ``budget`` is the most that a pass may do without
    approval; ``approval``: every plan needs it, or the first one, or none. ``save``: whether what others left unsaved
    on the device is saved with what we did there (``always``), or nothing is until they saved it themselves (``own``).
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    profile: ObjectName
    location: ObjectName
    access: Annotated[tuple[AccessUrl, ...], MinLen(1), MaxLen(8)]
    credentials: CredentialReference | None = None
    labels: Annotated[Mapping[Label, Label], MaxLen(64)] = field(default_factory=dict)
    drift: DriftMode = "enforce"
    allow: tuple[Allow, ...] = ()
    identity: Identity = Identity()
    management: Management = Management()
    protect: Annotated[tuple[PathText, ...], MaxLen(200)] = ()
    window: Window | None = None
    budget: Budget | None = None
    approval: Approval = "none"
    save: Save = "own"
    annotations: Annotated[Mapping[Label, Text], MaxLen(64)] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attach:
    """The nodes of a role: those named and those that bear all of the labels."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    nodes: Annotated[tuple[NodeName, ...], MaxLen(5000)] = ()
    labels: Annotated[Mapping[Label, Label], MaxLen(64)] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSpec:
    """A named, owned piece of desired state. ``owner`` is filled from the token where it is left out."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    attach: Attach = Attach()
    state: State = EMPTY
    owner: ObjectName | None = None
    priority: Annotated[int, Ge(0), Le(1000)] = PRIORITY_DEFAULT
    exclusive: Annotated[tuple[PathText, ...], MaxLen(500)] = ()
    drift: DriftMode | None = None
    on_release: Literal["leave", "reset"] = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationSpec:
    """A place where agents run. ``alone``: one agent whose lease never runs out; ``shared``: several with leases."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    agents: Literal["alone", "shared"] = "alone"
    bind_on: BindOn = "lldp+fdb"
    protect: Annotated[tuple[PathText, ...], MaxLen(200)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """What a server is recognised by, wherever it shows: MACs by NIC, the name it tells by LLDP, and what it is."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    macs: Annotated[Mapping[PortName, MacAddress], MaxLen(64)] = field(default_factory=dict)
    hostname: Text | None = None
    serial: Text | None = None
    uuid: Text | None = None
    iqn: InitiatorName | None = None
    wwns: Annotated[tuple[InitiatorName, ...], MaxLen(16)] = ()

    @property
    def initiators(self) -> tuple[str, ...]:
        """IQN and WWNs."""
        return (*((self.iqn,) if self.iqn else ()), *self.wwns)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSpec:
    """A machine that uses devices. ``needs`` is compiled into roles by a later version, and refused by this one."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    identity: ServerIdentity = ServerIdentity()
    labels: Annotated[Mapping[Label, Label], MaxLen(64)] = field(default_factory=dict)
    annotations: Annotated[Mapping[Label, Text], MaxLen(64)] = field(default_factory=dict)
    needs: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cable:
    """A cable that shall be there: its two ends, each the name of a node or server, ``/`` and the port."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    a: CableEnd
    b: CableEnd
    medium: Medium = "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole declaration. ``set`` is remembered by its objects, for pruning."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    set: ObjectName | None = None
    locations: Mapping[ObjectName, LocationSpec] = field(default_factory=dict)
    nodes: Mapping[NodeName, NodeSpec] = field(default_factory=dict)
    roles: Mapping[ObjectName, RoleSpec] = field(default_factory=dict)
    servers: Mapping[ObjectName, ServerSpec] = field(default_factory=dict)
    cabling: Annotated[tuple[Cable, ...], MaxLen(5000)] = ()
