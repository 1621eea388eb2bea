"""A role's status: over its own leaves only, node by node. Another owner's conflict or drift does not hold it."""

from __future__ import annotations

from typing import Any, Final

import orjson
import sqlalchemy as sa

from device_profiles.paths import Path, parse_path
from proxy_service.declare.compiling import declared_of, names_of
from proxy_service.declare.merge import group_of
from proxy_service.declare.specs import ROLE, read_role
from proxy_service.store import Rows
from proxy_service.store import tables as t

Json = dict[str, Any]

_REACHED: Final = (
    sa.select(t.reach.c.role, t.nodes.c.name, t.nodes.c.profile, t.nodes.c.generation, t.nodes.c.held)
    .add_columns(t.statuses.c.converged_generation, t.statuses.c.drift, t.statuses.c.conditions)
    .join(t.nodes, t.nodes.c.name == t.reach.c.node)
    .outerjoin(t.statuses, t.statuses.c.node == t.nodes.c.name)
    .order_by(t.reach.c.role, t.nodes.c.name)
)


def role_views(rows: Rows, found: list[Any]) -> list[Json]:
    """Roles as ``GET /roles/{role}`` shows them, with two queries however many they are."""
    reached: dict[str, list[Any]] = {row.name: [] for row in found}
    for row in rows.among(_REACHED, t.reach.c.role, reached):
        reached[row.role].append(row)
    return [_view(row, reached[row.name]) for row in found]


def _view(row: Any, reached: list[Any]) -> Json:
    spec = read_role(row.spec)
    nodes = {
        node.name: _on_node(node, row.name, set(declared_of(row.name, row.spec, names_of(node.profile)).leaves))
        for node in reached
    }
    return {
        "name": row.name,
        "spec": orjson.loads(ROLE.dump_json(spec, exclude_none=True)),
        "owner": row.owner,
        "set": row.set_name,
        "revision": row.revision,
        "status": {"converged": all(item["converged"] for item in nodes.values()), "nodes": nodes},
    }


def _on_node(node: Any, role: str, own: set[Path]) -> Json:
    groups = {group_of(path) for path in own}
    held = [item for item in orjson.loads(node.held) if role in item["roles"] or _group(item["path"]) in groups]
    drift = [item for item in orjson.loads(node.drift or "[]") if role in item["roles"] or _path(item["path"]) in own]
    proved = node.converged_generation or 0
    if held:
        reason, message = "Conflicted", f"{held[0]['path']}: {held[0]['message']}"
    elif drift:
        reason, message = "Drift", f"{drift[0]['path']} is not as declared since {drift[0]['since']}"
    elif proved < node.generation:
        reason, message = _why_not(node, proved)
    else:
        reason, message = "Converged", "a reading has shown it"
    return {"generation": node.generation, "converged": reason == "Converged", "reason": reason, "message": message}


def _why_not(node: Any, proved: int) -> tuple[str, str]:
    for item in orjson.loads(node.conditions or "[]"):
        if item["type"] in ("Reachable", "Converged", "Identified", "Paused") and item["status"] is (
            item["type"] == "Paused"
        ):
            return item["reason"], item["message"]
    return (
        "Pending",
        f"generation {node.generation} is declared, generation {proved} was the last that a reading proved",
    )


def _path(text: str) -> Path:
    try:
        return parse_path(text)
    except ValueError:  # an agent of another version may write paths in another way
        return (text,)


def _group(text: str) -> Path:
    return group_of(_path(text))
