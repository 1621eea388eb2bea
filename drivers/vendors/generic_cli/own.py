"""Answers that are read here and not by a template, because the template would lose a part of them.

FastIron's templates end names at the first character that they do not expect, and leave out the neighbour's chassis.

Dell Force10's ``show vlan`` lists Port-channels and 100-gigabit ports that its template leaves out; the S300's ``show
vlan`` wraps long names, of which its template reads the first line. Both are tables under a ruler or a heading.

ntc-templates has no templates for FRRouting; what is read of it was compared with 8.4.4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from drivers.errors import Garbled
from drivers.vendors.generic_cli.index import Row

Parser = Callable[[str], list[Row]]

_FORCE10_ROW: Final = re.compile(r"^(?:\S{1,3})?\s+(?P<id>\d+)\s+(?P<status>Active|Inactive)\b(?P<rest>.*)$")
_FORCE10_PORTS: Final = re.compile(
    r"(?:^|\s{2,})(?P<q>[UTxXoOGMHiIvV])\s+(?P<kind>Gi|Te|Tf|Tw|Fi|Fo|Hu|Ma|Po)\s*(?P<ports>\d\S*)\s*(?:\(.*\))?\s*$"
)
_FORCE10_NAMES: Final = {
    "Gi": "GigabitEthernet",
    "Te": "TenGigabitEthernet",
    "Tf": "twentyFiveGigE",
    "Tw": "twentyFiveGigE",
    "Fi": "fiftyGigE",
    "Fo": "fortyGigE",
    "Hu": "hundredGigE",
    "Ma": "ManagementEthernet",
    "Po": "Port-channel",
}
_FORCE10_TAGGED: Final = frozenset("TXOGHIV")
_FASTIRON_VLAN: Final = re.compile(r"^vlan (?P<id>\d+)(?: name (?P<name>.*?))?(?: by \w+.*)?\s*$")
_FASTIRON_PORTS: Final = re.compile(r"^ (?P<kind>tagged|untagged) (?P<ports>.*)$")
_FASTIRON_NEIGHBOUR: Final = re.compile(r"^\s*\+ (?P<word>[A-Z][\w ]*?)\s*(?:\([^)]*\))?\s*: (?P<value>.*?)\s*$")
_FASTIRON_WORDS: Final = {
    "Chassis ID": "chassis_id",
    "Port ID": "neighbor_port_id",
    "System name": "neighbor_name",
    "Port description": "neighbor_port_description",
}
_FRR_VERSION: Final = re.compile(r"^FRRouting (?P<version>\S+)(?: \((?P<hostname>[^)\s]+)\))?", re.MULTILINE)
_FRR_HEADING: Final = re.compile(r"^Interface\s+Status\s+Protocol\s+Description\s*$", re.MULTILINE)
_FRR_ROW: Final = re.compile(
    r"^(?P<interface>\S+)\s+(?P<admin_status>up|down)\s+(?P<link_status>up|down|unknown)\b *(?P<description>.*?)\s*$",
    re.MULTILINE,
)
_RULER: Final = re.compile(r"^[- ]*-{3,}[- ]*$")


def force10_vlans(text: str) -> list[Row]:
    """``show vlan`` of FTOS: a VLAN, and below it a line for each kind of port.

    The letters of its column Q: U, T untagged and tagged; x, X dot1x; o, O OpenFlow; G GVRP tagged; M VLAN stack; H
    VSN tagged; i, I internal; v, V VLT (the table's own legend).
    """
    rows: list[dict[str, str | list[str]]] = []
    begun = False
    for line in text.splitlines():
        begun = begun or bool(re.match(r"^\s+NUM\s+Status\b", line))
        match = _FORCE10_ROW.match(line)
        if begun and match is not None:
            rest = match["rest"]
            ports = _FORCE10_PORTS.search(rest)
            name = (rest[: ports.start()] if ports is not None else rest).strip()
            rows.append({"vlan_id": match["id"], "vlan_name": name, "tagged": [], "untagged": []})
        ports = _FORCE10_PORTS.search(line) if begun and rows else None
        if ports is not None:
            listed = ports["ports"].split("(")[0]
            kind = "tagged" if ports["q"] in _FORCE10_TAGGED else "untagged"
            held = rows[-1][kind]
            if isinstance(held, list):
                held.append(f"{_FORCE10_NAMES[ports['kind']]}{listed}")
    if not begun and text.strip():
        raise Garbled("the answer to 'show vlan' has no table of VLANs")
    return list(rows)


def s300_vlans(text: str) -> list[Row]:
    """``show vlan`` of the S300 family: columns of fixed width, long names and port lists wrapped to the next line."""
    return [
        {"vlan_id": cells[0], "vlan_name": _unwrapped(cells[1])}
        for cells in _by_ruler(text)
        if cells[0].strip().isdecimal()
    ]


def _unwrapped(cell: str) -> str:
    """A centred cell that was wrapped: its lines, one behind the other."""
    return "".join(line.strip() for line in cell.split("\n"))


def _by_ruler(text: str) -> Iterator[list[str]]:
    """The rows of a table, each cell with its lines; a line whose first cell is blank goes on with the row before."""
    lines = text.splitlines()
    ruler = next((at for at, line in enumerate(lines) if _RULER.match(line) and line.count("-") > 3), None)
    if ruler is None:
        if text.strip():
            raise Garbled("the answer to 'show vlan' has no table of VLANs")
        return
    spans = [match.span() for match in re.finditer(r"-+", lines[ruler])]
    row: list[str] | None = None
    for line in lines[ruler + 1 :]:
        if not line.strip():
            break
        cells = [line[start : end + 1] for start, end in spans]
        if cells[0].strip():
            if row is not None:
                yield row
            row = cells
        elif row is not None:
            row = [f"{before}\n{more}" for before, more in zip(row, cells, strict=True)]
    if row is not None:
        yield row


def fastiron_vlans(text: str) -> list[Row]:
    """``show running-config vlan``: a VLAN, and below it its ports with and without tag, on several lines."""
    rows: list[dict[str, str | list[str]]] = []
    for line in text.splitlines():
        vlan, ports = _FASTIRON_VLAN.match(line), _FASTIRON_PORTS.match(line)
        if vlan is not None:
            rows.append({"vlan_id": vlan["id"], "vlan_name": vlan["name"] or "", "tagged": [], "untagged": []})
        elif ports is not None and rows:
            held = rows[-1][ports["kind"]]
            if isinstance(held, list):
                held.append(ports["ports"].strip())
    return list(rows)


def fastiron_neighbours(text: str) -> list[Row]:
    """``show lldp neighbors detail``: a paragraph for each port, in it one for each neighbour."""
    rows: list[dict[str, str | list[str]]] = []
    port = ""
    for line in text.splitlines():
        if line.startswith("Local port:"):
            port = line.partition(":")[2].strip()
        elif line.strip().startswith("Neighbor:"):
            rows.append({"local_interface": port, **dict.fromkeys(_FASTIRON_WORDS.values(), "")})
        elif (match := _FASTIRON_NEIGHBOUR.match(line)) and match["word"] in _FASTIRON_WORDS and rows:
            rows[-1][_FASTIRON_WORDS[match["word"]]] = match["value"].strip('"')
    return list(rows)


def frr_version(text: str) -> list[Row]:
    """``show version``: one line says it, what it was built with follows."""
    match = _FRR_VERSION.search(text)
    if match is None:
        raise Garbled("the answer to 'show version' does not begin as FRRouting's does")
    return [match.groupdict("")]


def frr_interfaces(text: str) -> list[Row]:
    """``show interface description``: a table for each VRF, of what was said of an interface and of its carrier.

    Where the carrier is not looked at (``no link-detect``), it is ``unknown``.
    """
    if _FRR_HEADING.search(text) is None:
        raise Garbled("the answer to 'show interface description' has no table of interfaces")
    return [match.groupdict() for match in _FRR_ROW.finditer(text)]


_PARSERS: Final[dict[tuple[str, str], Parser]] = {
    ("dell_force10", "show vlan"): force10_vlans,
    ("cisco_s300", "show vlan"): s300_vlans,
    ("brocade_fastiron", "show running-config vlan"): fastiron_vlans,
    ("brocade_netiron", "show running-config vlan"): fastiron_vlans,
    ("brocade_fastiron", "show lldp neighbors detail"): fastiron_neighbours,
    ("brocade_netiron", "show lldp neighbors detail"): fastiron_neighbours,
    ("frr", "show version"): frr_version,
    ("frr", "show interface description"): frr_interfaces,
}


def parser(platform: str, command: str) -> Parser | None:
    """Our own parser of a command's answer; None where a template reads it."""
    return _PARSERS.get((platform, command))
