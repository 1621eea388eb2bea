"""How a Junos-like switch is told of its LAGs.

A member of ``ae<N>`` may have no unit of its own; all of that changes in one commit, so nothing is shut meanwhile. Who
leaves a LAG has no unit either, and so switches nothing until somebody declares what. A LAG's interface is there only
where ``chassis aggregated-devices`` counts far enough; that number is only ever raised (see
:mod:`drivers.vendors.juniper_junos.committing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from device_profiles.state import Lag, Port, State
from drivers.errors import Unsupported
from drivers.planning import Edit
from drivers.switching import modes
from drivers.switching.lags import without
from drivers.switching.rows import Rows
from drivers.vendors.juniper_junos.dialect import Dialect
from drivers.vendors.juniper_junos.port_lines import (
    admin_lines,
    description_line,
    own_lines,
    stp_delete_lines,
    switching_lines,
)

COUNT: Final = "set chassis aggregated-devices ethernet device-count"
"""What makes LAGs possible; a number follows."""


@dataclass(frozen=True, slots=True)
class Bundles:
    """The lines of LAGs (see :class:`drivers.switching.lags.Bundling`)."""

    shuts_leavers: ClassVar[bool] = False

    observed: State
    dialect: Dialect

    def refuse(self, edit: Edit) -> None:
        """Raise :class:`~drivers.errors.Unsupported` for another name of a LAG, and for members that are no ports."""
        self.dialect.names.refuse_lag(edit.key, example="ae1")
        for member in (edit.after.members or ()) if edit.after is not None else ():
            if not self.dialect.names.is_physical(member):
                raise Unsupported(f"lags.{edit.key}.members.{member}: the switch has no port {member}")

    def make(self, lag: str, wanted: Lag, carrying: Port) -> Rows:
        """The LAG, and then its members."""
        own = wanted.members or ()
        return Rows(self._made(lag, wanted, carrying, own), (*self._unbundled(own), *self._gone(lag)))

    def _made(self, lag: str, wanted: Lag, carrying: Port, members: Iterable[str]) -> Iterator[str]:
        yield f"{COUNT} {(self.dialect.names.bundle_number(lag) or 0) + 1}"
        yield from self._said(lag, Lag(lacp="off", min_links=1), wanted)
        yield from switching_lines(lag, Port(), carrying, self.dialect)
        yield from self._bundled(lag, members)

    def _bundled(self, lag: str, members: Iterable[str]) -> Iterator[str]:
        """Ports become members; what only a port of its own may have goes."""
        for member in members:
            yield from (f"delete interfaces {member} {words}" for words in ("unit", "native-vlan-id", "mtu"))
            yield from stp_delete_lines(member, self.dialect)
            yield f"set interfaces {member} {self.dialect.quirks.options} 802.3ad {lag}"

    def _unbundled(self, members: Iterable[str]) -> Iterator[str]:
        """Members become the plain ports that they were."""
        for member in members:
            yield from self._left((member,))
            shown = self.observed.ports[member]
            if shown.mode is not None:
                yield from switching_lines(member, Port(), modes.of(shown), self.dialect)
            yield from own_lines(member, shown, self.dialect)

    def _left(self, members: Iterable[str]) -> Iterator[str]:
        for member in members:
            yield f"delete interfaces {member} {self.dialect.quirks.options} 802.3ad"

    def _gone(self, lag: str) -> Iterator[str]:
        yield f"delete interfaces {lag}"
        yield from stp_delete_lines(lag, self.dialect)

    def change(self, lag: str, before: Lag, target: Lag) -> Rows:
        """Who leaves first, then the LAG itself, then who joins."""
        joining, leaving = without(target.members, before.members), without(before.members, target.members)
        return Rows(
            (*self._left(leaving), *self._said(lag, before, target), *self._bundled(lag, joining)),
            (*self._unbundled(joining), *self._said(lag, target, before), *self._bundled(lag, leaving)),
        )

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

    def remove(self, lag: str, before: Lag) -> Rows:
        """Members and LAG at once."""
        return Rows((*self._left(before.members or ()), *self._gone(lag)), self._back(lag, before))

    def _back(self, lag: str, before: Lag) -> Iterator[str]:
        shown = self.observed.ports.get(lag, Port())
        yield from self._made(lag, before, modes.of(shown), before.members or ())
        if shown.description is not None:
            yield description_line(lag, shown.description)
        yield from own_lines(lag, shown, self.dialect)
        if shown.enabled is False:
            yield from admin_lines(lag, up=False)
