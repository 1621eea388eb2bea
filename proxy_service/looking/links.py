"""Links as they are listed (see :mod:`proxy_service.graph.reading`)."""

from __future__ import annotations

from typing import Any

from proxy_service.graph.reading import MOST, links_of
from proxy_service.store import Rows


def links(rows: Rows, node: str | None = None) -> list[dict[str, Any]]:
    """The links of one node or server, or of all."""
    found: list[dict[str, Any]] = links_of(rows, node=node, at=None, state=None, limit=MOST)["items"]
    return found
