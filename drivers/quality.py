"""The quality of a profile, rule by rule: done, to do, or exempt and why.

What a program can check it checks; a profile's ``[quality]`` block holds what it cannot: rules that only people can
judge, and exemptions with their reason. A block that says of a checked rule what is not so is a problem that a test
reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from device_profiles.profile import Profile
from drivers.levels import Evidence

DONE: Final = "done"
TODO: Final = "todo"
EXEMPT: Final = "exempt: "

_Check = Callable[[Profile, Evidence], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Without a ``check`` only people can say whether it is kept."""

    name: str
    sentence: str
    check: _Check | None = None


def _declares(ability: str) -> _Check:
    return lambda profile, _: ability in profile.capabilities


RULES: Final[tuple[Rule, ...]] = (
    Rule("twin", "keeps every promise on a twin", lambda _, found: found.twin.whole),
    Rule("grammar", "the twin's grammar names its source", lambda _, found: bool(found.twin.source)),
    Rule("recordings", "reads recordings of real devices", lambda _, found: found.recordings.read > 0),
    Rule("real", "keeps every promise on real software or hardware", lambda _, found: found.real.whole),
    Rule("operation", "tells what the device is doing", _declares("operation")),
    Rule("facts", "tells what the device is", _declares("facts")),
    Rule("neighbours", "tells who is at the other end of its cables", _declares("neighbours")),
    Rule("fdb", "tells which MAC addresses were learned where", _declares("fdb")),
    Rule("watch", "is told of changes by the device", _declares("watch")),
    Rule("way-back", "can have the device take back what is not confirmed", _declares("confirmed_commit")),
    Rule("identity", "knows which device it talks to", lambda profile, _: bool(profile.identity)),
    Rule("port-names", "brings every spelling of a port to one", lambda profile, _: bool(profile.port_names.rules)),
    Rule("second-access", "was tried over more than one transport"),
    Rule("documents", "its commands were compared with the vendor's documents"),
)
_BY_NAME: Final = {rule.name: rule for rule in RULES}


def quality(profile: Profile, found: Evidence) -> dict[str, str]:
    """What holds of each rule: ``done``, ``todo``, or ``exempt: why``."""
    return {rule.name: _status(rule, profile, found) for rule in RULES}


def _status(rule: Rule, profile: Profile, found: Evidence) -> str:
    said = profile.quality.get(rule.name, TODO)
    if rule.check is None or said.startswith(EXEMPT):
        return said
    return DONE if rule.check(profile, found) else TODO


def problems(profile: Profile, found: Evidence) -> tuple[str, ...]:
    """What a profile's quality block says that is not so, a sentence each."""
    return tuple(_problems(profile, found))


def _problems(profile: Profile, found: Evidence) -> Iterator[str]:
    for name, said in profile.quality.items():
        rule = _BY_NAME.get(name)
        if rule is None:
            yield f"{profile.name}: quality.{name}: there is no such rule"
        elif said not in (DONE, TODO) and not said.startswith(EXEMPT):
            yield f"{profile.name}: quality.{name}: is {DONE}, {TODO} or '{EXEMPT}' and a reason"
        elif said.startswith(EXEMPT) and not said.removeprefix(EXEMPT).strip():
            yield f"{profile.name}: quality.{name}: an exemption has a reason"
        elif rule.check is not None and rule.check(profile, found) != (said == DONE):
            yield f"{profile.name}: quality.{name}: says {said.partition(':')[0]}, and a check says otherwise"
