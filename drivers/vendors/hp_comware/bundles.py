"""How a Comware-like switch is told of its LAGs (Bridge-Aggregation, Eth-Trunk).

On Comware a member is selected only where it is configured like its LAG ("attribute configurations"), and what the LAG
is told later reaches its members; on VRP a member may have nothing of its own. Two cables between the same switches are
a loop as long as they are plain ports. So whoever joins, leaves or changes how it bundles is shut meanwhile. Who leaves
stays shut, and is opened again only where its being enabled is declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from device_profiles.compare import Goal
from device_profiles.state import Lag, Port, State
from drivers.errors import Unsupported
from drivers.planning import Edit
from drivers.switching import modes
from drivers.switching.lags import opens, without
from drivers.switching.rows import Rows
from drivers.vendors.hp_comware import switching_lines
from drivers.vendors.hp_comware.dialect import Dialect, undone
from drivers.vendors.hp_comware.port_lines import QUIT, in_view, own_lines


@dataclass(frozen=True, slots=True)
class Bundles:
    """The lines of LAGs (see :class:`drivers.switching.lags.Bundling`)."""

    shuts_leavers: ClassVar[bool] = True

    goal: Goal
    observed: State
    dialect: Dialect

    def refuse(self, edit: Edit) -> None:
        """Raise :class:`~drivers.errors.Unsupported` for what the switch cannot have, and could not put back."""
        lag, before, after = edit.key, edit.before, edit.after
        self.dialect.names.refuse_lag(lag, example=self.dialect.bundle_name("1"))
        if after is not None and after.lacp == "passive" and not self.dialect.words.passive:
            raise Unsupported(f"lags.{lag}.lacp is passive, and this switch only speaks LACP by itself: make it active")
        if before is not None and before.members and before.lacp is None:
            raise Unsupported(f"lags.{lag} has members that bundle in several modes, which could not be put back")

    def make(self, lag: str, wanted: Lag, carrying: Port) -> Rows:
        """The LAG, and then its members."""
        members = {member: self.observed.ports[member] for member in wanted.members or ()}
        undo = (line for member, was in members.items() for line in self._unbundled(member, carrying, was))
        return Rows(self._made(lag, wanted, carrying, members), (*undo, f"undo interface {lag}"))

    def _made(self, lag: str, wanted: Lag, carrying: Port, members: dict[str, Port]) -> Iterator[str]:
        yield f"interface {lag}"
        yield from self._said(Lag(lacp="off", min_links=1), wanted)
        yield from switching_lines.lines(self.dialect.plain, carrying, self.dialect)
        yield QUIT
        for member, before in members.items():
            yield from self._bundled(lag, wanted, member, before, carrying)

    def _bundled(self, lag: str, wanted: Lag, member: str, before: Port, carrying: Port) -> Iterator[str]:
        """A port becomes a member."""
        target = self.dialect.plain if self.dialect.quirks.plain_members else carrying
        yield from (f"interface {member}", "shutdown")
        yield from switching_lines.lines(modes.of(before), target, self.dialect)
        yield self._group(lag)
        if wanted.lacp == "passive":
            yield self.dialect.words.passive
        if opens(self.goal, member, before):
            yield "undo shutdown"
        yield QUIT

    def _group(self, lag: str) -> str:
        return self.dialect.words.member.format(number=self.dialect.names.bundle_number(lag))

    def _unbundled(
        self, member: str, carrying: Port, after: Port, *, was: Lag | None = None, stays_shut: bool = False
    ) -> Iterator[str]:
        """A member becomes the plain port ``after``."""
        start = self.dialect.plain if self.dialect.quirks.plain_members else modes.of(carrying)
        yield from (f"interface {member}", "shutdown")
        yield from self._active(was)
        yield undone(self.dialect.words.member)
        yield from switching_lines.lines(start, modes.of(after), self.dialect)
        if after.enabled and not stays_shut:
            yield "undo shutdown"
        yield QUIT

    def _active(self, was: Lag | None) -> Iterator[str]:
        if was is not None and was.lacp == "passive":
            yield undone("lacp mode {way}")

    def change(self, lag: str, before: Lag, target: Lag) -> Rows:
        """Who leaves first, then the LAG itself, then who joins."""
        return Rows(
            self._rebundled(lag, before, target, shuts_leavers=True),
            self._rebundled(lag, target, before, shuts_leavers=False),
        )

    def _rebundled(self, lag: str, before: Lag, target: Lag, *, shuts_leavers: bool) -> Iterator[str]:
        carrying = modes.of(self.observed.ports[lag])
        for member in without(before.members, target.members):
            shown = self.observed.ports[member]
            after = replace(self.dialect.plain, enabled=shown.enabled) if shuts_leavers else shown
            yield from self._unbundled(member, carrying, after, was=before, stays_shut=shuts_leavers)
        staying = [member for member in before.members or () if member in (target.members or ())]
        regrouped = staying if before.lacp != target.lacp else ()
        for member in regrouped:
            yield from in_view(member, ("shutdown", *self._active(before), undone(self.dialect.words.member)))
        yield from in_view(lag, self._said(before, target))
        for member in regrouped:
            open_again = ("undo shutdown",) if opens(self.goal, member, self.observed.ports[member]) else ()
            passive = (self.dialect.words.passive,) if target.lacp == "passive" else ()
            yield from in_view(member, (self._group(lag), *passive, *open_again))
        for member in without(target.members, before.members):
            yield from self._bundled(lag, target, member, self._plain(member, lag), carrying)

    def _plain(self, member: str, lag: str) -> Port:
        """A port before it joins ``lag``; one that was a member of it has what a member has when it has left."""
        shown = self.observed.ports[member]
        was_member = member in (self.observed.lags[lag].members or ())
        return replace(self.dialect.plain, enabled=shown.enabled) if was_member else shown

    def _said(self, before: Lag, target: Lag) -> Iterator[str]:
        """Lines of the LAG itself that change."""
        words = self.dialect.words
        had, has = before.lacp or "off", target.lacp or "off"
        if had != has and "off" in (had, has):
            yield words.no_lacp if has == "off" else words.lacp
        if target.min_links is not None and target.min_links != (before.min_links or 1):
            one = target.min_links == 1
            yield undone(words.min_links) if one else words.min_links.format(number=target.min_links)

    def remove(self, lag: str, before: Lag) -> Rows:
        """Its members are shut and plain before it goes."""
        return Rows((*self._left(lag, before), f"undo interface {lag}"), self._back(lag, before))

    def _left(self, lag: str, before: Lag) -> Iterator[str]:
        carrying = self.observed.ports.get(lag, Port())
        for member in before.members or ():
            after = replace(self.dialect.plain, enabled=self.observed.ports[member].enabled)
            yield from self._unbundled(member, carrying, after, was=before, stays_shut=True)

    def _back(self, lag: str, before: Lag) -> Iterator[str]:
        shown = self.observed.ports.get(lag, Port())
        members = {
            member: replace(self.dialect.plain, enabled=self.observed.ports[member].enabled)
            for member in before.members or ()
        }
        yield from self._made(lag, before, modes.of(shown), members)
        shut = ("shutdown",) if shown.enabled is False else ()
        yield from in_view(lag, (*own_lines(lag, shown, self.dialect), *shut))
