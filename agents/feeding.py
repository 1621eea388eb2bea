"""What outlets feed, and what must not lose its power: the last live feed of a machine (pure).

It is known from what a node declares (``management.feeds``), else from the names on its outlets, as they are or shall
be: ``web-07/psu0`` is somebody's, ``Outlet 7`` is nobody's. What feeds a node of the location, the agent or a console
server is guarded as ports are (:mod:`agents.ways`). For every other machine it counts whether another feed stays on:
one that was seen on, is not declared off and is not being cycled, at this node or at another one of this agent. A feed
that another agent keeps is not seen, and does not count: unknown is not safe (semantics, sections 4 and 6).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from agents.findings import Finding
from agents.guard import Scene, reach
from agents.tokens import Cycle
from device_profiles.compare import Goal
from device_profiles.paths import Path, render_path
from device_profiles.state import Outlet, State
from drivers.contract import Step
from drivers.labels import labels

SECTION: Final = "outlets"
LAST_FEED: Final = "LastFeed"


@dataclass(frozen=True, slots=True)
class Fed:
    """What an outlet feeds: ``whom`` as people write it, and how that is known."""

    outlet: str
    whom: str
    evidence: str

    @property
    def plain(self) -> str:
        """The name by which feeds of one machine are known to be its own."""
        return plain(self.whom)


def plain(name: str) -> str:
    """A name without its domain, in small letters; an address as it is."""
    text = name.strip().lower()
    return text if text.replace(".", "").isdecimal() else text.partition(".")[0]


def feeds(observed: State, desired: State, declared: Mapping[str, str]) -> dict[str, Fed]:
    """What the outlets of a node feed, by outlet."""
    found: dict[str, Fed] = {}
    # What it was named until now stands first: a name is changed in the same pass as power, and may be changed late.
    for state, says in ((desired, "shall be named"), (observed, "is named")):
        names = ((key, item.name or key) for key, item in state.outlets.items())
        for label in labels(names):
            found[label.port] = Fed(label.port, label.name, f"outlet {label.port} {says} {label.port_description}")
    for key, text in declared.items():
        if key in observed.outlets:
            found[key] = Fed(key, text.partition("/")[0].strip(), "declared in the node's management")
    return found


def goes_off(path: Path, scene: Scene) -> bool:
    """Whether a step that changes ``path`` takes power from an outlet."""
    if path[0] != SECTION or path[2:] not in {("power",), ("cycled_at",), ()}:
        return False
    after = scene.goal.state.outlets.get(path[1])
    return after is not None and after.power == "off"


def cycling(due: Iterable[Cycle]) -> Goal:
    """What the outlets that are cycled come to on their way."""
    keys = (cycle.place[1] for cycle in due if cycle.place[0] == SECTION)
    return Goal(State(outlets={key: Outlet(power="off") for key in keys}))


def steady(
    fed: Mapping[str, Fed], observed: State, desired: State, *, leaving: Collection[str] = frozenset()
) -> frozenset[str]:
    """Who has a feed here that is on and stays on."""
    return frozenset(
        each.plain
        for key, each in fed.items()
        if (shown := observed.outlets.get(key)) is not None
        and shown.power == "on"
        and key not in leaving
        and ((wanted := desired.outlets.get(key)) is None or wanted.power != "off")
    )


@dataclass(frozen=True, slots=True)
class LastFeeds:
    """Refuses what takes the last live feed from a machine. ``elsewhere`` are those with one at another node."""

    fed: Mapping[str, Fed]
    desired: State
    elsewhere: frozenset[str]
    allowed: bool

    def objection(self, step: Step, scene: Scene) -> Finding | None:
        """See :class:`agents.guard.Guard`."""
        if self.allowed:
            return None
        for path in reach(step):
            each = self.fed.get(path[1]) if goes_off(path, scene) else None
            if each is not None and not self._has_another(each, scene):
                message = f"'{step.text}' takes the last feed that is on from {each.whom} ({each.evidence})"
                return Finding(render_path(path), LAST_FEED, f"{message}: allow: [outage] on the node to have it done")
        return None

    def _has_another(self, each: Fed, scene: Scene) -> bool:
        leaving = {key for key, item in scene.goal.state.outlets.items() if item.power == "off"}
        here = steady(self.fed, scene.observed, self.desired, leaving={*leaving, each.outlet})
        return each.plain in here | self.elsewhere


NO_FEEDS: Final = LastFeeds({}, State(), frozenset(), allowed=True)
