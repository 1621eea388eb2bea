"""How the switch is told what is planned: a port's untagged VLAN first, then its tags, the new before the old."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from device_profiles.compare import Goal
from device_profiles.profile import Profile
from device_profiles.state import Lag, Port, State, Vlan
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit
from drivers.switching import modes, planner, vlans
from drivers.switching.ports import PortChange
from drivers.switching.rows import Rows
from drivers.vendors.vde_switch.reading import FIRST, NONE, TAGGED, UNTAGGED

_NEW: Final = Port(mode="access", access_vlan=1)
_LAST_VLAN: Final = 4093


def plan(goal: Goal, observed: State, profile: Profile) -> tuple[Step, ...]:
    """The steps from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    return planner.plan(goal, observed, profile=profile, tongue=_Tongue(profile))


class _NoBundles:
    """The switch has no LAGs; a declaration of one was refused before it comes here."""

    shuts_leavers = False

    def refuse(self, edit: Edit) -> None:
        raise _no_lags(edit.key)

    def make(self, lag: str, wanted: Lag, carrying: Port) -> Rows:  # noqa: ARG002 -- as Bundling has it
        raise _no_lags(lag)

    def change(self, lag: str, before: Lag, target: Lag) -> Rows:  # noqa: ARG002 -- likewise
        raise _no_lags(lag)

    def remove(self, lag: str, before: Lag) -> Rows:  # noqa: ARG002 -- likewise
        raise _no_lags(lag)


def _no_lags(lag: str) -> Unsupported:
    return Unsupported(f"lags.{lag} is declared, and the switch has no LAGs")


@dataclass(frozen=True, slots=True)
class _Tongue:
    profile: Profile
    bundling = _NoBundles()
    plain = _NEW

    def admin(self, port: str, *, up: bool) -> Step:
        raise Unsupported(f"ports.{port}.enabled is declared, and the switch cannot {'open' if up else 'shut'} a port")

    def vlan(self, edit: Edit) -> Step:
        vlans.refuse_reserved(edit, self.profile)
        if int(edit.key) > _LAST_VLAN:
            raise Unsupported(f"vlans.{edit.key} is declared, and the switch has VLANs up to {_LAST_VLAN} only")
        return vlans.step(edit, vlans.rows(edit, _made, lambda number: (f"vlan/remove {number}",)), name="")

    def port(self, change: PortChange) -> Step:
        return change.step(lambda before, after: _told(change.port, before, after))


def _made(number: int, vlan: Vlan) -> tuple[str, ...]:
    del vlan  # it has no name here
    return (f"vlan/create {number}",)


def _told(port: str, before: Port, after: Port) -> Iterator[str]:
    if _NEW in (modes.of(before), modes.of(after)):
        yield f"port/create {port}"  # it may not have been made yet
    untagged, tagged = _untagged(after), _tagged(after)
    yield f"port/setvlan {port} {untagged}"
    for vlan in sorted(tagged):
        yield f"vlan/addport {vlan} {port}"
    for vlan in sorted(_tagged(before) - tagged - {untagged}):
        yield f"vlan/delport {vlan} {port}"


def _untagged(port: Port) -> int:
    if port.mode == "other":
        return int(modes.written_back(port)[0].removeprefix(UNTAGGED))
    vlan = port.access_vlan if port.mode == "access" else port.native_vlan
    if vlan is None or isinstance(vlan, str):
        return NONE
    return FIRST if vlan == 1 else vlan


def _tagged(port: Port) -> set[int]:
    if port.mode == "other":
        words = modes.written_back(port)[1].removeprefix(TAGGED)
        return set(map(int, words.split(","))) if words else set()
    if port.trunk_vlans == "all":
        raise Unsupported("trunk_vlans: all is declared, and the switch is told each VLAN by itself: name them")
    tagged = set(port.trunk_vlans or ()) if port.mode == "trunk" else set()
    if 1 in tagged:
        raise Unsupported("VLAN 1 is declared with a tag, and the switch has it for untagged frames only")
    return tagged
