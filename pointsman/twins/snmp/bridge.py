"""A switch as BRIDGE-MIB, Q-BRIDGE-MIB, IF-MIB, LLDP-MIB and ENTITY-MIB show it, and as they let it be changed.

Its ports are numbered 1, 2, 3 ... by the bridge, and 101, 102 ... by IF-MIB, since devices number them apart. From the
documents: a row of dot1qVlanStaticTable is made by createAndGo and taken away by destroy (RFC 2579), its bitmaps are
written whole, what is untagged must be in the egress ports, and a port's PVID is a VLAN that there is (RFC 4363).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from drivers.snmp.decoding import bits_of, to_bits
from drivers.snmp.pdu import Binding, Status
from drivers.snmp.values import Gauge, Integer, ObjectId, Octets, Oid, Ticks, Value, oid
from pointsman.twins.snmp.cells import Device, Refused, number, octets

OFFSET: Final = 100
_SYSTEM: Final = oid("1.3.6.1.2.1.1")
_IF: Final = oid("1.3.6.1.2.1.2.2.1")
_IFX: Final = oid("1.3.6.1.2.1.31.1.1.1")
_BASE: Final = oid("1.3.6.1.2.1.17.1")
_STP_STATE: Final = oid("1.3.6.1.2.1.17.2.15.1.3")
_FDB: Final = oid("1.3.6.1.2.1.17.7.1.2.2.1")
_CURRENT: Final = oid("1.3.6.1.2.1.17.7.1.4.2.1")
_STATIC: Final = oid("1.3.6.1.2.1.17.7.1.4.3.1")
_PVID: Final = oid("1.3.6.1.2.1.17.7.1.4.5.1.1")
_LLDP_LOCAL: Final = oid("1.0.8802.1.1.2.1.3.7.1")
_LLDP_REMOTE: Final = oid("1.0.8802.1.1.2.1.4.1.1")
_ENTITY: Final = oid("1.3.6.1.2.1.47.1.1.1.1")
_ADMIN: Final = (*_IF, 7)
_ALIAS: Final = (*_IFX, 18)
_NAME, _EGRESS, _FORBIDDEN, _UNTAGGED, _STATUS = 1, 2, 3, 4, 5
_ACTIVE, _CREATE_AND_GO, _DESTROY = 1, 4, 6
_UPTIME: Final = 123_456
_FID_OFFSET: Final = 5000
"""Its forwarding tables are not numbered as its VLANs are."""


@dataclass(slots=True)
class Port:
    """One port."""

    name: str
    up: bool = True
    alias: bytes = b""
    pvid: int = 1


@dataclass(slots=True)
class Vlan:
    """One VLAN and its ports, by the bridge's numbers."""

    name: bytes = b""
    egress: set[int] = field(default_factory=set)
    untagged: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Who is at a port."""

    port: int
    chassis: bytes
    remote_port: bytes
    name: bytes


class Bridge(Device):
    """A switch of ``count`` ports, all of them in VLAN 1 without a tag."""

    def __init__(self, count: int = 12, *, name: str = "sw1") -> None:
        super().__init__()
        self.name = name
        self.ports = {place: Port(f"Port{place}") for place in range(1, count + 1)}
        self.vlans = {1: Vlan(b"default", set(self.ports), set(self.ports))}
        self.neighbours: list[Neighbour] = []
        self.macs: list[tuple[str, int, int]] = []
        """Address, VLAN and port."""
        self.uptime = _UPTIME

    # Reading.

    def variables(self) -> dict[Oid, Value]:
        """All variables as they are now."""
        return dict(
            item
            for part in (self._system(), self._interfaces(), self._base(), self._vlans(), self._fdb(), self._lldp())
            for item in part
        )

    def _system(self) -> Iterator[Binding]:
        yield (*_SYSTEM, 1, 0), Octets(b"A switch of the twins")
        yield (*_SYSTEM, 2, 0), ObjectId(oid("1.3.6.1.4.1.99999.1"))
        yield (*_SYSTEM, 3, 0), Ticks(self.uptime)
        yield (*_SYSTEM, 5, 0), Octets(f"{self.name}.example.net".encode())
        for column, text in ((2, "Twin switch"), (7, "TW-12"), (10, "1.2.3"), (11, "TW000001"), (13, "TW-12")):
            yield (*_ENTITY, column, 1), Octets(text.encode())
        yield (*_ENTITY, 4, 1), Integer(0)
        yield (*_ENTITY, 5, 1), Integer(3)

    def _interfaces(self) -> Iterator[Binding]:
        for place, port in self.ports.items():
            index = OFFSET + place
            yield (*_IF, 2, index), Octets(f"Twin port {place}".encode())
            yield (*_IF, 3, index), Integer(6)
            yield (*_IF, 4, index), Integer(1500)
            yield (*_IF, 6, index), Octets(bytes((2, 0, 0, 0, 0, place)))
            yield (*_ADMIN, index), Integer(1 if port.up else 2)
            yield (*_IF, 8, index), Integer(1 if port.up else 2)
            yield (*_IFX, 1, index), Octets(port.name.encode())
            yield (*_IFX, 15, index), Gauge(1000)
            yield (*_ALIAS, index), Octets(port.alias)

    def _base(self) -> Iterator[Binding]:
        yield (*_BASE, 1, 0), Octets(bytes((2, 0, 0, 0, 0, 0)))
        for place, port in self.ports.items():
            yield (*_BASE, 4, 1, 2, place), Integer(OFFSET + place)
            yield (*_STP_STATE, place), Integer(5 if port.up else 1)
            yield (*_PVID, place), Gauge(port.pvid)

    def _vlans(self) -> Iterator[Binding]:
        for vlan, item in self.vlans.items():
            yield (*_STATIC, _NAME, vlan), Octets(item.name)
            yield (*_STATIC, _EGRESS, vlan), self._list(item.egress)
            yield (*_STATIC, _FORBIDDEN, vlan), self._list(set())
            yield (*_STATIC, _UNTAGGED, vlan), self._list(item.untagged)
            yield (*_STATIC, _STATUS, vlan), Integer(_ACTIVE)
            yield (*_CURRENT, 3, 0, vlan), Gauge(_FID_OFFSET + vlan)
            yield (*_CURRENT, 4, 0, vlan), self._list(item.egress)
            yield (*_CURRENT, 5, 0, vlan), self._list(item.untagged)
            yield (*_CURRENT, 6, 0, vlan), Integer(2)

    def _list(self, numbers: set[int]) -> Octets:
        return Octets(to_bits(numbers, size=self._size))

    @property
    def _size(self) -> int:
        return (len(self.ports) + 7) // 8

    def _fdb(self) -> Iterator[Binding]:
        for mac, vlan, place in self.macs:
            index = (_FID_OFFSET + vlan, *bytes.fromhex(mac.replace(":", "")))
            yield (*_FDB, 2, *index), Integer(place)
            yield (*_FDB, 3, *index), Integer(3)

    def _lldp(self) -> Iterator[Binding]:
        for place, port in self.ports.items():
            yield (*_LLDP_LOCAL, 2, place), Integer(5)
            yield (*_LLDP_LOCAL, 3, place), Octets(port.name.encode())
        for count, each in enumerate(self.neighbours, start=1):
            index = (0, each.port, count)
            yield (*_LLDP_REMOTE, 4, *index), Integer(4)
            yield (*_LLDP_REMOTE, 5, *index), Octets(each.chassis)
            yield (*_LLDP_REMOTE, 6, *index), Integer(5)
            yield (*_LLDP_REMOTE, 7, *index), Octets(each.remote_port)
            yield (*_LLDP_REMOTE, 9, *index), Octets(each.name)

    # Writing.

    def order(self, binding: Binding) -> int:
        """Rows are made first, and go last."""
        name, value = binding
        if name[: len(_STATIC) + 1] != (*_STATIC, _STATUS):
            return 1
        return 0 if value == _CREATE_AND_GO else 2

    def write(self, name: Oid, value: Value) -> None:
        """One binding, as the documents let it be written."""
        column, rest = name[: len(_STATIC) + 1], name[len(_STATIC) + 1 :]
        if column[:-1] == _STATIC and len(rest) == 1:
            self._write_vlan(column[-1], rest[0], value)
        elif name[:-1] in (_ADMIN, _ALIAS):
            self._write_port(name, value)
        elif name[:-1] == _PVID and name[-1] in self.ports:
            vlan = number(value, Gauge, low=1, high=4094)
            if vlan not in self.vlans:
                raise Refused(Status.INCONSISTENT_VALUE)
            self.ports[name[-1]].pvid = vlan
        else:
            raise Refused(Status.NOT_WRITABLE if name in self.variables() else Status.NO_CREATION)

    def _write_port(self, name: Oid, value: Value) -> None:
        port = self.ports.get(name[-1] - OFFSET)
        if port is None:
            raise Refused(Status.NO_CREATION)
        if name[:-1] == _ALIAS:
            port.alias = octets(value, most=64)
        else:
            port.up = number(value, low=1, high=2) == 1

    def _write_vlan(self, column: int, vlan: int, value: Value) -> None:
        if column == _STATUS:
            self._write_status(vlan, number(value, low=1, high=6))
            return
        if vlan not in self.vlans:
            raise Refused(Status.INCONSISTENT_NAME)
        item = self.vlans[vlan]
        if column == _NAME:
            item.name = octets(value, most=32)
            return
        if column not in (_EGRESS, _UNTAGGED):
            raise Refused(Status.NOT_WRITABLE)
        ports = set(bits_of(octets(value, most=self._size)))
        if not ports <= set(self.ports):
            raise Refused(Status.WRONG_VALUE)
        if column == _EGRESS:
            item.egress = ports
        else:
            item.untagged = ports

    def _write_status(self, vlan: int, status: int) -> None:
        if not 1 <= vlan <= 4094:
            raise Refused(Status.NO_CREATION)
        if status == _CREATE_AND_GO:
            if vlan in self.vlans:
                raise Refused(Status.INCONSISTENT_VALUE)
            self.vlans[vlan] = Vlan()
        elif status == _DESTROY:
            if vlan == 1:
                raise Refused(Status.INCONSISTENT_VALUE)
            self.vlans.pop(vlan, None)
        elif status != _ACTIVE or vlan not in self.vlans:
            raise Refused(Status.WRONG_VALUE)

    def settle(self) -> None:
        """What is untagged is in the egress ports, and each PVID is a VLAN."""
        if any(not item.untagged <= item.egress for item in self.vlans.values()):
            raise Refused(Status.INCONSISTENT_VALUE)
        if any(port.pvid not in self.vlans for port in self.ports.values()):
            raise Refused(Status.INCONSISTENT_VALUE)
