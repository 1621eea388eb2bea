"""Links as exports want them (see :mod:`proxy_service.graph.reading`)."""

from __future__ import annotations

from typing import Any

from proxy_service.graph.reading import MOST, all_links, links_of
from proxy_service.store import Rows


def links(rows: Rows, node: str | None = None) -> list[dict[str, Any]]:
    """The links of one node or server, or of all."""
    if node is None:
        return all_links(rows)
    found: list[dict[str, Any]] = links_of(rows, node=node, at=None, state=None, limit=MOST)["items"]
    return found
