"""Which ways through a device must not be cut: the agent's own way to it, and its ways to the location's other nodes.

What counts is what a step does to a way, not which object it names: a VLAN more on the trunk that carries us cuts
nobody off. Where nobody can tell the own way, every trunk, LAG, VLAN with an address and port that faces a managed
node may be it: unknown is not safe (semantics, section 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from agents.elements import elements
from agents.feeding import goes_off
from agents.findings import Finding
from agents.guard import Scene, reach
from device_profiles.paths import Path, render_path
from device_profiles.state import Port, State
from drivers.contract import Step

_HARMLESS: Final = frozenset({"description", "stp"})
"""Fields of a port that carry no frame and stop none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way through a device. ``what`` and ``evidence`` are phrases for people.

    ``ports`` carry it, in ``vlan`` (None: in any of theirs); without one of ``vlans`` on the device it is cut as well.
    Without power at one of ``outlets`` it is cut, since they feed ``feeds``.
    """

    what: str
    ports: frozenset[str] = frozenset()
    vlan: int | None = None
    vlans: frozenset[int] = frozenset()
    outlets: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()
    evidence: str = ""

    @property
    def place(self) -> Path:
        """An object of the device by which it goes."""
        section, keys = ("ports", self.ports) if self.ports else ("outlets", self.outlets)
        return (section, min(keys)) if keys else (section,)

    def __str__(self) -> str:
        place = ", ".join((*sorted(self.ports), *(f"outlet {key}" for key in sorted(self.outlets))))
        carried = f" in VLAN {self.vlan}" if self.vlan is not None else ""
        return f"{self.what} ({place}{carried}: {self.evidence})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """All ways through a device that must not be cut. ``addressed`` are VLANs in which the device has an address."""

    ways: tuple[Way, ...] = ()
    own_known: bool = True
    facing: frozenset[str] = frozenset()
    addressed: frozenset[int] = frozenset()

    def cut_by(self, step: Step, scene: Scene) -> Way | None:
        """The way that a step cuts, or may cut; None where it cuts none."""
        ways = self.ways if self.own_known else (*self.ways, self._unknown(scene.observed))
        return next((way for way in ways if any(_cuts(way, path, step, scene) for path in reach(step))), None)

    def _unknown(self, observed: State) -> Way:
        ports = {key for key, port in observed.ports.items() if port.mode == "trunk"} | set(observed.lags) | self.facing
        return Way(
            what="what may be the agent's own path",
            ports=frozenset(ports),
            vlans=self.addressed,
            evidence="the device cannot tell; declare management: {ports: [...]} on the node",
        )


NO_WAYS: Final = Ways()


def may_cut(step: Step) -> bool:
    """Whether a step can cut any way at all, whichever there are: most steps cannot, and nobody need look."""
    for path in reach(step):
        section = path[0]
        if section == "lags" or (section == "vlans" and path in step.removes):
            return True
        if section == "ports" and (len(path) == 2 or path[2] not in _HARMLESS):
            return True
        if section == "outlets" and path[2:] != ("name",):
            return True
    return False


def _cuts(way: Way, path: Path, step: Step, scene: Scene) -> bool:
    section, key = path[0], path[1]
    if section == "outlets":
        return key in way.outlets and goes_off(path, scene)
    if section == "vlans":
        return path in step.removes and (int(key) == way.vlan or int(key) in way.vlans)
    if section == "lags":
        before, after = scene.observed.lags.get(key), scene.goal.state.lags.get(key)
        members = {*(before.members or () if before else ()), *(after.members or () if after else ())}
        return key in way.ports or bool(members & way.ports)
    # A member of a bundle that carries the way carries it, too.
    bundles = (lag for name, lag in scene.observed.lags.items() if name in way.ports)
    if section != "ports" or not (key in way.ports or any(key in (lag.members or ()) for lag in bundles)):
        return False
    return len(path) == 2 or _cuts_port(way, path, scene)


def _cuts_port(way: Way, path: Path, scene: Scene) -> bool:
    key, name = path[1], path[2]
    before, after = scene.observed.ports.get(key, Port()), scene.goal.state.ports.get(key, Port())
    if name in _HARMLESS:
        return False
    if name == "enabled":
        return before.enabled is not False
    if name != "trunk_vlans":
        return True
    kept = elements(after.trunk_vlans)
    if "all" in kept:
        return False
    if way.vlan is not None:
        carried = elements(before.trunk_vlans)
        return ("all" in carried or str(way.vlan) in carried) and str(way.vlan) not in kept
    return bool(elements(before.trunk_vlans).keys() - kept.keys())


@dataclass(frozen=True, slots=True)
class Uncut:
    """Refuses what cuts a way; where ``allowed``, only what has no way back (``no_way_back`` says why)."""

    ways: Ways
    allowed: bool
    no_way_back: str = ""

    def objection(self, step: Step, scene: Scene) -> Finding | None:
        """See :class:`agents.guard.Guard`."""
        if self.allowed and not self.no_way_back:
            return None
        way = self.ways.cut_by(step, scene)
        if way is None:
            return None
        path = render_path(next(iter(reach(step))))
        if not self.allowed:
            advice = "leave it out of the role, or allow: [own_path] on the node to have it tried with a way back"
            return Finding(path, "OwnPath", f"'{step.text}' touches {way}: {advice}")
        return Finding(path, "NoWayBack", f"'{step.text}' touches {way}, and {self.no_way_back}")
