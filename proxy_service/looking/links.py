"""Links as agents saw them: one end is a managed node's port, the other what the neighbour said of itself.

Current evidence only, each from one side. A link is as fresh as its node's last good reading, so that an unchanged
link costs no write.
"""

from __future__ import annotations

from typing import Any, Final

import orjson
import sqlalchemy as sa

from proxy_service.store import Rows
from proxy_service.store import tables as t

_LINKS: Final = (
    sa.select(t.documents.c.node, t.documents.c.at, t.documents.c.body, t.statuses.c.last_seen)
    .join(t.statuses, t.statuses.c.node == t.documents.c.node)
    .where(t.documents.c.part == "links")
    .order_by(t.documents.c.node)
)


def links(rows: Rows, node: str | None = None) -> list[dict[str, Any]]:
    """The links of one node, or of all."""
    select = _LINKS if node is None else _LINKS.where(t.documents.c.node == node)
    return [_view(row, item) for row in rows.all(select) for item in orjson.loads(row.body)]


def _view(row: Any, item: dict[str, Any]) -> dict[str, Any]:
    seen = {"first_seen": item["first_seen"], "last_seen": max(row.last_seen or row.at, item["first_seen"])}
    return {
        "a": {"node": row.node, "port": item["port"]},
        "b": {
            "unknown": item["name"] or item["chassis_id"],
            "name": item["name"],
            "chassis_id": item["chassis_id"],
            "port": item["remote_port"],
            "port_description": item["port_description"],
        },
        "medium": item["medium"],
        "state": "one_sided",
        **seen,
        "evidence": [{"kind": item["kind"], "source": row.node, **seen}],
    }
