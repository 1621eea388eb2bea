"""How an IOS-like switch is told of its LAGs (Port-channels).

A member has to be configured like its LAG before it is bundled (Cisco: "all ports in an EtherChannel must be configured
with the same allowed range of VLANs", EtherChannel configuration guidelines), and two cables between the same switches
are a loop as long as they are plain ports. So whoever joins, leaves or changes how it bundles is shut meanwhile. Who
leaves stays shut, and is opened again only where its being enabled is declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from device_profiles.compare import Goal
from device_profiles.state import Lag, Port, State
from drivers.errors import Unsupported
from drivers.planning import Edit
from drivers.switching import modes
from drivers.switching.lags import opens, without
from drivers.switching.rows import Rows
from drivers.vendors.cisco_ios import switching_lines
from drivers.vendors.cisco_ios.dialect import Dialect
from drivers.vendors.cisco_ios.port_lines import own_lines

_GROUP_MODES: Final = {"active": "active", "passive": "passive", "off": "on", None: "on"}


@dataclass(frozen=True, slots=True)
class Bundles:
    """The lines of LAGs (see :class:`drivers.switching.lags.Bundling`)."""

    shuts_leavers: ClassVar[bool] = True

    goal: Goal
    observed: State
    dialect: Dialect

    def refuse(self, edit: Edit) -> None:
        """Raise :class:`~drivers.errors.Unsupported` for another name of a LAG, and for what could not be put back."""
        self.dialect.names.refuse_lag(edit.key, example=self.dialect.bundle_name("1"))
        if edit.before is not None and edit.before.members and edit.before.lacp is None:
            raise Unsupported(f"lags.{edit.key} bundles by PAgP or in several modes, which could not be put back")

    def make(self, lag: str, wanted: Lag, carrying: Port) -> Rows:
        """The LAG, and then its members."""
        members = {member: self.observed.ports[member] for member in wanted.members or ()}
        undo = (line for member, was in members.items() for line in self._unbundled(member, carrying, was))
        return Rows(self._made(lag, wanted, carrying, members), (*undo, *_gone(lag)))

    def _made(self, lag: str, wanted: Lag, carrying: Port, members: dict[str, Port]) -> Iterator[str]:
        yield from self.dialect.words.lag_needs
        yield f"interface {lag}"
        yield from switching_lines.lines(Port(), carrying, self.dialect)
        yield from self._said(Lag(fallback=False, min_links=1), wanted)
        for member, before in members.items():
            yield from self._bundled(lag, wanted, member, before, carrying)

    def _bundled(self, lag: str, wanted: Lag, member: str, before: Port, carrying: Port) -> Iterator[str]:
        """A port becomes a member."""
        yield from (f"interface {member}", "shutdown")
        yield from switching_lines.lines(modes.of(before), carrying, self.dialect)
        yield self._group(lag, wanted)
        if opens(self.goal, member, before):
            yield "no shutdown"

    def _unbundled(self, member: str, carrying: Port, after: Port, *, stays_shut: bool = False) -> Iterator[str]:
        """A member becomes the plain port ``after``."""
        yield from (f"interface {member}", "shutdown", "no channel-group")
        yield from switching_lines.lines(carrying, modes.of(after), self.dialect)
        if after.enabled and not stays_shut:
            yield "no shutdown"

    def _group(self, lag: str, wanted: Lag) -> str:
        return f"channel-group {self.dialect.names.bundle_number(lag)} mode {_GROUP_MODES[wanted.lacp]}"

    def change(self, lag: str, before: Lag, target: Lag) -> Rows:
        """Who leaves first, then the LAG itself, then who joins."""
        return Rows(
            self._rebundled(lag, before, target, shuts_leavers=True),
            self._rebundled(lag, target, before, shuts_leavers=False),
        )

    def _rebundled(self, lag: str, before: Lag, target: Lag, *, shuts_leavers: bool) -> Iterator[str]:
        carrying = modes.of(self.observed.ports[lag])
        for member in without(before.members, target.members):
            was = self.observed.ports[member]
            after = Port(enabled=was.enabled) if shuts_leavers else was
            yield from self._unbundled(member, carrying, after, stays_shut=shuts_leavers)
        said = tuple(self._said(before, target))
        if said:
            yield f"interface {lag}"
            yield from said
        if before.lacp != target.lacp:
            yield from self._regrouped(lag, before, target)
        for member in without(target.members, before.members):
            yield from self._bundled(lag, target, member, self._plain(member, lag), carrying)

    def _plain(self, member: str, lag: str) -> Port:
        """A port before it joins ``lag``; the switching of another LAG that it was a member of went with that."""
        shown = self.observed.ports[member]
        return replace(shown, mode=None) if member in (self.observed.lags[lag].members or ()) else shown

    def _regrouped(self, lag: str, before: Lag, target: Lag) -> Iterator[str]:
        """Members that stay bundle in another way: IOS wants them taken out for it."""
        for member in before.members or ():
            if member in (target.members or ()):
                yield from (f"interface {member}", "shutdown", "no channel-group", self._group(lag, target))
                if opens(self.goal, member, self.observed.ports[member]):
                    yield "no shutdown"

    def _said(self, before: Lag, target: Lag) -> Iterator[str]:
        """Lines of the LAG itself that change."""
        words = self.dialect.words
        if target.min_links is not None and (target.min_links or 1) != (before.min_links or 1):
            said = words.min_links.format(number=target.min_links)
            # The smallest number is what a LAG has where nothing is said, and may not be said (IOS: 2 to 8).
            yield f"no {words.min_links.partition(' {')[0]}" if target.min_links == 1 else said
        if target.fallback is not None and bool(target.fallback) != bool(before.fallback) and words.fallback:
            yield words.fallback if target.fallback else f"no {words.fallback.rpartition(' ')[0]}"

    def remove(self, lag: str, before: Lag) -> Rows:
        """Its members are shut and plain before it goes."""
        return Rows((*self._left(lag, before), *_gone(lag)), self._back(lag, before))

    def _left(self, lag: str, before: Lag) -> Iterator[str]:
        carrying = modes.of(self.observed.ports.get(lag, Port()))
        for member in before.members or ():
            after = Port(enabled=self.observed.ports[member].enabled)
            yield from self._unbundled(member, carrying, after, stays_shut=True)

    def _back(self, lag: str, before: Lag) -> Iterator[str]:
        shown = self.observed.ports.get(lag, Port())
        members = {member: replace(self.observed.ports[member], mode=None) for member in before.members or ()}
        yield from self._made(lag, before, modes.of(shown), members)
        yield f"interface {lag}"
        yield from own_lines(shown, self.dialect)
        if not shown.enabled:
            yield "shutdown"


def _gone(lag: str) -> tuple[str, str]:
    """A LAG is named before it goes: where it is gone already, it may not be said to go again."""
    return f"interface {lag}", f"no interface {lag}"
