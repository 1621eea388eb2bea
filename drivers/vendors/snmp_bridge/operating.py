"""What the ports are doing: up or down, how fast, forwarding or not, bundled or not."""

from __future__ import annotations

from typing import Final

from device_profiles.operation import PortOperation, StpState
from drivers.snmp.polling import Poll
from drivers.vendors.snmp_bridge.interfaces import UP, Interface, Interfaces
from drivers.vendors.snmp_bridge.lags import Bundles

TABLES: Final = ("dot3StatsTable", "dot1dStpPortTable")
_WORDS: Final = {1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "notPresent", 7: "lowerLayerDown"}
_TOO_FAST: Final = 2**32 - 1
"""ifSpeed says this of what it cannot say (RFC 2863)."""


def operation(poll: Poll, interfaces: Interfaces, found: Bundles) -> dict[str, PortOperation]:
    """All ports and LAGs."""
    duplex = {
        row["ifIndex"]: row.get("dot3StatsDuplexStatus")
        for row in poll.rows("dot3StatsTable").values()
        if row.get("dot3StatsDuplexStatus") in ("half", "full")
    }
    stp: dict[int, StpState] = {}
    for row in poll.rows("dot1dStpPortTable").values():
        each = interfaces.of_base(row["basePort"])
        if each is not None and "dot1dStpPortState" in row:
            stp[each.index] = row["dot1dStpPortState"]
    return {
        each.name: PortOperation(
            oper_up=_is_up(each),
            down_reason=_why(each),
            speed_bps=_speed(each),
            duplex=duplex.get(each.index),
            stp_state=stp.get(each.index),
            bundled=_bundled(each, found),
        )
        for each in interfaces.ports(besides=found.members)
    }


def _is_up(each: Interface) -> bool | None:
    status = each.row.get("ifOperStatus")
    return None if status is None else bool(status == UP)


def _why(each: Interface) -> str | None:
    status = each.row.get("ifOperStatus", UP)
    return None if status in (1, 2) else _WORDS.get(status, f"ifOperStatus {status}")


def _speed(each: Interface) -> int | None:
    fast, slow = each.row.get("ifHighSpeed", 0), each.row.get("ifSpeed", 0)
    if fast:
        return int(fast) * 1_000_000
    return int(slow) if 0 < slow < _TOO_FAST else None


def _bundled(each: Interface, found: Bundles) -> bool | None:
    if each.index in found.members:
        told = [found.carrying[port] for port in found.members[each.index] if port in found.carrying]
        return any(told) if told else None
    return found.carrying.get(each.index) if each.index in found.lag_of else None
