"""The steps that make, change and remove LAGs, in whichever words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from device_profiles.compare import Goal
from device_profiles.paths import Path
from device_profiles.state import Lag, Port, State
from drivers.contract import Step
from drivers.errors import Unsupported
from drivers.planning import Edit, Phase
from drivers.switching import modes
from drivers.switching.rows import Rows


class Bundling(Protocol):
    """How a switch is told of its LAGs."""

    @property
    def shuts_leavers(self) -> bool:
        """Whether who leaves a LAG is shut for it, and stays so."""

    def refuse(self, edit: Edit) -> None:
        """Raise :class:`~drivers.errors.Unsupported` where the switch cannot have what an edit asks for."""

    def make(self, lag: str, wanted: Lag, carrying: Port) -> Rows:
        """A new LAG, with its members, and the switching ``carrying``."""

    def change(self, lag: str, before: Lag, target: Lag) -> Rows:
        """A LAG from ``before`` to ``target``, both complete."""

    def remove(self, lag: str, before: Lag) -> Rows:
        """Take a LAG apart."""


@dataclass(frozen=True, slots=True)
class Lags:
    """Plans the edits of LAGs: towards ``goal``, from ``observed``."""

    goal: Goal
    observed: State
    told: Bundling

    def step(self, edit: Edit) -> Step:
        """The step of one edit of a LAG. Raises :class:`~drivers.errors.Unsupported`."""
        self.told.refuse(edit)
        if edit.phase is Phase.REMOVE_LAGS:
            return self._remove(edit.key, edit.before)
        self._known(edit.key, edit.after)
        if edit.before is None:
            return self._make(edit.key, edit.after, edit.paths)
        return self._change(edit.key, edit.before, edit.after, edit.paths)

    def _known(self, lag: str, wanted: Lag) -> None:
        for member in wanted.members or ():
            if member not in self.observed.ports:
                raise Unsupported(f"lags.{lag}.members.{member}: the switch has no port {member}")

    def _make(self, lag: str, wanted: Lag, paths: tuple[Path, ...]) -> Step:
        own = wanted.members or ()
        carrying = modes.fresh(lag, self.goal.state.ports.get(lag))
        rows = self.told.make(lag, wanted, carrying)
        return Step(
            capability="lags",
            text=f"{lag}: bundle {', '.join(own)}, LACP {wanted.lacp or 'off'}, {modes.spoken(carrying)}",
            commands=tuple(rows.commands),
            undo=tuple(rows.undo),
            impact="flap",
            touches=(*paths, *modes.paths(lag), *(("ports", member) for member in own)),
            creates=(
                ("lags", lag),
                *(("lags", lag, "members", member) for member in own),
                *modes.elements(lag, modes.words(carrying)),
            ),
        )

    def _change(self, lag: str, before: Lag, wanted: Lag, paths: tuple[Path, ...]) -> Step:
        target = Lag(
            members=before.members if wanted.members is None else wanted.members,
            lacp=wanted.lacp or before.lacp,
            fallback=before.fallback if wanted.fallback is None else wanted.fallback,
            min_links=wanted.min_links or before.min_links,
        )
        joining, leaving = without(target.members, before.members), without(before.members, target.members)
        rows = self.told.change(lag, before, target)
        return Step(
            capability="lags.members" if joining or leaving else "lags.lacp",
            text=f"{lag}: {'; '.join(self._differences(before, target))}",
            commands=tuple(rows.commands),
            undo=tuple(rows.undo),
            impact="flap",
            touches=(*paths, *(("ports", member) for member in (*joining, *leaving))),
            creates=tuple(("lags", lag, "members", member) for member in joining),
            removes=tuple(("lags", lag, "members", member) for member in leaving),
        )

    def _remove(self, lag: str, before: Lag) -> Step:
        own = before.members or ()
        rows = self.told.remove(lag, before)
        named = ", ".join(own) or "nothing"
        shuts = f"shut {named}, and take the bundle apart"
        return Step(
            capability="lags",
            text=f"{lag}: {shuts if self.told.shuts_leavers else f'take the bundle of {named} apart'}",
            commands=tuple(rows.commands),
            undo=tuple(rows.undo),
            impact="outage",
            touches=(("lags", lag), ("ports", lag), *(("ports", member) for member in own)),
            removes=(("lags", lag),),
        )

    def _differences(self, before: Lag, target: Lag) -> Iterator[str]:
        if joining := without(target.members, before.members):
            yield f"add {', '.join(joining)}"
        if leaving := without(before.members, target.members):
            named = ", ".join(leaving)
            yield f"shut {named} and take it out" if self.told.shuts_leavers else f"take {named} out"
        if before.lacp != target.lacp:
            yield f"LACP {target.lacp}"
        if before.fallback != target.fallback:
            yield f"fallback {'on' if target.fallback else 'off'}"
        if before.min_links != target.min_links:
            yield f"at least {target.min_links} links"


def without(some: Iterable[str] | None, others: Iterable[str] | None) -> tuple[str, ...]:
    """Those of ``some`` that are not among ``others``, in their order."""
    return tuple(one for one in some or () if one not in (others or ()))


def opens(goal: Goal, member: str, before: Port) -> bool:
    """Whether a member that was shut to be bundled is opened again: as it was, unless it is declared to be shut."""
    declared = goal.state.ports.get(member)
    return bool(before.enabled) and not (declared is not None and declared.enabled is False)
