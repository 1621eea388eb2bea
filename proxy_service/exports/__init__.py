"""What other tools read: the same nodes and links in the words of Graphviz, Mermaid, NetJSON, Ansible, Prometheus,
NetBox and Chef.

Each format is a pure function of a :class:`~proxy_service.exports.gathered.Gathered`. Names from the wire are hostile:
each format quotes them by its own rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from proxy_service.exports import graphs, inventories, netbox
from proxy_service.exports.gathered import Gathered


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how it is written, its media type, and whether it needs the facts of the nodes."""

    write: Callable[[Gathered], str]
    media: str
    sentence: str
    facts: bool = False


_JSON: Final = "application/json"
_CSV: Final = "text/csv; charset=utf-8"

FORMATS: Final = {
    "dot": Format(graphs.dot, "text/vnd.graphviz; charset=utf-8", "the topology for Graphviz"),
    "mermaid": Format(graphs.mermaid, "text/plain; charset=utf-8", "the topology for Mermaid"),
    "netjson": Format(graphs.netjson, _JSON, "the topology as a NetJSON NetworkGraph"),
    "ansible": Format(inventories.ansible, _JSON, "an inventory, as Ansible's scripts print it", facts=True),
    "prometheus": Format(inventories.prometheus, _JSON, "targets for file_sd and http_sd"),
    "chef": Format(inventories.chef, _JSON, "nodes in the JSON of Chef", facts=True),
    "netbox-devices": Format(netbox.devices_csv, _CSV, "devices for NetBox's bulk import", facts=True),
    "netbox-devices-json": Format(netbox.devices_json, _JSON, "devices for NetBox's API", facts=True),
    "netbox-cables": Format(netbox.cables_csv, _CSV, "cables for NetBox's bulk import"),
    "netbox-cables-json": Format(netbox.cables_json, _JSON, "cables for NetBox's API"),
}

__all__ = ["FORMATS", "Format", "Gathered"]
