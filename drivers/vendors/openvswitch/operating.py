"""What the switch is doing: ports, bundles and spanning tree from its database, MACs from ``ovs-appctl fdb/show``.

``stp_state`` is that of RSTP, else that of STP, else absent: where neither runs on the bridge, nothing
holds a port back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, NamedTuple

from device_profiles.names import printable
from device_profiles.operation import MacEntry, PortOperation, StpState
from drivers.errors import Garbled
from drivers.vendors.openvswitch import reading, switching
from drivers.vendors.openvswitch.tables import (
    Device,
    Made,
    Row,
    elements,
    lines,
    links,
    mapping,
    optional,
    read_rows,
    row,
)
from drivers.vendors.openvswitch.words import line, name

TABLES: Final = " && ".join(
    (
        line(
            *("ovs-vsctl", "--timeout=10", "-f", "json"),
            *("--", "--columns=name,ports", "list", "Bridge", "--"),
            *("--columns=_uuid,name,interfaces,tag,trunks,vlan_mode,cvlans,rstp_status,status", "list", "Port"),
            *("--", "--columns=_uuid,name,ofport,link_speed,duplex,error,lacp_current", "list", "Interface"),
        ),
        line("ip", "-j", "link"),
    )
)
BONDS: Final = line("ovs-appctl", "bond/show")
SOURCE: Final = "ovs-vsctl, ip link, ovs-appctl"

_STP_STATES: Final[Mapping[str, StpState]] = {
    "disabled": "disabled",
    "blocking": "blocking",
    "listening": "listening",
    "learning": "learning",
    "forwarding": "forwarding",
    "discarding": "discarding",
}
# Since Open vSwitch 2.15 "member", before that "slave".
_MEMBER: Final = re.compile(r"^(?:member|slave) (\S+): (enabled|disabled)$", re.MULTILINE)
_FDB_HEADINGS: Final = re.compile(r"^ *port +VLAN +MAC +Age *$", re.MULTILINE)
_FDB_LINE: Final = re.compile(r"^ *(\S+) +(\d+) +([0-9a-f]{2}(?::[0-9a-f]{2}){5}) +\S+ *$", re.MULTILINE)


def command(bridges: Iterable[str]) -> str:
    """The command that prints the forwarding databases of ``bridges``, and then the tables.

    Its status is that of the tables: a bridge that went away meanwhile spoils nothing.
    """
    return "; ".join((*(line("ovs-appctl", "fdb/show", name(bridge)) for bridge in bridges), TABLES))


class PortRow(NamedTuple):
    """What is asked of a row of Port. ``vlans`` are those that it is configured for."""

    uuid: str
    name: str
    interfaces: tuple[str, ...]
    stp_state: StpState | None
    vlans: frozenset[int]


class Interface(NamedTuple):
    """What is asked of a row of Interface, each value as it is printed."""

    name: str
    ofport: int | None
    link_speed: int | None
    duplex: Literal["full", "half"] | None
    error: str | None
    lacp_current: bool | None


@dataclass(frozen=True, slots=True)
class Tables:
    """The answer to :func:`command`. ``forwarding`` has the forwarding database of each bridge, as text."""

    bridges: tuple[str, ...]
    ports: list[PortRow]
    interface_of: Mapping[str, Interface]
    devices: Mapping[str, Device]
    forwarding: Mapping[str, str]
    made: Made

    @classmethod
    def parse(cls, data: bytes, *, bridges: Sequence[str] = (), made: Made | None = None) -> Tables:
        """Read an answer about ``bridges``; ``made`` of the answers before. Raises :class:`~drivers.errors.Garbled`.

        A bridge whose forwarding database was refused has none.
        """
        made = made or Made()
        made.begin()
        found = lines(data)
        if len(found) < 4:
            raise Garbled(f"the switch answered {len(found)} of the 4 tables that were asked for")
        said, tables = found[:-4], found[-4:]
        try:
            bridge_of = made.of(reading.bridges, tables[0])
            return cls(
                tuple(sorted(set(bridge_of.values()))),
                [port for port in made.of_rows(_port_row, tables[1]) if port.uuid in bridge_of],
                made.of(_interfaces, tables[2]),
                made.of(links, tables[3]),
                _forwarding(b"\n".join(said).decode("utf-8", "replace"), bridges),
                made,
            )
        except (KeyError, TypeError, ValueError, IndexError):
            raise _not_as_printed() from None

    def own(self, port: PortRow) -> list[Interface]:
        """The Interface rows of a Port row."""
        return [self.interface_of[uuid] for uuid in port.interfaces]

    def is_lag(self, port: PortRow) -> bool:
        """Whether a Port row is a LAG."""
        return [interface.name for interface in self.own(port)] != [port.name]

    @property
    def lags(self) -> bool:
        """Whether there is any LAG."""
        return any(map(self.is_lag, self.ports))

    def port_of(self) -> dict[str, str]:
        """The port or LAG behind each OpenFlow port number, as text."""
        return {str(interface.ofport): port.name for port in self.ports for interface in self.own(port)}


def _port_row(headings: tuple[str, ...], text: str) -> PortRow:
    found = row(headings, text)
    return PortRow(
        found["_uuid"][1], found["name"], tuple(elements(found["interfaces"])), _stp_state(found), _vlans(found)
    )


def _vlans(found: Row) -> frozenset[int]:
    said = switching.read(found)
    listed = said.get("trunk_vlans") or ()
    named = {said.get("access_vlan"), said.get("native_vlan"), *(() if listed == "all" else listed)}
    return frozenset(named - {None, "none"})


def _interfaces(line: bytes) -> dict[str, Interface]:
    return {found["_uuid"][1]: _interface(found) for found in read_rows(line)}


def _interface(found: Row) -> Interface:
    return Interface(found["name"], *(optional(found[each]) for each in Interface._fields[1:]))


def _forwarding(text: str, bridges: Sequence[str]) -> dict[str, str]:
    """Each database begins with its headings; where one lacks them, it is not known whose the others are."""
    _, *found = _FDB_HEADINGS.split(text)
    return dict(zip(bridges, found, strict=True)) if len(found) == len(bridges) else {}


def bonded(text: str) -> dict[str, bool]:
    """Which members carry traffic in their bundle, from ``ovs-appctl bond/show``."""
    return {member: state == "enabled" for member, state in _MEMBER.findall(text)}


def ports(tables: Tables, bonds: Mapping[str, bool]) -> dict[str, PortOperation]:
    """How each port, LAG and member runs. Raises ``Garbled``."""
    try:
        return dict(sorted(_ports(tables, bonds)))
    except (KeyError, TypeError, ValueError, IndexError):
        raise _not_as_printed() from None


def _not_as_printed() -> Garbled:
    return Garbled("a table of the switch is not as Open vSwitch prints it: nothing was concluded from it")


def _ports(tables: Tables, bonds: Mapping[str, bool]) -> Iterator[tuple[str, PortOperation]]:
    operation = partial(tables.made.of, _operation)
    for port in tables.ports:
        own = tables.own(port)
        devices = [tables.devices.get(interface.name) for interface in own]
        if not tables.is_lag(port):
            yield port.name, operation(own[0], devices[0], port.stp_state, None)
            continue
        members = {
            interface.name: operation(interface, device, port.stp_state, _bundled(interface, bonds))
            for interface, device in zip(own, devices, strict=True)
        }
        yield from members.items()
        yield port.name, _whole(members.values(), port.stp_state)


def _operation(
    interface: Interface, device: Device | None, stp_state: StpState | None, bundled: bool | None
) -> PortOperation:
    up = device is not None and device.up and device.carrier
    return PortOperation(
        oper_up=up,
        down_reason=None if up else _why_down(interface, device),
        speed_bps=interface.link_speed if up else None,
        duplex=interface.duplex if up else None,
        stp_state=stp_state,
        bundled=None if bundled is None else bundled and up,
    )


def _why_down(interface: Interface, device: Device | None) -> str:
    if device is None:
        return printable(str(interface.error or "there is no such device"))
    return "no carrier" if device.up else "administratively down"


def _bundled(interface: Interface, bonds: Mapping[str, bool]) -> bool:
    """A bundle of one is no bond to Open vSwitch: there LACP alone tells, where it runs."""
    return bonds.get(interface.name, interface.lacp_current is not False)


def _whole(members: Iterable[PortOperation], state: StpState | None) -> PortOperation:
    """A LAG from its members: up while one is, as fast as those that carry traffic."""
    carrying = [member for member in members if member.bundled]
    up = any(member.oper_up for member in members)
    return PortOperation(
        oper_up=up,
        down_reason=None if up else "no member is up",
        speed_bps=sum(member.speed_bps or 0 for member in carrying) or None,
        duplex="full" if carrying and all(member.duplex == "full" for member in carrying) else None,
        stp_state=state,
        bundled=bool(carrying),
    )


def _stp_state(found: Row) -> StpState | None:
    rstp = mapping(found["rstp_status"]).get("rstp_port_state", "")
    stp = mapping(found["status"]).get("stp_state", "")
    return _STP_STATES.get((rstp or stp).lower())


def macs(tables: Tables) -> Iterator[MacEntry]:
    """The entries of all forwarding databases; VLAN 0 is untagged and outside of any VLAN. Raises ``Garbled``."""
    port_of = tables.port_of()
    for bridge in tables.bridges:
        if bridge not in tables.forwarding:
            raise Garbled(f"the switch does not show the forwarding database of {bridge}: nothing was concluded")
        for number, vlan, mac in _FDB_LINE.findall(tables.forwarding[bridge]):
            port = bridge if number == "LOCAL" else port_of.get(number)
            if port is not None:
                yield MacEntry(mac=mac, vlan=int(vlan) or None, port=port)


def vlans_carried(tables: Tables) -> tuple[int, ...]:
    """The VLANs that are there by use: every one that some port is configured for."""
    return tuple(sorted(frozenset().union(*(port.vlans for port in tables.ports))))
