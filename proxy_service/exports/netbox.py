"""Devices and cables for NetBox: the CSV of its bulk import, and the JSON of its API.

Columns and fields are those of NetBox 4's ``dcim.device`` and ``dcim.cable`` (docs.netbox.dev, data model and bulk
import). Terminations are told by what a link carries: interfaces, power ports and outlets, console ports. A slot or a
LUN is no cable, and an end that nobody knows cannot be plugged in: such links are left out.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from proxy_service.exports.gathered import Cable, End, ExportedNode, Gathered

DEVICE_COLUMNS: Final = (
    *("name", "role", "manufacturer", "device_type", "platform", "serial", "site", "location", "status", "comments"),
)
CABLE_COLUMNS: Final = (
    *("side_a_device", "side_a_type", "side_a_name", "side_b_device", "side_b_type", "side_b_name", "status", "type"),
    "label",
)
_TERMINATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "data": ("dcim.interface", "dcim.interface"),
    "power": ("dcim.poweroutlet", "dcim.powerport"),
    "serial": ("dcim.consoleserverport", "dcim.consoleport"),
}
"""What our end and the other end of a link are in NetBox, by what it carries."""
_NO_SLUG: Final = re.compile(r"[^a-z0-9_]+")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def devices_csv(site: Gathered) -> str:
    """A row for each node. Its site is the annotation ``netbox-site``, else its location; its role ``netbox-role``."""
    return _csv(DEVICE_COLUMNS, ([str(_device(node)[key]) for key in DEVICE_COLUMNS] for node in site.nodes))


def devices_json(site: Gathered) -> str:
    """An object for each node, related objects by their slugs."""
    return _dumped([_api_device(_device(node)) for node in site.nodes])


def cables_csv(site: Gathered) -> str:
    """A row for each cable of which both ends are known."""
    return _csv(CABLE_COLUMNS, (_cable_row(cable) for cable in _cables(site)))


def cables_json(site: Gathered) -> str:
    """An object for each cable of which both ends are known."""
    return _dumped([_api_cable(cable) for cable in _cables(site)])


def _device(node: ExportedNode) -> dict[str, str]:
    annotations = node.spec.get("annotations", {})
    system = ("dmi", "system")
    return {
        "name": node.name,
        "role": annotations.get("netbox-role", node.kind),
        "manufacturer": str(node.fact(*system, "manufacturer") or "Unknown"),
        "device_type": str(node.fact(*system, "product_name") or node.spec["profile"]),
        "platform": node.spec["profile"],
        "serial": str(node.fact(*system, "serial_number") or node.spec.get("identity", {}).get("serial", ""))[:50],
        "site": annotations.get("netbox-site", node.spec["location"]),
        "location": "",
        "status": "active",
        "comments": "",
    }


def _api_device(device: Mapping[str, str]) -> dict[str, Any]:
    maker = {"name": device["manufacturer"], "slug": slug(device["manufacturer"])}
    return {
        "name": device["name"],
        "role": {"slug": slug(device["role"])},
        "device_type": {"manufacturer": maker, "model": device["device_type"], "slug": slug(device["device_type"])},
        "platform": {"slug": slug(device["platform"])},
        "serial": device["serial"],
        "site": {"slug": slug(device["site"])},
        "status": device["status"],
    }


def _cables(site: Gathered) -> Iterator[Cable]:
    for cable in site.cables:
        known = all(end.kind in {"node", "server"} and end.port for end in (cable.a, cable.b))
        if known and cable.medium in _TERMINATIONS and cable.state != "contradicted":
            yield cable


def _cable_row(cable: Cable) -> list[str]:
    ours, theirs = _TERMINATIONS[cable.medium]
    sides = [*_side(cable.a, ours), *_side(cable.b, theirs)]
    return [*sides, "connected", "power" if cable.medium == "power" else "", ""]


def _side(end: End, termination: str) -> list[str]:
    return [end.name, termination, end.port]


def _api_cable(cable: Cable) -> dict[str, Any]:
    ours, theirs = _TERMINATIONS[cable.medium]
    return {
        "a_terminations": [_termination(cable.a, ours)],
        "b_terminations": [_termination(cable.b, theirs)],
        "status": "connected",
    }


def _termination(end: End, kind: str) -> dict[str, Any]:
    return {"object_type": kind, "object": {"device": {"name": end.name}, "name": end.port}}


def slug(text: str) -> str:
    """NetBox's slug of a name: small letters, digits, hyphens and underscores."""
    return _NO_SLUG.sub("-", text.lower()).strip("-")[:100]


def _csv(columns: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return written.getvalue()


def _harmless(cell: str) -> str:
    """Whoever opens the file in a spreadsheet must not run what a neighbour calls itself."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _dumped(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n"
