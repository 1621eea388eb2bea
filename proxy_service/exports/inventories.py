"""Inventories: Ansible's, Prometheus' service discovery, and Chef's node objects.

Sources: Ansible's inventory scripts (docs.ansible.com, "Developing dynamic inventory"), Prometheus' file_sd and http_sd
(prometheus.io/docs/prometheus/latest/http_sd), Chef's node object (docs.chef.io/nodes).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from proxy_service.exports.gathered import ExportedNode, Gathered

_NETWORK_OS: Final = {
    "arista_eos": "arista.eos.eos",
    "aruba_aoscx": "arubanetworks.aoscx.aoscx",
    "cisco_ios": "cisco.ios.ios",
    "cisco_nxos": "cisco.nxos.nxos",
    "cisco_xe": "cisco.ios.ios",
    "dell_force10": "dellemc.os9.os9",
    "extreme_exos": "community.network.exos",
    "huawei_vrp": "community.network.ce",
    "juniper_junos": "junipernetworks.junos.junos",
    "mikrotik_routeros": "community.routeros.routeros",
    "ubiquiti_edgeswitch": "community.network.edgeswitch",
}
"""Ansible's name of the platform, by our profile."""
_NO_WORD: Final = re.compile(r"[^A-Za-z0-9_]+")


def ansible(site: Gathered) -> str:
    """What ``ansible-inventory -i SCRIPT --list`` reads: groups by kind, profile, location and label."""
    groups: dict[str, set[str]] = {}
    for node in site.nodes:
        for group in _groups(node):
            groups.setdefault(group, set()).add(node.name)
    found: dict[str, Any] = {
        "_meta": {"hostvars": {node.name: _host_variables(node) for node in site.nodes}},
        "all": {"children": sorted(groups)},
        **{name: {"hosts": sorted(hosts)} for name, hosts in sorted(groups.items())},
    }
    return _dumped(found)


def prometheus(site: Gathered) -> str:
    """Targets with meta labels; a node that no network address leads to has none."""
    return _dumped([_target(node) for node in site.nodes if node.host])


def chef(site: Gathered) -> str:
    """A list of node objects: what was found is automatic, what was declared is normal."""
    return _dumped([_chef_node(node) for node in site.nodes])


def _groups(node: ExportedNode) -> list[str]:
    words = [("kind", node.kind), ("profile", node.spec["profile"]), ("location", node.spec["location"])]
    words += [("label", f"{key}_{value}") for key, value in node.labels.items()]
    return [_word(f"{kind}_{value}") for kind, value in words]


def _host_variables(node: ExportedNode) -> dict[str, Any]:
    access, profile = urlsplit(node.spec["access"][0]), node.spec["profile"]
    found: dict[str, Any] = {
        "ansible_host": node.host,
        "ansible_port": access.port,
        # What stands before the host in snmp:// is a community.
        "ansible_user": access.username if access.scheme in {"ssh", "telnet", "netconf"} else None,
        "ansible_network_os": _NETWORK_OS.get(profile),
        "ansible_connection": "ansible.netcommon.network_cli" if profile in _NETWORK_OS else None,
    }
    found = {key: value for key, value in found.items() if value}
    more = {"kind": node.kind, "profile": profile, "location": node.spec["location"], "labels": node.labels}
    return found | {"pointsman": more | {"annotations": node.spec.get("annotations", {}), "facts": node.facts}}


def _target(node: ExportedNode) -> dict[str, Any]:
    plain = {"node": node.name, "kind": node.kind, "profile": node.spec["profile"], "location": node.spec["location"]}
    labels = {f"__meta_pointsman_{key}": value for key, value in plain.items()}
    labels |= {f"__meta_pointsman_label_{_word(key)}": value for key, value in node.labels.items()}
    return {"targets": [f"[{node.host}]" if ":" in node.host else node.host], "labels": labels}


def _chef_node(node: ExportedNode) -> dict[str, Any]:
    declared: Mapping[str, Any] = {key: value for key, value in node.spec.items() if key != "credentials"}
    return {
        "name": node.name,
        "chef_environment": "_default",
        "json_class": "Chef::Node",
        "chef_type": "node",
        "automatic": node.facts,
        "normal": {"pointsman": {"kind": node.kind, **declared, "access": [_shown(url) for url in declared["access"]]}},
        "default": {},
        "override": {},
        "run_list": [],
    }


def _shown(url: str) -> str:
    """An access without whoever stands before its host: over SNMP that would be a secret."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"


def _word(text: str) -> str:
    """A name that Ansible and Prometheus take: letters, digits and underscores."""
    return _NO_WORD.sub("_", text)


def _dumped(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n"
