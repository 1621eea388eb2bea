"""Steps that make, change and remove LAGs.

A member of ``ae<N>`` may have no unit of its own; all of that changes in one commit, so nothing is shut meanwhile. Who
leaves a LAG has no unit either, and so switches nothing until somebody declares what. A LAG's interface is there only
where ``chassis aggregated-devices`` counts far enough; that number is only ever raised (see
:mod:`drivers.vendors.juniper_junos.committing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from device_profiles.compare import Goal
from device_profiles.paths import Path
from device_profiles.state import Lag, Port, State
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase
from drivers.vendors.juniper_junos import switching
from drivers.vendors.juniper_junos.dialect import Dialect
from drivers.vendors.juniper_junos.port_lines import (
    admin_lines,
    description_line,
    elements,
    own_lines,
    stp_delete_lines,
    switching_lines,
)

COUNT = "set chassis aggregated-devices ethernet device-count"
"""What makes LAGs possible; a number follows."""


@dataclass(frozen=True, slots=True)
class Bundles:
    """Plans the edits of LAGs: towards ``goal``, from ``observed``."""

    goal: Goal
    observed: State
    dialect: Dialect

    def step(self, edit: Edit) -> Step:
        """The step of one edit of a LAG. Raises :class:`~drivers.errors.Unsupported`."""
        if self.dialect.bundle_number(edit.key) is None:
            raise Unsupported(f"lags.{edit.key}: this switch names its LAGs like ae1: rename it in the role")
        if edit.phase is Phase.REMOVE_LAGS:
            return self._remove(edit.key, edit.before)
        if edit.before is None:
            return self._make(edit.key, edit.after, edit.paths)
        return self._change(edit.key, edit.before, edit.after, edit.paths)

    def _make(self, lag: str, wanted: Lag, paths: tuple[Path, ...]) -> Step:
        own = self._known(lag, wanted)
        carrying = self._carrying(lag)
        return Step(
            capability="lags",
            text=f"{lag}: bundle {', '.join(own)}, LACP {wanted.lacp or 'off'}, {switching.spoken(carrying)}",
            commands=tuple(self._made(lag, wanted, carrying, own)),
            undo=(*self._unbundled(own), *self._gone(lag)),
            impact="flap",
            touches=(*paths, *_switching_paths(lag), *(("ports", member) for member in own)),
            creates=(
                ("lags", lag),
                *(("lags", lag, "members", member) for member in own),
                *elements(lag, switching.words(carrying)),
            ),
        )

    def _made(self, lag: str, wanted: Lag, carrying: Port, members: Iterable[str]) -> Iterator[str]:
        yield f"{COUNT} {(self.dialect.bundle_number(lag) or 0) + 1}"
        yield from self._said(lag, Lag(lacp="off", min_links=1), wanted)
        yield from switching_lines(lag, Port(), carrying, self.dialect)
        for member in members:
            yield from self._bundled(lag, member)

    def _bundled(self, lag: str, member: str) -> Iterator[str]:
        """A port becomes a member; what only a port of its own may have goes."""
        yield from (f"delete interfaces {member} {words}" for words in ("unit", "native-vlan-id", "mtu"))
        yield from stp_delete_lines(member, self.dialect)
        yield f"set interfaces {member} {self.dialect.quirks.options} 802.3ad {lag}"

    def _unbundled(self, members: Iterable[str]) -> Iterator[str]:
        """Members become the plain ports that they were."""
        for member in members:
            yield f"delete interfaces {member} {self.dialect.quirks.options} 802.3ad"
            shown = self.observed.ports[member]
            if shown.mode is not None:
                yield from switching_lines(member, Port(), switching.of(shown), self.dialect)
            yield from own_lines(member, shown, self.dialect)

    def _gone(self, lag: str) -> Iterator[str]:
        yield f"delete interfaces {lag}"
        yield from stp_delete_lines(lag, self.dialect)

    def _carrying(self, lag: str) -> Port:
        """The switching that a new LAG starts with."""
        wanted = self.goal.state.ports.get(lag)
        if wanted is None or not switching.is_said(wanted):
            return switching.PLAIN
        return switching.settled(lag, wanted=wanted, before=Port())

    def _change(self, lag: str, before: Lag, wanted: Lag, paths: tuple[Path, ...]) -> Step:
        target = Lag(
            members=before.members if wanted.members is None else self._known(lag, wanted),
            lacp=wanted.lacp or before.lacp,
            min_links=wanted.min_links or before.min_links,
        )
        joining = _without(target.members, before.members)
        leaving = _without(before.members, target.members)
        return Step(
            capability="lags.members" if joining or leaving else "lags.lacp",
            text=_change_text(lag, before, target),
            commands=(
                *self._left(leaving),
                *self._said(lag, before, target),
                *(line for member in joining for line in self._bundled(lag, member)),
            ),
            undo=(
                *self._unbundled(joining),
                *self._said(lag, target, before),
                *(line for member in leaving for line in self._bundled(lag, member)),
            ),
            impact="flap",
            touches=(*paths, *(("ports", member) for member in (*joining, *leaving))),
            creates=tuple(("lags", lag, "members", member) for member in joining),
            removes=tuple(("lags", lag, "members", member) for member in leaving),
        )

    def _left(self, members: Iterable[str]) -> Iterator[str]:
        for member in members:
            yield f"delete interfaces {member} {self.dialect.quirks.options} 802.3ad"

    def _said(self, lag: str, before: Lag, target: Lag) -> Iterator[str]:
        """Statements of the LAG itself that change."""
        options = f"interfaces {lag} aggregated-ether-options"
        if target.lacp is not None and target.lacp != before.lacp:
            yield f"delete {options} lacp"
            if target.lacp != "off":
                yield f"set {options} lacp {target.lacp}"
        if target.min_links is not None and target.min_links != before.min_links:
            one = target.min_links == 1
            yield f"delete {options} minimum-links" if one else f"set {options} minimum-links {target.min_links}"

    def _remove(self, lag: str, before: Lag) -> Step:
        own = before.members or ()
        shown = self.observed.ports.get(lag, Port())
        undo = list(self._made(lag, before, switching.of(shown), own))
        if shown.description is not None:
            undo.append(description_line(lag, shown.description))
        return Step(
            capability="lags",
            text=f"{lag}: take the bundle of {', '.join(own) or 'nothing'} apart",
            commands=(*self._left(own), *self._gone(lag)),
            undo=(
                *undo,
                *own_lines(lag, shown, self.dialect),
                *(admin_lines(lag, up=False) if shown.enabled is False else ()),
            ),
            impact="outage",
            touches=(("lags", lag), ("ports", lag), *(("ports", member) for member in own)),
            removes=(("lags", lag),),
        )

    def _known(self, lag: str, wanted: Lag) -> tuple[str, ...]:
        own = wanted.members or ()
        for member in own:
            if member not in self.observed.ports or not self.dialect.is_physical(member):
                raise Unsupported(f"lags.{lag}.members.{member}: the switch has no port {member}")
        return own


def _switching_paths(port: str) -> tuple[Path, ...]:
    return tuple(("ports", port, field) for field in ("mode", "access_vlan", "native_vlan", "trunk_vlans"))


def _without(some: Iterable[str] | None, others: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(one for one in some or () if one not in (others or ()))


def _change_text(lag: str, before: Lag, target: Lag) -> str:
    parts = []
    if joining := _without(target.members, before.members):
        parts.append(f"add {', '.join(joining)}")
    if leaving := _without(before.members, target.members):
        parts.append(f"take {', '.join(leaving)} out")
    if before.lacp != target.lacp:
        parts.append(f"LACP {target.lacp}")
    if before.min_links != target.min_links:
        parts.append(f"at least {target.min_links} links")
    return f"{lag}: {'; '.join(parts)}"
