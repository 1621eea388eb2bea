"""Who is at the other end: LLDP-MIB and its second edition, CISCO-CDP-MIB and what is like it, FDP, EDP, and vendors'
own tables of LLDP.

LLDP numbers ports in its own way (IEEE 802.1AB, lldpLocPortNum): its own table of ports says which interface is meant,
by name, description or address, or by an ifIndex written as text; else it is the number of the bridge's port, else the
ifIndex.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from device_profiles.links import Neighbour
from device_profiles.names import printable
from drivers.snmp.decoding import text_of
from drivers.snmp.polling import Poll, Row
from drivers.vendors.snmp_bridge.interfaces import Interface, Interfaces

TABLES: Final = (
    *("lldpLocPortTable", "lldpRemTable", "lldpV2LocPortTable", "lldpV2RemTable", "tmnxLldpRemTable"),
    "tmnxLldpLocPortTable",
    *("cdpCacheTable", "cdpInterfaceTable", "snFdpCacheTable", "extremeEdpTable", "mtxrNeighborTable"),
    *("isdpCacheTable", "isdpCacheTableNetgear", "isdpCacheTableDell", "tplinkLldpNeighborInfoTable"),
)
CHASSIS_ID_KINDS: Final = (4, 5)
"""Which subtypes of a chassis id are a MAC address and a network address."""
_PORT_MAC, _PORT_ADDRESS, _PORT_LOCAL = 3, 4, 7
_MAC_TEXT: Final = re.compile(r"(?:[0-9A-Fa-f]{2}[:\-. ]?){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{4}[.\-:]){2}[0-9A-Fa-f]{4}")
_NAME_AND_SERIAL: Final = re.compile(r"(?P<name>[^()]+)\((?P<serial>[A-Z0-9]{8,20})\)")
"""NX-OS and CatOS send both as their id (``core1(FOX1234ABCD)``)."""
_EDP_HEAD: Final = b"\0\0"
_LONGEST: Final = 200
_LONGEST_NUMBER: Final = 10


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


def _lldp_tplink(poll: Poll, interfaces: Interfaces) -> Iterator[Neighbour]:
    """JetStream switches that have no LLDP-MIB tell all in texts of their own."""
    if poll.rows("lldpRemTable"):
        return
    for row in poll.rows("tplinkLldpNeighborInfoTable").values():
        chassis, name = row.get("lldpNeighborChassisId", ""), row.get("lldpNeighborDeviceName", "")
        if chassis or name:
            yield Neighbour(
                port=_by_index(row["ifIndex"], interfaces),
                kind="lldp",
                name=printable(name, most=_LONGEST),
                chassis_id=_mac_text(chassis) or printable(chassis, most=_LONGEST),
                remote_port=printable(row.get("lldpNeighborPortIdDescr", ""), most=_LONGEST),
                port_description=printable(row.get("lldpNeighborPortDescr", ""), most=_LONGEST),
            )


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
    if subtype == address and len(data) in (4, 5, 16, 17):
        # Its first octet is the family (IANA AddressFamilyNumbers), which some agents leave out.
        return str(ipaddress.ip_address(data if len(data) in (4, 16) else data[1:]))
    text = text_of(data.strip(b"\0"))
    if len(data) == 6 and not (data.isascii() and data.decode("ascii").isprintable()):
        return data.hex(":")
    return (_mac_text(text) if subtype == mac else "") or printable(text, most=_LONGEST)


def _mac_text(text: str) -> str:
    """A MAC address that was written as text, in our spelling; an empty text where it is none."""
    if _MAC_TEXT.fullmatch(text) is None:
        return ""
    return bytes.fromhex(re.sub(r"[^0-9A-Fa-f]", "", text)).hex(":")


def local_port(number: int, row: Mapping[str, Any], interfaces: Interfaces, *, prefix: str) -> str:
    """The name of the port that LLDP calls ``number``, of which its own table says ``row``."""
    told: bytes = row.get(f"{prefix}LocPortId", b"")
    subtype = row.get(f"{prefix}LocPortIdSubtype")
    text = identity_of(told, subtype, (_PORT_MAC, _PORT_ADDRESS))
    found = (
        interfaces.named(text)
        or interfaces.named(row.get(f"{prefix}LocPortDesc", ""))
        or (_with_mac(text, interfaces) if subtype == _PORT_MAC else None)
        or (_numbered(text, number, interfaces) if subtype == _PORT_LOCAL else None)
        or (interfaces.of_base(number) if interfaces.base else None)
        or interfaces.by_index.get(number)
    )
    return found.name if found is not None else text or row.get(f"{prefix}LocPortDesc", "") or str(number)


def _with_mac(text: str, interfaces: Interfaces) -> Interface | None:
    return interfaces.with_mac(bytes.fromhex(text.replace(":", ""))) if _MAC_TEXT.fullmatch(text) else None


def _numbered(text: str, number: int, interfaces: Interfaces) -> Interface | None:
    """Junos sends the ifIndex as its port's id; where that is LLDP's own number, it tells nothing beside it."""
    if not text.isdecimal() or len(text) > _LONGEST_NUMBER or int(text) == number:
        return None
    found = interfaces.by_index.get(int(text))
    return found if found is not None and found.is_ethernet else None


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
            yield _cdp_neighbour(port, name, far)


def _cdp_neighbour(port: str, name: str, far: str) -> Neighbour:
    both = _NAME_AND_SERIAL.fullmatch(name)
    if both is None:
        return Neighbour(port=port, kind="cdp", name=name, remote_port=far)
    return Neighbour(port=port, kind="cdp", name=both["name"], serial=both["serial"], remote_port=far)


def _isdp(poll: Poll, interfaces: Interfaces) -> Iterator[Neighbour]:
    """What switches of Broadcom's FASTPATH hear by CDP, which they call ISDP."""
    for table in ("isdpCacheTable", "isdpCacheTableNetgear", "isdpCacheTableDell"):
        for row in poll.rows(table).values():
            if name := printable(row.get("agentIsdpCacheDeviceId", ""), most=_LONGEST):
                far = printable(row.get("agentIsdpCacheDevicePort", ""), most=_LONGEST)
                yield _cdp_neighbour(_by_index(row["ifIndex"], interfaces), name, far)


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
            # EXTREME-EDP-MIB: two octets that are 0, and the MAC address.
            chassis_id=row["chassis"].removeprefix(_EDP_HEAD).hex(":"),
            remote_port=f"{row.get('extremeEdpNeighborSlot', '')}:{row.get('extremeEdpNeighborPort', '')}".strip(":"),
        )


_WAYS: Final[tuple[Callable[[Poll, Interfaces], Iterator[Neighbour]], ...]] = (
    _lldp,
    _lldp_2,
    _lldp_nokia,
    _lldp_tplink,
    _cdp,
    _isdp,
    _fdp,
    _edp,
)
