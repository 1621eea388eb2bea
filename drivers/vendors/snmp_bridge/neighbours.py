"""Who is at the other end: LLDP-MIB and its second edition, CISCO-CDP-MIB, FDP, EDP, and what RouterOS tells itself.

LLDP numbers ports in its own way (IEEE 802.1AB, lldpLocPortNum): its own table of ports says which interface is meant,
by name, description or address; else it is the number of the bridge's port, else the ifIndex.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from device_profiles.links import Neighbour
from device_profiles.names import printable
from drivers.snmp.decoding import text_of
from drivers.snmp.polling import Poll, Row
from drivers.vendors.snmp_bridge.interfaces import Interfaces

TABLES: Final = (
    *("lldpLocPortTable", "lldpRemTable", "lldpV2LocPortTable", "lldpV2RemTable", "tmnxLldpRemTable"),
    "tmnxLldpLocPortTable",
    *("cdpCacheTable", "cdpInterfaceTable", "snFdpCacheTable", "extremeEdpTable", "mtxrNeighborTable"),
)
CHASSIS_ID_KINDS: Final = (4, 5)
"""Which subtypes of a chassis id are a MAC address and a network address."""
_PORT_MAC, _PORT_ADDRESS = 3, 4
_LONGEST: Final = 200


def neighbours(poll: Poll, interfaces: Interfaces) -> tuple[Neighbour, ...]:
    """All that is told, each once."""
    found = dict.fromkeys(each for tell in _WAYS for each in tell(poll, interfaces) if each.port)
    return tuple(sorted(found, key=lambda each: (each.port, each.kind, each.name, each.chassis_id, each.remote_port)))


def _lldp(poll: Poll, interfaces: Interfaces) -> Iterator[Neighbour]:
    local = {row["localPort"]: row for row in poll.rows("lldpLocPortTable").values()}
    for row in poll.rows("lldpRemTable").values():
        number = row["localPort"]
        port = _mikrotik_port(poll, interfaces, row) if number == 0 else ""
        port = port or local_port(number, local.get(number, {}), interfaces, prefix="lldp")
        yield from _remote(row, port, "lldpRem")


def _mikrotik_port(poll: Poll, interfaces: Interfaces, row: Row) -> str:
    """RouterOS numbers no local port in LLDP-MIB; its own table has the interface under the neighbour's number."""
    for each in poll.rows("mtxrNeighborTable").values():
        if each["neighbour"] == row["remote"]:
            found = interfaces.by_index.get(each.get("mtxrNeighborInterfaceID", 0))
            return found.name if found is not None else ""
    return ""


def _lldp_2(poll: Poll, interfaces: Interfaces) -> Iterator[Neighbour]:
    local = {row["ifIndex"]: row for row in poll.rows("lldpV2LocPortTable").values()}
    for row in poll.rows("lldpV2RemTable").values():
        number = row["ifIndex"]
        known = interfaces.by_index.get(number)
        name = known.name if known else local_port(number, local.get(number, {}), interfaces, prefix="lldpV2")
        yield from _remote(row, name, "lldpV2Rem")


def _lldp_nokia(poll: Poll, interfaces: Interfaces) -> Iterator[Neighbour]:
    local = poll.rows("tmnxLldpLocPortTable").values()
    described = {row["ifIndex"]: row.get("tmnxLldpLocPortDesc", "") for row in local}
    for row in poll.rows("tmnxLldpRemTable").values():
        known = interfaces.by_index.get(row["ifIndex"])
        # Its descriptions begin with the port's name: "1/1/1, 10-Gig Ethernet".
        name = known.name if known else described.get(row["ifIndex"], "").partition(",")[0] or str(row["ifIndex"])
        yield from _remote(row, name, "tmnxLldpRem")


def _remote(row: Row, port: str, prefix: str) -> Iterator[Neighbour]:
    chassis = identity_of(row.get(f"{prefix}ChassisId", b""), row.get(f"{prefix}ChassisIdSubtype"), CHASSIS_ID_KINDS)
    name = row.get(f"{prefix}SysName", "")
    if chassis or name:
        yield Neighbour(
            port=port,
            kind="lldp",
            name=printable(name, most=_LONGEST),
            chassis_id=chassis,
            remote_port=identity_of(
                row.get(f"{prefix}PortId", b""), row.get(f"{prefix}PortIdSubtype"), (_PORT_MAC, _PORT_ADDRESS)
            ),
            port_description=printable(row.get(f"{prefix}PortDesc", ""), most=_LONGEST),
        )


def identity_of(data: bytes, subtype: int | None, kinds: tuple[int, int]) -> str:
    """An id of a chassis or a port; ``kinds`` are the subtypes that are a MAC address and a network address."""
    mac, address = kinds
    if subtype == mac and len(data) == 6:
        return data.hex(":")
    if subtype == address and len(data) in (5, 17):
        try:
            return str(ipaddress.ip_address(data[1:]))
        except ValueError:
            return data.hex(":")
    plain = data.strip(b"\0")
    if len(data) == 6 and not plain.isascii():
        return data.hex(":")
    return printable(text_of(plain), most=_LONGEST)


def local_port(number: int, row: Mapping[str, Any], interfaces: Interfaces, *, prefix: str) -> str:
    """The name of the port that LLDP calls ``number``, of which its own table says ``row``."""
    told: bytes = row.get(f"{prefix}LocPortId", b"")
    subtype = row.get(f"{prefix}LocPortIdSubtype")
    text = identity_of(told, subtype, (_PORT_MAC, _PORT_ADDRESS))
    found = (
        interfaces.named(text)
        or interfaces.named(row.get(f"{prefix}LocPortDesc", ""))
        or (interfaces.with_mac(told) if subtype == _PORT_MAC else None)
        or (interfaces.of_base(number) if interfaces.base else None)
        or interfaces.by_index.get(number)
    )
    return found.name if found is not None else text or row.get(f"{prefix}LocPortDesc", "") or str(number)


def _by_index(index: int, interfaces: Interfaces) -> str:
    found = interfaces.by_index.get(index)
    return found.name if found is not None else str(index)


def _cdp(poll: Poll, interfaces: Interfaces) -> Iterator[Neighbour]:
    names = {row["ifIndex"]: row.get("cdpInterfaceName", "") for row in poll.rows("cdpInterfaceTable").values()}
    for row in poll.rows("cdpCacheTable").values():
        name = identity_of(row.get("cdpCacheDeviceId", b""), None, (0, 0))
        known = interfaces.by_index.get(row["ifIndex"])
        port = known.name if known is not None else names.get(row["ifIndex"]) or str(row["ifIndex"])
        if name:
            # ProCurve tells here of what it heard by LLDP, too: of a port that has no name its MAC, as it is.
            far = identity_of(row.get("cdpCacheDevicePort", b""), None, (0, 0))
            yield Neighbour(port=port, kind="cdp", name=name, remote_port=far)


def _fdp(poll: Poll, interfaces: Interfaces) -> Iterator[Neighbour]:
    for row in poll.rows("snFdpCacheTable").values():
        if name := row.get("snFdpCacheDeviceId", ""):
            yield Neighbour(
                port=_by_index(row["ifIndex"], interfaces),
                # The same table holds what was heard by CDP.
                kind="cdp" if row.get("snFdpCacheVendorId") == _CDP_VENDOR else "fdp",
                name=name[:_LONGEST],
                remote_port=row.get("snFdpCacheDevicePort", "")[:_LONGEST],
            )


_CDP_VENDOR: Final = 2


def _edp(poll: Poll, interfaces: Interfaces) -> Iterator[Neighbour]:
    for row in poll.rows("extremeEdpTable").values():
        yield Neighbour(
            port=_by_index(row["ifIndex"], interfaces),
            kind="edp",
            name=row.get("extremeEdpNeighborName", "")[:_LONGEST],
            chassis_id=row["chassis"].hex(":"),
            remote_port=f"{row.get('extremeEdpNeighborSlot', '')}:{row.get('extremeEdpNeighborPort', '')}".strip(":"),
        )


_WAYS: Final[tuple[Callable[[Poll, Interfaces], Iterator[Neighbour]], ...]] = (
    _lldp,
    _lldp_2,
    _lldp_nokia,
    _cdp,
    _fdp,
    _edp,
)
