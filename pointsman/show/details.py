"""One node or role with all there is to know about it, as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pointsman.show.output import Branch
from pointsman.show.plans import pass_tree
from pointsman.show.tables import DRIFT, LINKS, converged_text
from pointsman.show.text import ago, safe, value_text, yes_no

Json = Mapping[str, Any]


def node_tree(node: Json) -> Branch:
    """A node: what was declared, how it stands, what its last pass did, its drift and its neighbours."""
    spec, status = node["spec"], node["status"]
    branch = Branch(f"node {node['name']}")
    branch.add(f"profile: {spec['profile']}")
    branch.add(f"location: {spec['location']}, agent {value_text(status.get('agent'))}")
    branch.add(f"access: {', '.join(spec['access'])}")
    if spec.get("labels"):
        branch.add(f"labels: {value_text(spec['labels'])}")
    branch.add(
        f"generation: {status['generation']}, on the device {value_text(status.get('converged_generation'))}, "
        f"read {ago(status.get('observed_at') or status.get('last_seen'))}"
    )
    branch.add(f"converged: {converged_text(node)}")
    _add_identity(branch, status.get("identity") or {})
    _add_conditions(branch, status.get("conditions") or ())
    if node.get("last_pass"):
        record = node["last_pass"]
        branch.twigs.append(pass_tree(f"last pass, {ago(record['ended_at'])}", record))
    _add_drift(branch, node["name"], node.get("drift") or ())
    _add_links(branch, node.get("links") or ())
    _add_power(branch, node.get("operation") or {})
    return branch


def role_tree(role: Json) -> Branch:
    """A role: whose it is, and how its own leaves stand on each node."""
    spec, status = role["spec"], role["status"]
    branch = Branch(f"role {role['name']}")
    branch.add(f"owner: {value_text(role.get('owner') or spec.get('owner'))}, priority {spec.get('priority', 50)}")
    branch.add(f"converged: {yes_no(status['converged'])}")
    attach = spec.get("attach") or {}
    if attach.get("labels"):
        branch.add(f"attached to the labels {value_text(attach['labels'])}")
    if attach.get("nodes"):
        branch.add(f"attached to the nodes {value_text(attach['nodes'])}")
    nodes = branch.add("nodes:" if status.get("nodes") else "nodes: none")
    for name, entry in (status.get("nodes") or {}).items():
        why = f": {entry['reason']}: {entry['message']}" if entry.get("reason") and not entry["converged"] else ""
        nodes.add(f"{name}: {yes_no(entry['converged'])}, generation {entry['generation']}{why}")
    return branch


def _add_identity(branch: Branch, identity: Json) -> None:
    known = {key: value for key, value in identity.items() if value}
    if known:
        branch.add(f"identity: {value_text(known)}")


def _add_conditions(branch: Branch, conditions: Any) -> None:
    twig = branch.add("conditions:" if conditions else "conditions: none yet")
    for condition in conditions:
        reason = f" {condition['reason']}" if condition["reason"] else ""
        twig.add(
            f"{condition['type']}: {yes_no(condition['status'])}{reason}, since {ago(condition['since'])}"
            + (f": {condition['message']}" if condition["message"] else "")
        )


def _add_drift(branch: Branch, name: str, items: Any) -> None:
    twig = branch.add("drift:" if items else "drift: none")
    for item in items:
        _, path, declared, found, roles, since = DRIFT.row({"node": name, **item})
        twig.add(f"{path}: declared {declared} by {roles}, found {found}, {since}")


def _add_links(branch: Branch, links: Any) -> None:
    twig = branch.add("neighbours:" if links else "neighbours: none seen")
    for item in links:
        _, port, who, its_port, kinds, state = LINKS.row(item)
        twig.add(f"{port}: {who} {its_port} (by {kinds}, {state})")


_MEASURES: Final = {"amps": "A", "volts": "V", "watts": "W", "voltamps": "VA", "energy_wh": "Wh"}


def _add_power(branch: Branch, operation: Json) -> None:
    """Outlets of a PDU and what feeds them, where the node has any."""
    for title in ("inputs", "outlets"):
        found = operation.get(title) or {}
        if found:
            twig = branch.add(f"{title}, read {ago(operation.get('at'))}:")
            for key, item in found.items():
                twig.add(f"{safe(key)}: {', '.join(_measured(item)) or 'nothing measured'}")


def _measured(item: Json) -> Iterator[str]:
    if item.get("on") is not None:
        yield "on" if item["on"] else "off"
    if item.get("waiting"):
        yield "on its way"
    if item.get("name"):
        yield safe(item["name"])
    for measure, unit in _MEASURES.items():
        if item.get(measure) is not None:
            yield f"{item[measure]:g} {unit}" if measure != "energy_wh" else f"{item[measure] / 1000:g} kWh"
