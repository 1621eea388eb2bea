"""What agent and service say to each other over HTTP; ``schema`` is the version of all of it.

Each side speaks this version and the one before. Unknown fields of a report are ignored, so that an older service
can take a newer agent's; an unknown field of a desired state makes that leaf ``Unsupported`` at the agent.
One :class:`Report` carries whatever is new about a node; a document that did not change is left out and its hash
says so, and a service that holds another one asks for it in its answer (``wanted``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

from pydantic import ConfigDict

from device_profiles.conditions import Condition
from device_profiles.desired import Desired
from device_profiles.documents import Identity, Management
from device_profiles.links import Neighbour
from device_profiles.names import NodeName, ObjectName
from device_profiles.operation import TOLERANT, Operation
from device_profiles.profile import Profile
from device_profiles.scalars import Time
from device_profiles.signing import KeyLink
from device_profiles.state import State

WIRE_SCHEMA: Final = 1

RequestKind = Literal["preview", "dry_run", "converge", "rollback", "replace", "console"]
Cause = Literal["assignment", "start", "poll", "pushed", "request", "retry"]
Outcome = Literal["unchanged", "changed", "reported", "failed", "undone"]
StepStatus = Literal["pending", "intended", "done", "failed", "undone"]
Impact = Literal["none", "flap", "outage", "data"]
Part = Literal["observed", "facts", "links", "ledger"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """An agent introduces itself, once, with a join token as bearer."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    schema: int
    name: ObjectName
    location: ObjectName
    version: str
    drivers: tuple[str, ...] = ()
    leases: bool = False
    """Whether this agent stops writing when its lease ends; only such agents may share a location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """The service's answer: the agent's own token, shown this once."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    schema: int
    agent: str
    token: str
    fence: int
    keys: tuple[KeyLink, ...] = ()
    """By whose signatures the agent knows the service from now on, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """What must be remembered of a device. ``path`` is written.

    ``created``: something that we made; ``intended`` until a reading has shown it. ``token``: the verb ``token`` (a
    time) of the leaf at ``path``, ``confirmed`` once it was done; until then ``stage`` is what it was about to do. One
    that was given up is ``confirmed`` with why: ``unknown`` (nothing tells whether it was done) or ``kept`` (on). At a
    leaf of power a token is the time at which an operating system was asked to shut down.
    """

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    path: str
    kind: Literal["created", "token"] = "created"
    state: Literal["intended", "confirmed"]
    pass_id: str
    at: Time
    token: Time | None = None
    stage: Literal["", "off", "on", "once", "unknown", "kept"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The agent holds the node only as long as it renews, at least every ``renew_s`` seconds (``Reports.leases``)."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    renew_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A node given to an agent, with all that it needs to work alone."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    schema: int
    node: NodeName
    fence: int
    profile: Profile
    access: tuple[str, ...]
    credentials: str | None
    identity: Identity
    """What was declared."""
    pinned: Mapping[str, str] = field(default_factory=dict)
    """What an agent found at first contact, in the words of :class:`~device_profiles.documents.Identity`."""
    management: Management
    desired: Desired
    born: int = 0
    """Grows where a node of this name is declared anew after it was deleted."""
    ledger: tuple[LedgerEntry, ...] = ()
    lease: Lease | None = None
    """None: the node is this agent's for ever."""
    approved: tuple[str, ...] = ()
    """Hashes of plans for this generation that somebody approved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRequest:
    """Something that an agent is asked to do for a caller who waits. ``deadline`` by the service's clock."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    id: str
    node: NodeName
    kind: RequestKind
    body: Mapping[str, Any] = field(default_factory=dict)
    deadline: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An agent's answer to a request: a body, or a reason and a sentence."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    ok: bool
    body: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of a plan as people see it, and how far it got. No secret is ever in ``commands``."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    capability: str
    text: str
    commands: tuple[str, ...]
    undo: tuple[str, ...]
    impact: Impact
    status: StepStatus = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftItem:
    """A leaf that was as declared and is no more. Values as JSON; ``roles`` declared it."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    path: str
    expected: Any
    found: Any
    roles: tuple[str, ...]
    since: Time


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why steps of a plan are not taken yet. ``steps`` are their numbers, from 1."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    reason: str
    message: str
    steps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRecord:
    """One pass that did or found something."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    id: str
    cause: Cause
    generation: int
    outcome: Outcome
    started_at: Time
    ended_at: Time
    steps: tuple[StepRecord, ...] = ()
    drift: tuple[DriftItem, ...] = ()
    """Drift that this pass found, whether it put it back or not."""
    reason: str = ""
    message: str = ""
    device_ms: float = 0.0
    """Milliseconds spent waiting for the device."""
    plan: str = ""
    """The hash of what still waits, by which it can be approved; empty where nothing does."""
    waits: tuple[Wait, ...] = ()
    offline: bool = False
    """Run while the agent kept the node with no service but its own, by whose count ``generation`` is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is new about a node. Parts that are absent did not change; the hashes say of what."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    seq: int
    fence: int
    node: str
    at: Time
    converged_generation: int | None = None
    """The newest generation that a reading proved to be on the device."""
    conditions: tuple[Condition, ...] | None = None
    record: PassRecord | None = None
    observed: State | None = None
    observed_hash: str | None = None
    operation: Operation | None = None
    drift: tuple[DriftItem, ...] | None = None
    """All drift that stands now (reported and not put back); an empty tuple ends it."""
    facts: Mapping[str, Any] | None = None
    facts_hash: str | None = None
    links: tuple[Neighbour, ...] | None = None
    links_hash: str | None = None
    ledger: tuple[LedgerEntry, ...] | None = None
    identity: Mapping[str, str] | None = None
    """What was pinned at first contact, in the words of :class:`~device_profiles.documents.Identity`: the service shows
    it and hands it to the next agent, so that a lost agent does not make a lost pin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """A batch of reports in order of ``seq``. ``seen``: last good reading of nodes about which nothing is new."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    schema: int
    reports: tuple[Report, ...] = ()
    seen: Mapping[str, Time] = field(default_factory=dict)
    leases: Mapping[str, int] | None = None
    """Nodes whose lease is to be renewed, each with the fence by which it is held. None: nothing is renewed."""
    needs_s: float = 0.0
    """What must be left of a lease for the longest step to be begun: the lease shall be so much longer."""
    released: Mapping[str, int] = field(default_factory=dict)
    """Nodes that the agent has let go, each with the fence by which it held it: another agent may have them now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A document that the service does not hold as the report's hash says: send it whole."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    node: str
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The service's answer to reports: everything up to ``last_seq`` is on its disk."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    last_seq: int
    wanted: tuple[Wanted, ...] = ()
    leases: tuple[str, ...] = ()
    """Nodes of ``Reports.leases`` that the agent holds on."""
    lease_s: float | None = None
    """For how long, from the moment at which the agent sent what this answers."""
