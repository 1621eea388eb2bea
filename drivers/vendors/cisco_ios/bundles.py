"""Steps that make, change and remove LAGs (Port-channels).

A member has to be configured like its LAG before it is bundled (Cisco: "all ports in an EtherChannel must be configured
with the same allowed range of VLANs", EtherChannel configuration guidelines), and two cables between the same switches
are a loop as long as they are plain ports. So whoever joins, leaves or changes how it bundles is shut meanwhile. Who
leaves stays shut, and is opened again only where its being enabled is declared.
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
from drivers.vendors.cisco_ios import switching, switching_lines
from drivers.vendors.cisco_ios.dialect import Dialect
from drivers.vendors.cisco_ios.port_lines import elements, own_lines

_GROUP_MODES = {"active": "active", "passive": "passive", "off": "on", None: "on"}


@dataclass(frozen=True, slots=True)
class Bundles:
    """Plans the edits of LAGs: towards ``goal``, from ``observed``."""

    goal: Goal
    observed: State
    dialect: Dialect

    def step(self, edit: Edit) -> Step:
        """The step of one edit of a LAG. Raises :class:`~drivers.errors.Unsupported`."""
        if self.dialect.bundle_number(edit.key) is None:
            example = self.dialect.bundle_name("1")
            raise Unsupported(f"lags.{edit.key}: this switch names its LAGs like {example}: rename it in the role")
        if edit.before is not None and edit.before.members and edit.before.lacp is None:
            raise Unsupported(f"lags.{edit.key} bundles by PAgP or in several modes, which could not be put back")
        if edit.phase is Phase.REMOVE_LAGS:
            return self._remove(edit.key, edit.before)
        if edit.before is None:
            return self._make(edit.key, edit.after, edit.paths)
        return self._change(edit.key, edit.before, edit.after, edit.paths)

    def _make(self, lag: str, wanted: Lag, paths: tuple[Path, ...]) -> Step:
        own = self._known(lag, wanted)
        carrying = self._carrying(lag)
        undo = [line for member in own for line in self._unbundled(member, carrying, self.observed.ports[member])]
        return Step(
            capability="lags",
            text=f"{lag}: bundle {', '.join(own)}, LACP {wanted.lacp or 'off'}, {switching.spoken(carrying)}",
            commands=tuple(self._made(lag, wanted, carrying, {member: self.observed.ports[member] for member in own})),
            undo=(*undo, f"no interface {lag}"),
            impact="flap",
            touches=(*paths, *_switching_paths(lag), *(("ports", member) for member in own)),
            creates=(
                ("lags", lag),
                *(("lags", lag, "members", member) for member in own),
                *elements(lag, set(switching.words(carrying))),
            ),
        )

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
        yield from switching_lines.lines(switching.of(before), carrying, self.dialect)
        yield self._group(lag, wanted)
        if self._opens(member, before):
            yield "no shutdown"

    def _unbundled(self, member: str, carrying: Port, after: Port, *, stays_shut: bool = False) -> Iterator[str]:
        """A member becomes the plain port ``after``."""
        yield from (f"interface {member}", "shutdown", "no channel-group")
        yield from switching_lines.lines(carrying, switching.of(after), self.dialect)
        if after.enabled and not stays_shut:
            yield "no shutdown"

    def _group(self, lag: str, wanted: Lag) -> str:
        return f"channel-group {self.dialect.bundle_number(lag)} mode {_GROUP_MODES[wanted.lacp]}"

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
            fallback=before.fallback if wanted.fallback is None else wanted.fallback,
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
        carrying = switching.of(self.observed.ports[lag])
        for member in _without(before.members, target.members):
            was = self.observed.ports[member]
            after = Port(enabled=was.enabled) if shuts_leavers else was
            yield from self._unbundled(member, carrying, after, stays_shut=shuts_leavers)
        said = tuple(self._said(before, target))
        if said:
            yield f"interface {lag}"
            yield from said
        if before.lacp != target.lacp:
            yield from self._regrouped(lag, before, target)
        for member in _without(target.members, before.members):
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
                if self._opens(member, self.observed.ports[member]):
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

    def _remove(self, lag: str, before: Lag) -> Step:
        own = before.members or ()
        shown = self.observed.ports.get(lag, Port())
        carrying = switching.of(shown)
        members = {member: self.observed.ports[member] for member in own}
        leave = [
            line
            for member, was in members.items()
            for line in self._unbundled(member, carrying, Port(enabled=was.enabled), stays_shut=True)
        ]
        undo = list(
            self._made(lag, before, carrying, {member: replace(was, mode=None) for member, was in members.items()})
        )
        return Step(
            capability="lags",
            text=f"{lag}: shut {', '.join(own) or 'nothing'}, and take the bundle apart",
            # It is named before it goes: where it is gone already, it may not be said to go again.
            commands=(*leave, f"interface {lag}", f"no interface {lag}"),
            undo=(
                *undo,
                f"interface {lag}",
                *own_lines(shown, self.dialect),
                *(() if shown.enabled else ("shutdown",)),
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
    if before.fallback != target.fallback:
        parts.append(f"fallback {'on' if target.fallback else 'off'}")
    if before.min_links != target.min_links:
        parts.append(f"at least {target.min_links} links")
    return f"{lag}: {'; '.join(parts)}"
