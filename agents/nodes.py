"""What an agent knows of one node between passes: the assignment, what was last read, what was reached, what is owed.

The part that must outlive the process (``memory``) is written in the same store write as the report that tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError

from agents.approval import Plan
from agents.assignments import Accepted
from agents.conditions import Conditions
from agents.contest import Contest
from agents.findings import Finding
from agents.ledger import Ledger
from agents.reports import digest_of, dump, state_json
from device_profiles.conditions import Condition
from device_profiles.desired import Desired
from device_profiles.leaves import SHAPES
from device_profiles.operation import TOLERANT
from device_profiles.paths import Path
from device_profiles.profile import Profile
from device_profiles.scalars import Time
from device_profiles.state import State
from device_profiles.wire import DriftItem
from drivers.contract import Want


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A desired state that was tried and taken back: it is not tried again until it changes. ``mark`` is which."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    mark: str
    path: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is remembered of a node on disk. ``settled`` marks the desired state that the node was brought to."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    settled: str = ""
    converged_generation: int | None = None
    save_owed: bool = False
    others_unsaved: bool = False
    hashes: dict[str, str] = field(default_factory=dict)
    drift: tuple[DriftItem, ...] = ()
    refused: Refusal | None = None
    taken_on_at: Time | None = None
    asked: Plan | None = None
    exact: tuple[str, ...] = ()
    contests: tuple[Contest, ...] = ()
    conditions: tuple[Condition, ...] = ()


_MEMORIES: Final = TypeAdapter(Memory)


def read_memory(document: bytes | None) -> Memory:
    """A memory from the store; an empty one where there is none, or none that can be read."""
    if document is None:
        return Memory()
    try:
        return _MEMORIES.validate_json(document)
    except ValidationError:
        return Memory()


class Node:
    """One node, as its worker knows it."""

    def __init__(
        self, accepted: Accepted, *, memory: Memory, ledger: Ledger, now: datetime, unconfirmed: bool = False
    ) -> None:
        self.accept(accepted)
        self.ledger = ledger
        self.conditions = Conditions(memory.conditions)
        self.settled = memory.settled
        self.converged_generation = memory.converged_generation
        self.save_owed = memory.save_owed
        self.others_unsaved = memory.others_unsaved
        """Whether somebody else has left something unsaved on the device, so that we do not save there either."""
        self.hashes = dict(memory.hashes)
        self.drift = memory.drift
        self.refused = memory.refused
        self.taken_on_at: datetime = memory.taken_on_at or now
        """Since when this agent has the node: what was asked of it before then is not done again."""
        self.asked = memory.asked
        """The plan for which approval was asked last."""
        self.exact = set(memory.exact)
        """The sets whose first pass as exact ones is over: what is in them too much goes without asking."""
        self.contests = memory.contests
        """Leaves that were put back lately."""
        self.waiting = ""
        """Which steps wait, as was told last."""
        self.wake_at: datetime | None = None
        """When there may be something to do, though nothing changed."""
        self.unconfirmed = unconfirmed
        """Whether an earlier pass may have cut us off, and was neither proved nor taken back yet."""
        self.owed = True
        """Whether a pass is due even where nothing changed."""
        self.observed: State | None = None
        self.desired_done: Desired | None = None
        """The desired state that the last pass dealt with."""
        self.resend: set[str] = set()
        """Documents that the service asked for."""
        self.asked_off: set[Path] = set()
        """The leaves of power whose machines this process asked to shut down (:mod:`agents.shutting`)."""
        self.readings = 0
        """How many readings were begun."""
        self.behind = ""
        """Why what the service says of the node is not accepted; empty where it is."""

    def accept(self, accepted: Accepted) -> None:
        """Take over an assignment."""
        self.accepted = accepted
        self.name: str = accepted.assignment.node
        self.profile: Profile = accepted.assignment.profile
        self.desired: Desired = accepted.assignment.desired
        self.capabilities: frozenset[str] = frozenset(accepted.assignment.profile.capabilities)
        self._wants: dict[frozenset[str], Want] = {}

    def take_over(self, accepted: Accepted) -> None:
        """Take over another assignment. What says the same in another epoch is nothing new to be acted on."""
        before = self.accepted
        self.accept(accepted)
        if before.mark == accepted.mark:
            return
        if before.content == accepted.content and before.epoch != accepted.epoch:
            if self.settled == before.mark:
                self.settled = accepted.mark
            if self.refused is not None and self.refused.mark == before.mark:
                self.refused = replace(self.refused, mark=accepted.mark)
            if self.converged_generation == before.assignment.desired.generation:
                self.converged_generation = accepted.assignment.desired.generation
        elif accepted.assignment.desired.generation <= (self.converged_generation or 0):
            # Numbers have begun anew, or went back: none of them was reached yet.
            self.converged_generation = 0

    def stand(self, why: str, now: datetime) -> None:
        """The service is older than what is held here, and is told so; empty: it is not (any more)."""
        self.behind, self.owed = why, True
        if why:
            self.conditions.cover("Converged", "ServiceBehind", message=why, now=now)
        else:
            self.conditions.uncover("Converged")

    @property
    def told_generation(self) -> int | None:
        """The generation that the service hears to be proved: by its numbers none is, while it is behind."""
        return 0 if self.behind else self.converged_generation

    @property
    def was_settled(self) -> bool:
        """Whether the node was once brought to what is desired now."""
        return self.settled == self.accepted.mark

    @property
    def refusal(self) -> Refusal | None:
        """Why what is desired now is not to be tried again; None where it may be."""
        refused = self.refused
        return refused if refused is not None and refused.mark == self.accepted.mark else None

    def refuse(self, finding: Finding) -> None:
        """What is desired now is not acted on any more, until it changes."""
        self.refused = Refusal(
            mark=self.accepted.mark, path=finding.path, reason=finding.reason, message=finding.message
        )

    def want(self, able: frozenset[str]) -> Want:
        """What to ask a driver for that is ``able`` to so much; where that is all of it, nothing is left to choose."""
        if able not in self._wants:
            want = self.capabilities & SHAPES
            self._wants[able] = () if want >= able & SHAPES else want
        return self._wants[able]

    def is_quiet(self, observed: State, now: datetime) -> bool:
        """Whether a reading leaves nothing to do and nothing to tell."""
        if self.wake_at is not None and now >= self.wake_at:
            return False
        if self.owed or self.others_unsaved or self.resend or self.desired is not self.desired_done:
            return False
        return observed is self.observed or observed == self.observed

    def memory(self) -> bytes:
        """What is to be remembered now, as JSON."""
        return dump(
            Memory(
                settled=self.settled,
                converged_generation=self.converged_generation,
                save_owed=self.save_owed,
                others_unsaved=self.others_unsaved,
                hashes=self.hashes,
                drift=self.drift,
                refused=self.refused,
                taken_on_at=self.taken_on_at,
                asked=self.asked,
                exact=tuple(sorted(self.exact)),
                contests=self.contests,
                conditions=self.conditions.all(),
            )
        )

    def news_of(self, part: str, document: bytes, parts: dict[str, Any]) -> None:
        """Put a document into a report's parts where it is not what was told last; its hash in any case."""
        digest = digest_of(document)
        if self.hashes.get(part) != digest or part in self.resend:
            self.hashes[part] = digest
            self.resend.discard(part)
            parts[part] = document

    def observe(self, observed: State, parts: dict[str, Any]) -> None:
        """Take over a reading, and tell of it where it is new."""
        if observed is not self.observed or "observed" in self.resend:
            self.news_of("observed", state_json(observed), parts)
            self.observed = observed

    def identify(self, members: Mapping[str, str], parts: dict[str, Any]) -> None:
        """Tell what the device showed of itself, where that is new: the service hands it to the next agent."""
        text = " ".join(f"{kind}={value}" for kind, value in sorted(members.items()))
        if text and self.hashes.get("identity") != text:
            self.hashes["identity"] = text
            parts["identity"] = dict(members)

    def distrust(self) -> None:
        """Something went wrong in remembering: read and tell everything anew."""
        self.owed = True
        self.observed = None
        self.hashes = {}
        self.conditions.dirty = True
