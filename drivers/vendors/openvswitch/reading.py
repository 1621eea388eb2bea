"""The switch's configuration: one exchange, four JSON documents, one state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from device_profiles.state import LacpMode, Lag, Port, State, Stp
from drivers.errors import Garbled
from drivers.vendors.openvswitch import switching
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
from drivers.vendors.openvswitch.words import line

DESCRIPTION: Final = "description"
EDGE: Final = "rstp-port-admin-edge"
FALLBACK: Final = "lacp-fallback-ab"

TABLES: Final = line(
    *("ovs-vsctl", "--timeout=10", "-f", "json"),
    *("--", "--columns=name,ports", "list", "Bridge"),
    *("--", "--columns=_uuid,name,interfaces,tag,trunks,vlan_mode,cvlans,lacp,external_ids,other_config"),
    *("list", "Port", "--", "--columns=_uuid,name,external_ids", "list", "Interface"),
)
COMMAND: Final = f"{TABLES} && {line('ip', '-j', 'link')}"

_LACP: Final[Mapping[str, LacpMode]] = {"active": "active", "passive": "passive", "off": "off"}
_MTUS: Final = range(576, 65536)
"""What the schema takes for an MTU; a device outside of it shows none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: the state, and what else is needed to change it."""

    state: State
    bridge_of: Mapping[str, str] = field(default_factory=dict)
    """The bridge of each port and LAG, and of each member."""


class _PortRow(NamedTuple):
    """What a row of Port says but for what is configured in it; ``text`` is all of it."""

    uuid: str
    name: str
    interfaces: tuple[str, ...]
    headings: tuple[str, ...]
    text: str


class _Interface(NamedTuple):
    name: str
    description: str | None


def parse(data: bytes, made: Made | None = None) -> Reading:
    """What the answer to :data:`COMMAND` says, with what was ``made`` of earlier ones.

    Raises :class:`~drivers.errors.Garbled`.
    """
    made = made or Made()
    made.begin()
    found = lines(data)
    if len(found) != 4:
        raise Garbled(f"the switch answered {len(found)} of the 4 tables that were asked for: nothing was concluded")
    try:
        return _reading(
            made.of(bridges, found[0]),
            made.of_rows(_port_row, found[1]),
            interface_of=made.of(_interfaces, found[2]),
            devices=made.of(links, found[3]),
            made=made,
        )
    except (KeyError, TypeError, ValueError, IndexError):
        raise Garbled("a table of the switch is not as Open vSwitch prints it: nothing was concluded from it") from None


def bridges(line: bytes) -> dict[str, str]:
    """The bridge of each row of Port, by its UUID, from the table Bridge with its columns name and ports."""
    return {uuid: bridge["name"] for bridge in read_rows(line) for uuid in elements(bridge["ports"])}


def _port_row(headings: tuple[str, ...], text: str) -> _PortRow:
    found = row(headings, text)
    return _PortRow(found["_uuid"][1], found["name"], tuple(elements(found["interfaces"])), headings, text)


def _interfaces(line: bytes) -> dict[str, _Interface]:
    return {
        found["_uuid"][1]: _Interface(found["name"], mapping(found["external_ids"]).get(DESCRIPTION))
        for found in read_rows(line)
    }


def _reading(
    bridge_of_row: Mapping[str, str],
    rows: list[_PortRow],
    *,
    interface_of: Mapping[str, _Interface],
    devices: Mapping[str, Device],
    made: Made,
) -> Reading:
    found: dict[str, Port] = {}
    lags: dict[str, Lag] = {}
    bridge_of: dict[str, str] = {}
    for uuid, port, interfaces, headings, text in rows:
        bridge = bridge_of_row.get(uuid)
        if bridge is None:
            continue
        own = [interface_of[each] for each in interfaces]
        names = sorted(interface.name for interface in own)
        bridge_of[port] = bridge
        found[port] = made.of(_port, headings, text, *(devices[name] for name in names if name in devices))
        if names != [port]:
            lags[port] = _lag(row(headings, text), names)
            bridge_of.update(dict.fromkeys(names, bridge))
            found.update({interface.name: _member(interface, devices) for interface in own})
    return Reading(State(ports=dict(sorted(found.items())), lags=dict(sorted(lags.items()))), bridge_of)


def _port(headings: tuple[str, ...], text: str, *devices: Device) -> Port:
    found = row(headings, text)
    mtus = {device.mtu for device in devices if device.mtu in _MTUS}
    fields: dict[str, Any] = switching.read(found)
    return Port(
        description=mapping(found["external_ids"]).get(DESCRIPTION),
        enabled=any(device.up for device in devices) if devices else None,
        mtu=mtus.pop() if len(mtus) == 1 else None,
        stp=Stp(edge=mapping(found["other_config"]).get(EDGE) == "true"),
        **fields,
    )


def _lag(found: Row, members: list[str]) -> Lag:
    return Lag(
        members=tuple(members),
        lacp=_LACP[optional(found["lacp"]) or "off"],
        fallback=mapping(found["other_config"]).get(FALLBACK) == "true",
    )


def _member(interface: _Interface, devices: Mapping[str, Device]) -> Port:
    """A member has no switching of its own: that stands at its LAG."""
    device = devices.get(interface.name)
    return Port(description=interface.description, enabled=None if device is None else device.up)
