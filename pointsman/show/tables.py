"""The lists: which columns, and how a row is made of what the service answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pointsman.show.text import NOTHING, ago, safe, value_text, yes_no

Json = Mapping[str, Any]
_MOST_MADE: Final = 5


@dataclass(frozen=True, slots=True)
class TableOf:
    """A kind of list."""

    columns: tuple[str, ...]
    row: Callable[[Json], tuple[str, ...]]


def conditions_of(item: Json) -> dict[str, Json]:
    """A node's conditions by type."""
    return {condition["type"]: condition for condition in item["status"].get("conditions") or ()}


def converged_text(item: Json) -> str:
    """Whether a node is as declared, and if not, why."""
    condition = conditions_of(item).get("Converged")
    status = item["status"]
    if condition is None:
        return "unknown"
    if condition["status"]:
        behind = (status.get("converged_generation") or 0) < status["generation"]
        return "no (a new generation is on its way)" if behind else "yes"
    return f"{yes_no(condition['status'])} ({condition['reason']})" if condition["reason"] else "no"


def _node(item: Json) -> tuple[str, ...]:
    status = item["status"]
    reachable = conditions_of(item).get("Reachable", {}).get("status")
    return (
        item["name"],
        item["spec"]["profile"],
        item["spec"]["location"],
        value_text(status["generation"]),
        converged_text(item),
        yes_no(reachable),
        value_text(status.get("agent")),
        ago(status.get("last_seen")),
    )


def _role(item: Json) -> tuple[str, ...]:
    spec, status = item["spec"], item["status"]
    nodes: Json = status.get("nodes") or {}
    late = sorted(name for name, node in nodes.items() if not node["converged"])
    return (
        item["name"],
        value_text(item.get("owner") or spec.get("owner")),
        value_text(spec.get("priority", 50)),
        str(len(nodes)),
        "yes" if status["converged"] else f"no ({', '.join(late)})" if late else "no",
    )


def _server(item: Json) -> tuple[str, ...]:
    identity = item["spec"].get("identity") or {}
    macs = ", ".join(f"{nic} {mac}" for nic, mac in (identity.get("macs") or {}).items())
    return (
        item["name"],
        value_text(item.get("owner")),
        value_text(identity.get("hostname")),
        macs or NOTHING,
        ago(item["status"].get("reported_at")),
    )


def _location(item: Json) -> tuple[str, ...]:
    spec = item["spec"]
    protect = ",".join(spec.get("protect") or ()) or NOTHING
    return item["name"], spec.get("agents", "alone"), spec.get("bind_on", "lldp+fdb"), protect


def _agent(item: Json) -> tuple[str, ...]:
    connected = yes_no(item["connected"])
    return (
        item["name"],
        value_text(item.get("location")),
        item.get("version", NOTHING),
        connected,
        ago(item["last_seen"]),
        str(item.get("lease", {}).get("nodes", NOTHING)),
        item.get("lease", {}).get("state", NOTHING),
        f"{len(item['standing'])} nodes (ServiceBehind)" if item.get("standing") else NOTHING,
    )


def _refused(item: Json) -> tuple[str, ...]:
    offered = item["offered"]
    return (
        item["node"],
        value_text(item.get("agent")),
        value_text(item["generation"]),
        "unknown there" if offered is None else value_text(offered),
        safe(item["message"]),
    )


def _write(item: Json) -> tuple[str, ...]:
    made = [f"{node}@{generation}" for node, generation in sorted(item["generations"].items())]
    outcomes = Counter(done["outcome"] for done in item["passes"])
    return (
        value_text(item["at"]),
        value_text(item["owner"]),
        f"{item['method']} {safe(item['path'])}",
        value_text(item["outcome"]),
        " ".join(made[:_MOST_MADE]) + (f" and {len(made) - _MOST_MADE} more" if len(made) > _MOST_MADE else "")
        if made
        else NOTHING,
        " ".join(f"{outcome}:{count}" for outcome, count in sorted(outcomes.items())) or NOTHING,
    )


def _profile(item: Json) -> tuple[str, ...]:
    return item["name"], item["kind"], item["driver"], item["vendor"], item["title"]


def _event(item: Json) -> tuple[str, ...]:
    subject = item.get("node") or item.get("role")
    return (
        value_text(item["id"]),
        value_text(item["at"]),
        item["type"],
        value_text(subject),
        value_text(item.get("data")),
    )


def _token(item: Json) -> tuple[str, ...]:
    scopes = ",".join(item.get("scopes") or ())
    state = "revoked" if item.get("revoked_at") else ago(item["expires_at"]) if item.get("expires_at") else "never"
    return value_text(item["id"]), item["name"], value_text(item.get("owner")), scopes, state


def _link(item: Json) -> tuple[str, ...]:
    a, b = item["a"], item["b"]
    who = value_text(b.get("node") or b.get("server") or b.get("name") or b.get("chassis_id"))
    kinds = sorted({evidence["kind"] for evidence in item.get("evidence") or ()})
    return (
        value_text(a.get("node")),
        value_text(a.get("port")),
        who,
        value_text(b.get("port")),
        ",".join(kinds),
        item["state"],
    )


def _drift(item: Json) -> tuple[str, ...]:
    return (
        item["node"],
        item["path"],
        value_text(item["expected"]),
        value_text(item["found"]),
        ",".join(item.get("roles") or ()) or NOTHING,
        ago(item["since"]),
    )


TABLES: Final[Mapping[str, TableOf]] = {
    "nodes": TableOf(("name", "profile", "location", "generation", "converged", "reachable", "agent", "seen"), _node),
    "roles": TableOf(("name", "owner", "priority", "nodes", "converged"), _role),
    "servers": TableOf(("name", "owner", "host name", "MACs", "reported"), _server),
    "locations": TableOf(("name", "agents", "bind on", "protect"), _location),
    "agents": TableOf(("name", "location", "version", "connected", "seen", "nodes", "lease", "refuses"), _agent),
    "profiles": TableOf(("name", "kind", "driver", "vendor", "title"), _profile),
    "events": TableOf(("id", "at", "type", "of", "data"), _event),
}
TOKENS: Final = TableOf(("id", "name", "owner", "scopes", "expires"), _token)
REFUSED: Final = TableOf(("node", "agent", "held", "offered", "why"), _refused)
AUDIT: Final = TableOf(("at", "owner", "call", "outcome", "generations", "passes"), _write)
LINKS: Final = TableOf(("node", "port", "neighbour", "its port", "by", "state"), _link)
DRIFT: Final = TableOf(("node", "path", "declared", "found", "roles", "since"), _drift)
