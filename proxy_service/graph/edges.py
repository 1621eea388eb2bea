"""Edge ports and uplinks of a switch, told from its MAC table. Pure.

A MAC that was learned at the port of a cable to another switch is no neighbour: it is somewhere behind that switch. A
port is an uplink where a switch that we manage is its neighbour by LLDP or CDP, where a switch's own MAC was learned,
or where more MACs were learned than one machine has (it may be a hub, too). What a bundle's members see counts for the
bundle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from device_profiles.operation import MacEntry
from proxy_service.graph.marks import mac_of
from proxy_service.graph.resolving import Owner

MOST_AT_AN_EDGE: Final = 8
"""A machine with a bond, a management controller and some guests; more are a switch, a hub or a hypervisor."""


def edge_macs(
    entries: Iterable[MacEntry],
    *,
    owners: Mapping[str, tuple[Owner, ...]],
    uplinks: frozenset[str],
    lags: Mapping[str, Collection[str]],
) -> dict[str, tuple[str, ...]]:
    """MACs by the edge port at which they were learned, in order.

    ``uplinks`` are ports whose neighbour is a switch; ``lags`` are bundles with their members.
    """
    at: dict[str, set[str]] = {}
    for entry in entries:
        if mac := mac_of(entry.mac):
            at.setdefault(entry.port, set()).add(mac)
    through = {lag for lag, members in lags.items() if not uplinks.isdisjoint(members)} if uplinks else set()
    return {
        port: tuple(sorted(found))
        for port, found in sorted(at.items())
        if port not in uplinks and port not in through and not is_uplink(found, owners)
    }


def is_uplink(found: Collection[str], owners: Mapping[str, tuple[Owner, ...]]) -> bool:
    """Whether the MACs learned at a port are more than, or others than, one machine's."""
    if len(found) > MOST_AT_AN_EDGE:
        return True
    return any(owner.kind == "switch" for mac in found for owner in owners.get(f"mac:{mac}", ()))
