"""Steps that make, change and remove LAGs (Bridge-Aggregation, Eth-Trunk).

On Comware a member is selected only where it is configured like its LAG ("attribute configurations"), and what the LAG
is told later reaches its members; on VRP a member may have nothing of its own. Two cables between the same switches are
a loop as long as they are plain ports. So whoever joins, leaves or changes how it bundles is shut meanwhile. Who leaves
stays shut, and is opened again only where its being enabled is declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from device_profiles.compare import Goal
from device_profiles.paths import Path
from device_profiles.state import Lag, Port, State
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase
from drivers.vendors.hp_comware import switching, switching_lines
from drivers.vendors.hp_comware.dialect import Dialect, undone
from drivers.vendors.hp_comware.port_lines import elements, in_view, own_lines


@dataclass(frozen=True, slots=True)
class Bundles:
    """Plans the edits of LAGs: towards ``goal``, from ``observed``."""

    goal: Goal
    observed: State
    dialect: Dialect

    def step(self, edit: Edit) -> Step:
        """The step of one edit of a LAG. Raises :class:`~drivers.errors.Unsupported`."""
        lag, before = edit.key, edit.before
        if self.dialect.bundle_number(lag) is None:
            example = self.dialect.bundle_name("1")
            raise Unsupported(f"lags.{lag}: this switch names its LAGs like {example}: rename it in the role")
        if edit.after is not None and edit.after.lacp == "passive" and not self.dialect.words.passive:
            raise Unsupported(f"lags.{lag}.lacp is passive, and this switch only speaks LACP by itself: make it active")
        if before is not None and before.members and before.lacp is None:
            raise Unsupported(f"lags.{lag} has members that bundle in several modes, which could not be put back")
        if edit.phase is Phase.REMOVE_LAGS:
            return self._remove(lag, before)
        if before is None:
            return self._make(lag, edit.after, edit.paths)
        return self._change(lag, before, edit.after, edit.paths)

    def _make(self, lag: str, wanted: Lag, paths: tuple[Path, ...]) -> Step:
        own = self._known(lag, wanted)
        carrying = self._carrying(lag)
        shown = {member: self.observed.ports[member] for member in own}
        return Step(
            capability="lags",
            text=f"{lag}: bundle {', '.join(own)}, LACP {wanted.lacp or 'off'}, {switching.spoken(carrying)}",
            commands=tuple(self._made(lag, wanted, carrying, shown)),
            undo=(
                *(line for member, was in shown.items() for line in self._unbundled(member, carrying, was)),
                f"undo interface {lag}",
            ),
            impact="flap",
            touches=(*paths, *_switching_paths(lag), *(("ports", member) for member in own)),
            creates=(
                ("lags", lag),
                *(("lags", lag, "members", member) for member in own),
                *elements(lag, switching.words(carrying)),
            ),
        )

    def _made(self, lag: str, wanted: Lag, carrying: Port, members: dict[str, Port]) -> Iterator[str]:
        yield f"interface {lag}"
        yield from self._said(Lag(lacp="off", min_links=1), wanted)
        yield from switching_lines.lines(_nothing(self.dialect), carrying, self.dialect)
        yield "quit"
        for member, before in members.items():
            yield from self._bundled(lag, wanted, member, before, carrying)

    def _bundled(self, lag: str, wanted: Lag, member: str, before: Port, carrying: Port) -> Iterator[str]:
        """A port becomes a member."""
        target = _nothing(self.dialect) if self.dialect.quirks.plain_members else carrying
        yield from (f"interface {member}", "shutdown")
        yield from switching_lines.lines(replace(switching.of(before), enabled=False), target, self.dialect)
        yield self._group(lag)
        if wanted.lacp == "passive":
            yield self.dialect.words.passive
        if self._opens(member, before):
            yield "undo shutdown"
        yield "quit"

    def _group(self, lag: str) -> str:
        return self.dialect.words.member.format(number=self.dialect.bundle_number(lag))

    def _unbundled(
        self, member: str, carrying: Port, after: Port, *, was: Lag | None = None, stays_shut: bool = False
    ) -> Iterator[str]:
        """A member becomes the plain port ``after``."""
        start = _nothing(self.dialect) if self.dialect.quirks.plain_members else replace(carrying, enabled=False)
        yield from (f"interface {member}", "shutdown")
        yield from self._active(was)
        yield undone(self.dialect.words.member)
        yield from switching_lines.lines(start, switching.of(after), self.dialect)
        if after.enabled and not stays_shut:
            yield "undo shutdown"
        yield "quit"

    def _active(self, was: Lag | None) -> Iterator[str]:
        if was is not None and was.lacp == "passive":
            yield undone("lacp mode {way}")

    def _opens(self, member: str, before: Port) -> bool:
        """Whether a member is opened again: as it was, unless it is declared to be shut."""
        declared = self.goal.state.ports.get(member)
        return bool(before.enabled) and not (declared is not None and declared.enabled is False)

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
            commands=tuple(self._rebundled(lag, before, target, shuts_leavers=True)),
            undo=tuple(self._rebundled(lag, target, before, shuts_leavers=False)),
            impact="flap",
            touches=(*paths, *(("ports", member) for member in (*joining, *leaving))),
            creates=tuple(("lags", lag, "members", member) for member in joining),
            removes=tuple(("lags", lag, "members", member) for member in leaving),
        )

    def _rebundled(self, lag: str, before: Lag, target: Lag, *, shuts_leavers: bool) -> Iterator[str]:
        carrying = replace(switching.of(self.observed.ports[lag]), enabled=False)
        for member in _without(before.members, target.members):
            was = self.observed.ports[member]
            after = replace(_nothing(self.dialect), enabled=was.enabled) if shuts_leavers else was
            yield from self._unbundled(member, carrying, after, was=before, stays_shut=shuts_leavers)
        staying = [member for member in before.members or () if member in (target.members or ())]
        regroups = before.lacp != target.lacp
        for member in staying if regroups else ():
            yield from in_view(member, ("shutdown", *self._active(before), undone(self.dialect.words.member)))
        yield from in_view(lag, self._said(before, target))
        for member in staying if regroups else ():
            opens = ("undo shutdown",) if self._opens(member, self.observed.ports[member]) else ()
            passive = (self.dialect.words.passive,) if target.lacp == "passive" else ()
            yield from in_view(member, (self._group(lag), *passive, *opens))
        for member in _without(target.members, before.members):
            yield from self._bundled(lag, target, member, self._plain(member, lag), carrying)

    def _plain(self, member: str, lag: str) -> Port:
        """A port before it joins ``lag``; one that was a member of it has what a member has when it has left."""
        shown = self.observed.ports[member]
        was_member = member in (self.observed.lags[lag].members or ())
        return replace(_nothing(self.dialect), enabled=shown.enabled) if was_member else shown

    def _said(self, before: Lag, target: Lag) -> Iterator[str]:
        """Lines of the LAG itself that change."""
        words = self.dialect.words
        if (before.lacp or "off") != (target.lacp or "off") and "off" in (before.lacp or "off", target.lacp or "off"):
            yield words.no_lacp if (target.lacp or "off") == "off" else words.lacp
        if target.min_links is not None and target.min_links != (before.min_links or 1):
            one = target.min_links == 1
            yield undone(words.min_links) if one else words.min_links.format(number=target.min_links)

    def _remove(self, lag: str, before: Lag) -> Step:
        own = before.members or ()
        shown = self.observed.ports.get(lag, Port())
        carrying = replace(switching.of(shown), enabled=False)
        members = {member: self.observed.ports[member] for member in own}
        leave = [
            line
            for member, was in members.items()
            for line in self._unbundled(
                member, carrying, replace(_nothing(self.dialect), enabled=was.enabled), was=before, stays_shut=True
            )
        ]
        plain = {member: replace(_nothing(self.dialect), enabled=was.enabled) for member, was in members.items()}
        shut = () if shown.enabled is not False else ("shutdown",)
        return Step(
            capability="lags",
            text=f"{lag}: shut {', '.join(own) or 'nothing'}, and take the bundle apart",
            commands=(*leave, f"undo interface {lag}"),
            undo=(
                *self._made(lag, before, carrying, plain),
                *in_view(lag, (*own_lines(lag, shown, self.dialect), *shut)),
            ),
            impact="outage",
            touches=(("lags", lag), ("ports", lag), *(("ports", member) for member in own)),
            removes=(("lags", lag),),
        )

    def _known(self, lag: str, wanted: Lag) -> tuple[str, ...]:
        own = wanted.members or ()
        for member in own:
            if member not in self.observed.ports:
                raise Unsupported(f"lags.{lag}.members.{member}: the switch has no port {member}")
        return own


def _nothing(dialect: Dialect) -> Port:
    """The switching of an interface of which nothing is said."""
    return Port() if dialect.quirks.unsaid == "dynamic" else Port(mode="access", access_vlan=1)


def _switching_paths(port: str) -> tuple[Path, ...]:
    return tuple(("ports", port, field) for field in ("mode", "access_vlan", "native_vlan", "trunk_vlans"))


def _without(some: Iterable[str] | None, others: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(one for one in some or () if one not in (others or ()))


def _change_text(lag: str, before: Lag, target: Lag) -> str:
    parts = []
    if joining := _without(target.members, before.members):
        parts.append(f"add {', '.join(joining)}")
    if leaving := _without(before.members, target.members):
        parts.append(f"shut {', '.join(leaving)} and take it out")
    if before.lacp != target.lacp:
        parts.append(f"LACP {target.lacp}")
    if before.min_links != target.min_links:
        parts.append(f"at least {target.min_links} links")
    return f"{lag}: {'; '.join(parts)}"
