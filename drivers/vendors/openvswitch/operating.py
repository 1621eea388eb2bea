"""What the switch is doing: ports, bundles and spanning tree from its database, MACs from ``ovs-appctl fdb/show``.

``stp_state`` is that of RSTP, else that of STP, else absent: where neither runs on the bridge, nothing
holds a port back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from device_profiles.names import printable
from device_profiles.operation import MacEntry, PortOperation, StpState
from drivers.errors import Garbled
from drivers.vendors.openvswitch import switching
from drivers.vendors.openvswitch.reading import is_up
from drivers.vendors.openvswitch.tables import Made, Row, by_uuid, elements, lines, links, mapping, optional, read_rows
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


@dataclass(frozen=True, slots=True)
class Tables:
    """The answer to :func:`command`. ``forwarding`` has the forwarding database of each bridge, as text."""

    bridges: tuple[str, ...]
    ports: list[Row]
    interface_of: Mapping[str, Row]
    devices: Mapping[str, Row]
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
            rows = made.of("Bridge", read_rows, tables[0])
            held = {uuid for bridge in rows for uuid in elements(bridge["ports"])}
            return cls(
                tuple(sorted(bridge["name"] for bridge in rows)),
                [row for row in made.of("Port", read_rows, tables[1]) if row["_uuid"][1] in held],
                made.of("Interface", by_uuid, tables[2]),
                made.of("link", links, tables[3]),
                _forwarding(b"\n".join(said).decode("utf-8", "replace"), bridges),
                made,
            )
        except (KeyError, TypeError, ValueError, IndexError):
            raise _not_as_printed() from None

    def own(self, port: Row) -> list[Row]:
        """The Interface rows of a Port row."""
        return [self.interface_of[uuid] for uuid in elements(port["interfaces"])]

    def is_lag(self, port: Row) -> bool:
        """Whether a Port row is a LAG."""
        return [interface["name"] for interface in self.own(port)] != [port["name"]]

    @property
    def lags(self) -> bool:
        """Whether there is any LAG."""
        return any(map(self.is_lag, self.ports))

    def port_of(self) -> dict[str, str]:
        """The port or LAG behind each OpenFlow port number, as text."""
        return {str(optional(interface["ofport"])): port["name"] for port in self.ports for interface in self.own(port)}


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
    for port in tables.ports:
        own = tables.own(port)
        devices = [tables.devices.get(interface["name"]) for interface in own]
        if not tables.is_lag(port):
            yield port["name"], tables.made.of(("port", port["name"]), _plain, port, own[0], devices[0])
            continue
        state = _stp_state(port)
        members = {
            interface["name"]: _operation(interface, device, stp_state=state, bundled=_bundled(interface, bonds))
            for interface, device in zip(own, devices, strict=True)
        }
        yield from members.items()
        yield port["name"], _whole(members.values(), state)


def _plain(port: Row, interface: Row, device: Row | None) -> PortOperation:
    return _operation(interface, device, stp_state=_stp_state(port), bundled=None)


def _operation(
    interface: Row, device: Row | None, *, stp_state: StpState | None, bundled: bool | None
) -> PortOperation:
    up = device is not None and is_up(device) and "LOWER_UP" in device["flags"]
    return PortOperation(
        oper_up=up,
        down_reason=None if up else _why_down(interface, device),
        speed_bps=optional(interface["link_speed"]) if up else None,
        duplex=optional(interface["duplex"]) if up else None,
        stp_state=stp_state,
        bundled=None if bundled is None else bundled and up,
    )


def _why_down(interface: Row, device: Row | None) -> str:
    if device is None:
        return printable(str(optional(interface["error"]) or "there is no such device"))
    return "no carrier" if is_up(device) else "administratively down"


def _bundled(interface: Row, bonds: Mapping[str, bool]) -> bool:
    """A bundle of one is no bond to Open vSwitch: there LACP alone tells, where it runs."""
    lacp = optional(interface["lacp_current"])
    return bonds.get(interface["name"], lacp is not False)


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


def _stp_state(port: Row) -> StpState | None:
    rstp = mapping(port["rstp_status"]).get("rstp_port_state", "")
    stp = mapping(port["status"]).get("stp_state", "")
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
    found: set[Any] = set()
    for row in tables.ports:
        said = tables.made.of(("switching", row["name"]), switching.read, row)
        vlans = said.get("trunk_vlans") or ()
        found.update((said.get("access_vlan"), said.get("native_vlan")), () if vlans == "all" else vlans)
    return tuple(sorted(found - {None, "none"}))
