"""The interfaces of a switch: by ifIndex, by the numbers of its bridge, and by whatever it calls them elsewhere.

A port's name is its ifName where that is its own, else its ifDescr, else both with the ifIndex: devices that leave
ifName empty, or give one name to several, are met in the field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from drivers.snmp.polling import Poll

TABLES: Final = ("ifTable", "ifXTable", "dot1dBasePortTable", "ieee8021BridgeBasePortTable")
_ETHERNET: Final = frozenset({6, 7, 26, 62, 69, 117})
"""ethernetCsmacd, and what older agents say in its place (iso88023Csmacd, fastEther, gigabitEthernet ...)."""
LAG: Final = 161
"""ieee8023adLag."""
UP: Final = 1


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface: its number, its name, and its rows of ifTable and ifXTable."""

    index: int
    name: str
    row: Mapping[str, Any] = field(repr=False)

    @property
    def kind(self) -> int:
        """Its ifType."""
        return int(self.row.get("ifType", 0))

    @property
    def is_lag(self) -> bool:
        """Whether it is a bundle."""
        return self.kind == LAG

    @property
    def is_ethernet(self) -> bool:
        """Whether it is an Ethernet port or a bundle of them."""
        return self.kind in _ETHERNET or self.is_lag

    @property
    def mac(self) -> bytes:
        """Its own address; empty where it has none."""
        found: bytes = self.row.get("ifPhysAddress", b"")
        return found if len(found) == 6 and any(found) else b""


@dataclass(slots=True)
class Interfaces:
    """All interfaces, and how to find one."""

    by_index: dict[int, Interface] = field(default_factory=dict)
    base: dict[int, int] = field(default_factory=dict)
    """Number of the bridge's port to ifIndex."""
    _highest: int = field(init=False)

    def __post_init__(self) -> None:
        self._highest = max(self.base, default=0)

    @classmethod
    def of(cls, poll: Poll) -> Interfaces:
        """From the tables :data:`TABLES`."""
        rows: dict[int, dict[str, Any]] = {}
        for table in ("ifTable", "ifXTable"):
            for row in poll.rows(table).values():
                rows.setdefault(row["ifIndex"], {}).update(row)
        base = _base(poll)
        if base and not rows:
            # A view that shows the bridge and no interfaces: their numbers are then all the names there are.
            poll.tell("1.3.6.1.2.1.2.2.1: no interface is shown: ports are called by their ifIndex")
            return cls({index: Interface(index, str(index), {}) for index in base.values()}, base)
        names = _names(rows)
        return cls({index: Interface(index, names[index], row) for index, row in rows.items()}, base)

    def of_base(self, number: int) -> Interface | None:
        """The interface of a port of the bridge; agents without such a table number ports as interfaces."""
        return self.by_index.get(self.base.get(number, -1) if self.base else number)

    def of_entry(self, number: int) -> Interface | None:
        """The interface that an entry of a forwarding table names.

        Some agents number what is no port of the bridge (a bundle) by its ifIndex there, which lies above all ports.
        """
        if not self.base or number <= self._highest:
            return self.of_base(number)
        found = self.by_index.get(number)
        return found if found is not None and found.is_ethernet else None

    def ports(self, *, besides: Iterable[int] = ()) -> list[Interface]:
        """What switches, or could: Ethernet ports, bundles, whatever the bridge names as its port, and ``besides``."""
        switching = {*self.base.values(), *besides}
        return [each for index, each in self.by_index.items() if each.is_ethernet or index in switching]

    def named(self, text: str) -> Interface | None:
        """The one interface that is called so: by name, description or alias, in this order."""
        for column in ("ifName", "ifDescr", "ifAlias"):
            found = self._one(lambda each, column=column: each.row.get(column) == text)  # type: ignore[misc]
            if text and found is not None:
                return found
        return None

    def with_mac(self, mac: bytes) -> Interface | None:
        """The one interface that has this address."""
        return self._one(lambda each: bool(mac) and each.mac == mac)

    def _one(self, fits: Callable[[Interface], bool]) -> Interface | None:
        found = [each for each in self.by_index.values() if fits(each)]
        return found[0] if len(found) == 1 else None


def _names(rows: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    short = _unique({index: row.get("ifName", "") for index, row in rows.items()})
    long = _unique({index: row.get("ifDescr", "") for index, row in rows.items()})
    names = {index: short.get(index) or long.get(index) or "" for index in rows}
    for index, row in rows.items():
        if not names[index]:
            called = row.get("ifName") or row.get("ifDescr") or "port"
            names[index] = f"{called}.{index}"
    return names


def _unique(names: Mapping[int, str]) -> dict[int, str]:
    counts = Counter(names.values())
    return {index: name for index, name in names.items() if name and counts[name] == 1}


def _base(poll: Poll) -> dict[int, int]:
    found: dict[int, int] = {}
    for table, column in (
        ("ieee8021BridgeBasePortTable", "ieee8021BridgeBasePortIfIndex"),
        ("dot1dBasePortTable", "dot1dBasePortIfIndex"),
    ):
        for row in poll.rows(table).values():
            if row.get(column, 0) > 0:
                found[row["basePort"]] = row[column]
    return found


def in_order(interfaces: Iterable[Interface]) -> list[Interface]:
    """As they are numbered."""
    return sorted(interfaces, key=lambda each: each.index)
