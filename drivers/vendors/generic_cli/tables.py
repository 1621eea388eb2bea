"""Which commands are asked of a platform, and what each is about.

A profile may say so itself. Where it does not, the commands are chosen from the index of ntc-templates: by what a
command is called and by the fields of its template, so that a platform that ntc-templates learns is read without a
line here.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal, get_args

from annotated_types import MinLen
from pydantic import ConfigDict

from drivers.vendors.generic_cli import index

Kind = Literal["facts", "vlans", "ports", "lags", "lldp", "cdp", "macs"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A command, and what its answer is about.

    ``read_as`` is the platform (and its command, where that is another) whose template reads the answer, where it is
    not the profile's own. Tables with the same ``instead`` say the same: the first that the device answers counts.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    kind: Kind
    command: Annotated[str, MinLen(1)]
    read_as: str = ""
    read_command: str = ""
    instead: str = ""

    @property
    def read_as_command(self) -> str:
        """The command under which the index knows the answer."""
        return self.read_command or self.command


_LEFT_OUT: Final = re.compile(
    r"\b(ip|ipv6|ipv4|bgp|ospf|isis|mpls|arp|route|acl|access-lists?|counters?|transceivers?|dom|power|group|security|vrf"
    r"|err-disabled|capabilities|breakout|internal|mgmt|statistics|qos|dhcp|snooping|tunnel|nve|vni|bfd|cts|link|dot1x"
    r"|authentication|local-device|license|service|router|private-vlan|cluster|processes|summary status|vpc|mlag"
    r"|access-session|environment|utilization|queue|policy-interface|rate|crashlog|histo|voice|peers|wireguard|ssid|ap"
    r"|running-config interface|running-config hostname|boot|image|firmware|module-information|module|cpu|memory|uptime"
    r"|ont|gpon|gem|optical|vdsl|board|xcvr|monitor|poe|speed-test|lte|hotspot|ethernet monitor|sfp)\b"
)
_CALLED: Final[tuple[tuple[Kind, re.Pattern[str]], ...]] = (
    (
        "macs",
        re.compile(
            r"\b(mac(-addr(ess)?)?(-table)?|mac address-table|fdb|bridge (address|host)|ethernet-switching table)\b"
        ),
    ),
    ("lldp", re.compile(r"\blldp\b")),
    ("cdp", re.compile(r"\b(cdp|isdp|fdp|edp)\b")),
    (
        "lags",
        re.compile(
            r"\b(etherchannel|port-channel|linkagg|link-aggregation|eth-trunk|lag|trunks?|sharing|channel-group"
            r"|lacp interfaces)\b"
        ),
    ),
    ("vlans", re.compile(r"\bvlan (port|members)\b")),
    ("ports", re.compile(r"\b(interfaces?|ports?|switchport|port vlan|ethernet-switching interfaces)\b")),
    ("vlans", re.compile(r"\bvlans?\b")),
    (
        "facts",
        re.compile(
            r"\b(version|system|inventory|chassis hardware|chassis|hostname|system id|system information|identity)\b"
        ),
    ),
)
_NEEDED: Final[dict[Kind, tuple[frozenset[str], ...]]] = {
    "macs": (
        frozenset({"mac_address", "destination_address", "mac"}),
        frozenset({"destination_port", "interface", "ports", "port", "logical_interface"}),
    ),
    "lldp": (frozenset({"local_interface", "local_port"}),),
    "cdp": (frozenset({"local_interface"}),),
    "lags": (
        frozenset(
            {"bundle_name", "po_name", "aggregate_interface", "eth_trunk", "trunk", "config_master", "interface"}
        ),
        frozenset(
            {"member_interface", "interfaces", "member_port", "agg_mbr", "portlist", "local_port", "local_interfaces"}
        ),
    ),
    "ports": (
        frozenset({"interface", "port", "port_id", "name"}),
        frozenset(
            {"status", "link_status", "linkstate", "link_state", "line_status", "link", "phy", "description", "mode"}
            | {
                "interface_mode",
                "link_type",
                "native_vlan",
                "admin_state",
                "detected_speed",
                "enabled",
                "physical",
                "intstate",
            }
        ),
    ),
    "vlans": (frozenset({"vlan_id", "vid", "tag"}),),
    "facts": (
        frozenset(
            {
                "version",
                "software_version",
                "sw_version",
                "os_version",
                "serial",
                "serial_number",
                "hostname",
                "sn",
                "os",
            }
            | {"name", "junos_version", "vrp_version", "image", "chassis_serial_number", "operation_code_version"}
        ),
    ),
}
_FIRST: Final[dict[Kind, tuple[str, ...]]] = {
    "facts": ("version", "system"),
    "lldp": ("detail", "verbose"),
    "cdp": ("detail",),
    "ports": ("switchport", "port vlan", "status", "brief", "description"),
    "vlans": ("brief",),
}
"""Words of the commands that say most, or say it best; what one table says stands above what a later one says."""


def kind_of(command: str, fields: frozenset[str]) -> Kind | None:
    """What a command of the index is about; None where it is nothing of ours."""
    if _LEFT_OUT.search(command):
        return None
    for kind, called in _CALLED:
        if called.search(command):
            return kind if all(needed & fields for needed in _NEEDED[kind]) else None
    return None


@functools.cache
def chosen(platform: str) -> tuple[Table, ...]:
    """The tables of a platform, chosen from the index."""
    found: dict[str, Table] = {}
    for entry in index.of_platform(platform):
        if entry.asked and entry.asked not in found:
            fields = frozenset().union(*(index.fields(template) for template in entry.templates))
            kind = kind_of(entry.asked, fields)
            if kind is not None:
                instead = kind if kind in ("lldp", "cdp", "macs") else ""
                found[entry.asked] = Table(kind=kind, command=entry.asked, instead=instead)
    return tuple(sorted(found.values(), key=_rank))


def _rank(table: Table) -> tuple[int, int, int]:
    words = _FIRST.get(table.kind, ())
    place = next((at for at, word in enumerate(words) if word in table.command), len(words))
    return KINDS.index(table.kind), place, len(table.command)


@functools.cache
def platforms() -> tuple[str, ...]:
    """The platforms of which something can be read."""
    return tuple(platform for platform in index.platforms() if chosen(platform))
