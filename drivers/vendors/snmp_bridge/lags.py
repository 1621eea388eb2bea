"""LAGs: which ports are bundled, by LAG-MIB and vendors' own, or by how interfaces lie upon each other
(ifStackTable)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from device_profiles.state import Lag
from drivers.snmp.decoding import bits_of
from drivers.snmp.polling import Poll
from drivers.vendors.snmp_bridge.interfaces import Interfaces

TABLES = ("ifStackTable", "dot3adAggPortTable", "dot3adAggPortListTable", "pagpEthcOperationTable", "rcMltTable")
_ACTIVITY = 0
"""LacpState: bit 0 is LACP_Activity."""
_COLLECTING, _DISTRIBUTING = 4, 5


@dataclass(slots=True)
class Bundles:
    """Members by LAG (both ifIndex), how LACP runs, and which members carry traffic."""

    members: dict[int, set[int]] = field(default_factory=dict)
    active: dict[int, bool] = field(default_factory=dict)
    carrying: dict[int, bool] = field(default_factory=dict)

    @property
    def lag_of(self) -> dict[int, int]:
        """The LAG of each member."""
        return {port: lag for lag, ports in self.members.items() for port in ports}


def bundles(poll: Poll, interfaces: Interfaces) -> Bundles:
    """What the device tells of LAGs that have members."""
    found = Bundles()
    for row in poll.rows("dot3adAggPortTable").values():
        port = row["ifIndex"]
        lag = row.get("dot3adAggPortAttachedAggID") or row.get("dot3adAggPortSelectedAggID") or 0
        if not _join(found, interfaces, lag=lag, port=port):
            continue
        if "dot3adAggPortActorAdminState" in row:
            found.active[port] = _ACTIVITY in row["dot3adAggPortActorAdminState"]
        if "dot3adAggPortActorOperState" in row:
            found.carrying[port] = {_COLLECTING, _DISTRIBUTING} <= set(row["dot3adAggPortActorOperState"])
    for tell in (_by_hand, _listed, _stacked):
        if tell is _by_hand or not found.members:
            for lag, port in tell(poll, interfaces):
                if port not in found.lag_of:
                    _join(found, interfaces, lag=lag, port=port)
    return found


def _join(found: Bundles, interfaces: Interfaces, *, lag: int, port: int) -> bool:
    """Note a member. A port that is in no bundle is attached to itself, or to nothing."""
    if lag == port or lag not in interfaces.by_index or port not in interfaces.by_index:
        return False
    found.members.setdefault(lag, set()).add(port)
    return True


def _by_hand(poll: Poll, interfaces: Interfaces) -> Iterator[tuple[int, int]]:
    """Bundles by PAgP or without a protocol (CISCO-PAGP-MIB), and MLTs of Nortel and Avaya (RAPID-CITY)."""
    for row in poll.rows("pagpEthcOperationTable").values():
        yield row.get("pagpGroupIfIndex", 0), row["ifIndex"]
    for row in poll.rows("rcMltTable").values():
        for number in bits_of(row.get("rcMltPortMembers", b""), first=0):
            port = interfaces.of_base(number) or interfaces.by_index.get(number)
            if port is not None:
                yield row.get("rcMltIfIndex", 0), port.index


def _listed(poll: Poll, _: Interfaces) -> Iterator[tuple[int, int]]:
    for row in poll.rows("dot3adAggPortListTable").values():
        yield from ((row["ifIndex"], port) for port in row.get("dot3adAggPortListPorts", ()))


def _stacked(poll: Poll, interfaces: Interfaces) -> Iterator[tuple[int, int]]:
    for row in poll.rows("ifStackTable").values():
        higher, lower = interfaces.by_index.get(row["higher"]), interfaces.by_index.get(row["lower"])
        if higher is not None and lower is not None and higher.is_lag and lower.is_ethernet and not lower.is_lag:
            yield higher.index, lower.index


def lags(found: Bundles, interfaces: Interfaces) -> dict[str, Lag]:
    """The LAGs in the schema's words. How LACP runs is told where all members say the same."""
    made = {}
    for lag, ports in found.members.items():
        told = {found.active[port] for port in ports if port in found.active}
        lacp = None if len(told) != 1 else ("active" if told.pop() else "passive")
        names = tuple(sorted(interfaces.by_index[port].name for port in ports))
        made[interfaces.by_index[lag].name] = Lag(members=names, lacp=lacp)  # type: ignore[arg-type]
    return dict(sorted(made.items()))
