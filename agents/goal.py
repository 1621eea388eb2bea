"""From what is declared to what a pass shall reach: pure, and the one place that settles who owns what.

A :class:`~device_profiles.desired.Desired` says what roles want; a :class:`~device_profiles.compare.Goal` says what the
device shall show, whole values only. Between them stand the reading, the ledger and the profile:

- sets are united with what is shown, less what we made and nobody declares any more (:mod:`agents.elements`);
- a new trunk starts from none, never from the vendor's "all";
- what the device cannot do, or does not have, is left out and named, and the rest converges;
- what belongs together is left out together;
- what we made and nobody declares goes (:mod:`agents.releases`); what we found stays.

Nothing here fails: whatever cannot be reached is a :class:`Finding`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from agents import releases
from agents.elements import elements, gather, lookup, settle_exact, settle_set
from agents.findings import Finding
from agents.switching import switching_problem
from device_profiles.compare import Goal
from device_profiles.desired import Desired
from device_profiles.fields import Merge
from device_profiles.leaves import CREATABLE, FIELDS, RULE_AT, RULES, SECTIONS, Field
from device_profiles.paths import Path, parse_path, render_path, shape_of
from device_profiles.profile import Profile
from device_profiles.state import MASKING, SWITCHING, State, Stp

_TRUNK: Final[Path] = ("trunk_vlans",)
_ENABLED: Final[Path] = ("enabled",)
_LUNS: Final[Path] = ("luns",)
_HAS: Final = {"ports": "NoSuchPort", "outlets": "NoSuchOutlet", "slots": "NoSuchSlot"}


@dataclass(frozen=True, slots=True)
class Settled:
    """What a pass shall reach, and what stands in the way of the rest.

    ``problems`` keep the node from being converged; ``notes`` are only told. ``fresh`` are the sets that start from
    none: until a reading proved them, they are held exactly (see :mod:`agents.ledger`).
    """

    goal: Goal
    problems: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    fresh: frozenset[Path] = frozenset()


@dataclass(slots=True)
class _Work:
    """The tables that are filled while a goal is settled: object by object, field by field."""

    desired: Desired
    observed: State
    ledger: Collection[Path]
    profile: Profile
    capabilities: Collection[str]
    able: frozenset[str]
    """What the device holds, or has no object for."""
    exact: frozenset[Path]
    held: frozenset[tuple[str, str, str | None]]
    made: dict[tuple[str, str], dict[Path, Any]] = field(default_factory=dict)
    problems: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    fresh: set[Path] = field(default_factory=set)

    def problem(self, path: Path, reason: str, message: str) -> None:
        self.problems.append(Finding(render_path(path), reason, message))

    def ours(self, path: Path) -> set[str]:
        """The elements of the set at ``path`` that we made."""
        return {entry[3] for entry in self.ledger if len(entry) == 4 and entry[:3] == path}


def settle(
    desired: Desired, observed: State, *, ledger: Collection[Path], profile: Profile, capabilities: Collection[str]
) -> Settled:
    """What shall be, for ``desired`` on a device that shows ``observed``.

    ``ledger`` holds the paths that we made, and those of sets that started from none; ``capabilities`` what profile and
    driver both know.
    """
    work = _Work(
        desired=desired,
        observed=observed,
        ledger=ledger,
        profile=profile,
        capabilities=capabilities,
        able=frozenset(capabilities).union(profile.implicit),
        exact=frozenset(parse_path(text) for text in desired.exclusive),
        held=frozenset(_group(parse_path(item.path)) for item in desired.held),
    )
    # Bundles first: the port of a bundle is there when the bundle will be.
    for section in ("lags", *(name for name in SECTIONS if name != "lags")):
        for key, item in getattr(desired.state, section).items():
            _settle_object(work, (section, str(key)), item)
    _open_again(work)
    released = releases.release(
        desired.state, observed, made=work.made, ledger=ledger, held=work.held, capabilities=capabilities
    )
    return Settled(
        Goal(state=_assemble(work.made), absent=released.absent),
        tuple(work.problems),
        (*work.notes, *released.notes),
        frozenset(work.fresh),
    )


def _group(path: Path) -> tuple[str, str, str | None]:
    """Object and group of a leaf; a leaf without a group is a group of its own."""
    rule = RULES.get(shape_of(path))
    name = None if len(path) < 3 else ".".join(path[2:3])
    return path[0], path[1], (rule.group if rule is not None and rule.group else name)


def _settle_object(work: _Work, place: Path, item: Any) -> None:
    section, key = place[0], place[1]
    shown = lookup(work.observed, section, key)
    if section in CREATABLE:
        if section not in work.capabilities and section not in work.profile.implicit:
            work.problem(place, "Unsupported", f"{work.profile.name} does not have {section}: leave it out of the role")
            return
    elif shown is None and not _comes_with_a_bundle(work, place):
        work.problem(place, _HAS[section], f"the device has no {section[:-1]} {key}: correct its name in the role")
        return
    values = _supported(work, place, item)
    if section == "lags" and not _members(work, key, values, shown):
        return
    if section == "ports" and not _switching(work, place, values, shown):
        values = {names: value for names, value in values.items() if RULE_AT["ports", *names].group != SWITCHING}
    if section == "exports" and not _masking(work, place, values, shown):
        values = {names: value for names, value in values.items() if RULE_AT["exports", *names].group != MASKING}
    _sets(work, place, values, shown)
    if values or (section in CREATABLE and section not in work.profile.implicit):
        work.made[(section, key)] = values


def _masking(work: _Work, place: Path, values: Mapping[Path, Any], shown: Any) -> bool:
    """Whether an export can be set as declared: a number that shows somebody else's volume is not taken over."""
    have = shown.luns or {} if shown is not None else {}
    for number, volume in (values.get(_LUNS) or {}).items():
        path = (*place, *_LUNS, str(number))
        if have.get(number, volume) != volume and path not in work.ledger and path[:3] not in work.exact:
            message = f"shows {have[number]}, which was not made by us: declare another number, or take it out there"
            work.problem(path, "LunInUse", message)
            return False
    return True


def _comes_with_a_bundle(work: _Work, place: Path) -> bool:
    return place[0] == "ports" and (("lags", place[1]) in work.made or place[1] in work.observed.lags)


def _supported(work: _Work, place: Path, item: Any) -> dict[Path, Any]:
    """The declared fields that the device can hold; a group with a part that it cannot is left out whole."""
    section = place[0]
    declared = [(entry, entry.get(item)) for entry in FIELDS[section] if entry.get(item) is not None]
    lacking = {
        entry.names: entry.rule.group
        for entry, _ in declared
        if _able(section, entry) not in work.able and entry.shape not in work.able
    }
    groups = {group for group in lacking.values() if group is not None}
    for names in lacking:
        work.problem((*place, *names), "Unsupported", f"{work.profile.name} cannot do this: leave it out of the role")
    kept = {}
    for entry, value in declared:
        if entry.names in lacking or entry.shape in work.profile.implicit:
            continue
        if entry.rule.group in groups:
            path = render_path((*place, *entry.names))
            work.notes.append(
                Finding(path, "LeftOut", "left as it is, since it belongs to a field that is unsupported")
            )
            continue
        kept[entry.names] = value
    return kept


def _able(section: str, entry: Field) -> str:
    """What a device must be capable of for a field: a manner needs what it is the manner of."""
    return f"{section}.{entry.rule.manner_of}" if entry.rule.manner_of else entry.shape


def _members(work: _Work, key: str, values: dict[Path, Any], shown: Any) -> bool:
    """Take members that the device does not have out of a bundle; False where none is left to make it of."""
    declared = values.get(("members",))
    if declared is None:
        return True
    known = set(work.observed.ports).union(*(lag.members or () for lag in work.observed.lags.values()))
    for member in declared:
        if member not in known:
            path = ("lags", key, "members", member)
            work.problem(path, "NoSuchPort", f"the device has no port {member}: correct its name in the role")
    values[("members",)] = tuple(member for member in declared if member in known)
    return bool(values[("members",)]) or shown is not None


def _switching(work: _Work, place: Path, values: dict[Path, Any], shown: Any) -> bool:
    """Whether the switching of a port can be set as declared; a trunk that is new gets its own, empty, list."""
    declared = {names[0]: value for names, value in values.items() if RULE_AT["ports", *names].group == SWITCHING}
    if not declared:
        return True
    wrong = switching_problem(declared, shown, unmodelled="unmodelled" in work.desired.allow)
    if wrong is not None:
        work.problem((*place, wrong.field), wrong.reason, wrong.message)
        return False
    mode = declared.get("mode") or shown.mode
    path = (*place, *_TRUNK)
    if mode == "trunk" and (shown is None or shown.mode != "trunk" or path in work.ledger):
        work.fresh.add(path)
        if "ports.trunk_vlans" in work.capabilities:
            values.setdefault(_TRUNK, ())
    return True


def _open_again(work: _Work) -> None:
    """Ports that we shut for a moment, and did not come to open: the ledger knows that they were open."""
    if "ports.enabled" not in work.capabilities:
        return
    for path in work.ledger:
        if path[0] == "ports" and path[2:] == _ENABLED and path[1] in work.observed.ports:
            work.made.setdefault(("ports", path[1]), {}).setdefault(_ENABLED, True)


def _sets(work: _Work, place: Path, values: dict[Path, Any], shown: Any) -> None:
    """Bring each declared set together with what is shown of it."""
    for names, declared in values.items():
        if RULE_AT[place[0], *names].merge is not Merge.UNION:
            continue
        path, name = (*place, *names), names[0]
        have = getattr(shown, name, None)
        if path in work.fresh:
            values[names] = gather(name, elements(declared))
        elif path in work.exact:
            kept = {"1", *map(str, work.profile.reserved_vlans)} if name == "trunk_vlans" else ()
            values[names] = settle_exact(name, declared, have, never_removed=kept)
        else:
            values[names] = settle_set(name, declared, have, ours=work.ours(path))


def _assemble(made: Mapping[tuple[str, str], Mapping[Path, Any]]) -> State:
    """The state that has these objects with these fields."""
    sections: dict[str, dict[Any, Any]] = {name: {} for name in SECTIONS}
    for (section, key), values in made.items():
        sections[section][int(key) if section == "vlans" else key] = assemble_object(section, values)
    return State(**sections)


def assemble_object(section: str, values: Mapping[Path, Any]) -> Any:
    """One object from its fields; an empty set stays one, unlike in ``device_profiles.leaves.build``."""
    whole = {names[0]: value for names, value in values.items() if len(names) == 1}
    spanning = {names[1]: value for names, value in values.items() if len(names) == 2}
    if spanning:
        whole["stp"] = Stp(**spanning)
    return SECTIONS[section](**whole)
