"""The switch's configuration: one exchange, four JSON documents, one state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from device_profiles.state import LacpMode, Lag, Port, State, Stp
from drivers.errors import Garbled
from drivers.vendors.openvswitch import switching
from drivers.vendors.openvswitch.tables import Made, Row, by_uuid, elements, lines, links, mapping, optional, read_rows
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
            made.of("Bridge", read_rows, found[0]),
            made.of("Port", read_rows, found[1]),
            interface_of=made.of("Interface", by_uuid, found[2]),
            devices=made.of("link", links, found[3]),
            made=made,
        )
    except (KeyError, TypeError, ValueError, IndexError):
        raise Garbled("a table of the switch is not as Open vSwitch prints it: nothing was concluded from it") from None


def _reading(
    bridges: list[Row], ports: list[Row], *, interface_of: dict[str, Row], devices: dict[str, Row], made: Made
) -> Reading:
    bridge_of_row = {uuid: row["name"] for row in bridges for uuid in elements(row["ports"])}
    found: dict[str, Port] = {}
    lags: dict[str, Lag] = {}
    bridge_of: dict[str, str] = {}
    for row in ports:
        bridge, port = bridge_of_row.get(row["_uuid"][1]), row["name"]
        if bridge is None:
            continue
        own = [interface_of[uuid] for uuid in elements(row["interfaces"])]
        names = sorted(interface["name"] for interface in own)
        bridge_of[port] = bridge
        found[port] = made.of(("Port", port), _port, row, [devices[name] for name in names if name in devices])
        if names != [port]:
            lags[port] = _lag(row, names)
            bridge_of.update(dict.fromkeys(names, bridge))
            found.update({interface["name"]: _member(interface, devices) for interface in own})
    return Reading(State(ports=dict(sorted(found.items())), lags=dict(sorted(lags.items()))), bridge_of)


def _port(row: Row, devices: list[Row]) -> Port:
    mtus = {device["mtu"] for device in devices if device["mtu"] in _MTUS}
    fields: dict[str, Any] = switching.read(row)
    return Port(
        description=mapping(row["external_ids"]).get(DESCRIPTION),
        enabled=any(map(is_up, devices)) if devices else None,
        mtu=mtus.pop() if len(mtus) == 1 else None,
        stp=Stp(edge=mapping(row["other_config"]).get(EDGE) == "true"),
        **fields,
    )


def _lag(row: Row, members: list[str]) -> Lag:
    return Lag(
        members=tuple(members),
        lacp=_LACP[optional(row["lacp"]) or "off"],
        fallback=mapping(row["other_config"]).get(FALLBACK) == "true",
    )


def _member(interface: Row, devices: Mapping[str, Row]) -> Port:
    """A member has no switching of its own: that stands at its LAG."""
    device = devices.get(interface["name"])
    return Port(
        description=mapping(interface["external_ids"]).get(DESCRIPTION),
        enabled=None if device is None else is_up(device),
    )


def is_up(device: Row) -> bool:
    """Whether a device of ``ip -j link`` is administratively up."""
    return "UP" in device["flags"]
