"""Roles to one state: a pure function in which the order of arrival does not matter (semantics, section 3).

Every role is taken apart into leaves; for each leaf the field's strategy chooses among the claims of the roles. Where
roles of equal priority disagree, or where the chosen leaves do not fit together, the *group* of the leaf is held: it
is left out of the state whole, so that the device keeps what it has there, and everything else converges.

The ``mode`` of a port decides which of its switching fields mean anything. Claims of a lower priority on fields that
the chosen mode has no use for are overridden with it; those of the same priority contradict it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from device_profiles.checks import state_problems
from device_profiles.desired import Held
from device_profiles.documents import DriftMode, RoleSpec
from device_profiles.fields import Merge
from device_profiles.leaves import RULES, build, leaves
from device_profiles.paths import Path, parse_path, render_path, shape_of
from device_profiles.state import EMPTY, State

_USELESS: Final[Mapping[str, tuple[str, ...]]] = {"access": ("trunk_vlans", "native_vlan"), "trunk": ("access_vlan",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One role, taken apart. ``torn`` are leaves of which it says two things, and the sentence that tells which."""

    name: str
    priority: int
    leaves: Mapping[Path, Any]
    torn: Mapping[Path, str] = field(default_factory=dict)
    exclusive: tuple[str, ...] = ()
    drift: DriftMode | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What one role says of one leaf."""

    priority: int
    role: str
    value: Any


@dataclass(frozen=True, slots=True)
class Clash:
    """A group that is held. ``equal``: all parties have the same priority, so that nothing can decide."""

    held: Held
    equal: bool


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of the roles. ``owners`` of a leaf are the roles whose value is in effect."""

    state: State = EMPTY
    owners: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()
    exclusive: tuple[str, ...] = ()
    role_drift: Mapping[str, DriftMode] = field(default_factory=dict)


@dataclass(slots=True)
class _Choice:
    """The leaves in effect so far, and the groups that are held."""

    values: dict[Path, Any] = field(default_factory=dict)
    owners: dict[Path, tuple[Claim, ...]] = field(default_factory=dict)
    clashes: list[Clash] = field(default_factory=list)
    groups: set[Path] = field(default_factory=set)

    def hold(self, path: Path, parties: Iterable[Claim], message: str) -> None:
        claims = sorted(set(parties), key=lambda claim: claim.role)
        roles = tuple(dict.fromkeys(claim.role for claim in claims))
        equal = len({claim.priority for claim in claims}) == 1
        self.clashes.append(Clash(Held(path=render_path(path), roles=roles, message=message), equal))
        self.groups.add(group_of(path))

    def drop_held(self) -> None:
        for path in [path for path in self.values if group_of(path) in self.groups]:
            del self.values[path], self.owners[path]


def declared(name: str, spec: RoleSpec) -> Declared:
    """A role, taken apart for merging."""
    return Declared(
        name=name, priority=spec.priority, leaves=leaves(spec.state), exclusive=spec.exclusive, drift=spec.drift
    )


def group_of(path: Path) -> Path:
    """What converges together with a leaf: section, key, and the group's or the field's name (``stp`` is one field)."""
    rule = RULES.get(shape_of(path))
    return (*path[:2], (rule.group if rule else None) or "".join(path[2:3]))


def merge(roles: Iterable[Declared]) -> Merged:
    """One state of all ``roles``, who is behind each leaf, and what had to be left out."""
    ordered = sorted(roles, key=lambda role: role.name)
    claims = _without_overridden(_claims(ordered))
    choice = _chosen(claims)
    for role in ordered:
        _hold_torn(role, claims, choice)
    choice.drop_held()
    state = _fitting(choice)
    effective = leaves(state)  # where one role says `all`, the single elements of others are none of their own
    owners = {
        path: tuple(sorted({claim.role for claim in claims}))
        for path, claims in sorted(choice.owners.items())
        if path in effective
    }
    involved = {role for names in owners.values() for role in names}
    return Merged(
        state=state,
        owners=owners,
        clashes=tuple(sorted(choice.clashes, key=lambda clash: clash.held.path)),
        exclusive=_exclusive(ordered, choice.groups),
        role_drift={role.name: role.drift for role in ordered if role.drift is not None and role.name in involved},
    )


def _claims(roles: Iterable[Declared]) -> dict[Path, list[Claim]]:
    found: defaultdict[Path, list[Claim]] = defaultdict(list)
    for role in roles:
        for path, value in role.leaves.items():
            found[path].append(Claim(role.priority, role.name, value))
    return dict(sorted(found.items()))


def _without_overridden(claims: dict[Path, list[Claim]]) -> dict[Path, list[Claim]]:
    useless: dict[Path, int] = {}
    for path, claimed in claims.items():
        if path[0] == "ports" and path[2:] == ("mode",):
            priority = max(claim.priority for claim in claimed)
            modes = {claim.value for claim in claimed if claim.priority == priority}
            if len(modes) == 1:
                useless.update(((*path[:2], name), priority) for name in _USELESS.get(modes.pop(), ()))
    kept = {
        path: [claim for claim in claimed if claim.priority >= useless.get(path[:3], claim.priority)]
        for path, claimed in claims.items()
    }
    return {path: claimed for path, claimed in kept.items() if claimed}


def _chosen(claims: Mapping[Path, list[Claim]]) -> _Choice:
    choice = _Choice()
    for path, claimed in claims.items():
        highest = max(claim.priority for claim in claimed)
        top = [claim for claim in claimed if claim.priority == highest]
        value = _value(path, claimed, top)
        if value is None:
            roles = " and ".join(sorted({claim.role for claim in top}))
            choice.hold(path, top, f"the roles {roles} have the same priority and disagree")
        else:
            choice.values[path] = value
            choice.owners[path] = tuple(claim for claim in claimed if claim.value == value)
    return choice


def _hold_torn(role: Declared, claims: Mapping[Path, list[Claim]], choice: _Choice) -> None:
    """Hold what a role says two things of, unless one of a higher priority decides it."""
    for path, message in sorted(role.torn.items()):
        own = [claim for claim in claims.get(path, ()) if claim.role == role.name]
        if own and all(claim.priority <= role.priority for claim in claims[path]):
            choice.hold(path, own, message)


def _value(path: Path, claimed: list[Claim], top: list[Claim]) -> Any:
    """The value in effect; None where equals disagree. ``top`` is sorted by role."""
    rule = RULES.get(shape_of(path))
    strategy = rule.merge if rule else Merge.UNION
    if strategy is Merge.MAX:
        return max(claim.value for claim in claimed)
    if strategy is Merge.PRIORITY or all(claim.value == top[0].value for claim in top):
        return top[0].value
    return None


def _fitting(choice: _Choice) -> State:
    """The state of the leaves that fit together; each round holds at least one group more."""
    while True:
        state = build(choice.values)
        places = [(parse_path(problem.path), problem.message) for problem in state_problems(state)]
        misfits = [(path, message) for path, message in places if group_of(path) not in choice.groups]
        if not misfits:
            return state
        for path, message in misfits:
            if group_of(path) not in choice.groups:
                choice.hold(path, _parties(path, choice), message)
        choice.drop_held()


def _parties(path: Path, choice: _Choice) -> Iterator[Claim]:
    """Whose leaves meet at a place where they do not fit: its group's, and those that bundle the port."""
    group = group_of(path)
    bundled = {path[1]}
    if path[0] == "lags":
        bundled = {other[3] for other in choice.owners if other[:3] == path[:3] and len(other) == 4}
        counts = [other[3] for other in choice.owners if other[0] == "lags" and other[2:3] == ("members",)]
        bundled = {member for member in bundled if counts.count(member) > 1 or member == path[1]}
    for other, claims in choice.owners.items():
        member = other[0] == "lags" and other[2:3] == ("members",) and other[3] in bundled
        if member or (path[0] != "lags" and group_of(other) == group):
            yield from claims


def _exclusive(roles: Iterable[Declared], held: set[Path]) -> tuple[str, ...]:
    wanted = {path for role in roles for path in role.exclusive}
    return tuple(sorted(path for path in wanted if group_of(parse_path(path)) not in held))
