"""What exports are made of: the nodes, what was found of them, and the links between them, of one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
import sqlalchemy as sa

from proxy_service.declare.specs import NODE, read_node
from proxy_service.looking.links import links
from proxy_service.store import Rows
from proxy_service.store import tables as t

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ExportedNode:
    """A node as far as other tools want to know it. ``spec`` is what was declared, without what was left out."""

    name: str
    kind: str
    spec: Json
    facts: Json = field(default_factory=dict)

    @property
    def host(self) -> str:
        """The host of its first access; empty where that is a serial line beside the agent."""
        return urlsplit(self.spec["access"][0]).hostname or ""

    @property
    def labels(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.spec.get("labels", {})
        return found

    def fact(self, *path: str) -> Any:
        """A fact; an empty text where it is not known."""
        value: Any = self.facts
        for key in path:
            value = value.get(key, "") if isinstance(value, Mapping) else ""
        return value


@dataclass(frozen=True, slots=True)
class End:
    """One end of a link: ``kind`` is ``node``, ``server`` or ``unknown``."""

    kind: str
    name: str
    port: str

    @classmethod
    def of(cls, endpoint: Mapping[str, Any]) -> End:
        """An endpoint of ``GET /links``."""
        kind = next((word for word in ("node", "server") if endpoint.get(word)), "unknown")
        return cls(kind, str(endpoint.get(kind) or endpoint.get("name") or "?"), str(endpoint.get("port") or ""))


@dataclass(frozen=True, slots=True)
class Cable:
    """A link, with both ends and what it carries."""

    a: End
    b: End
    medium: str
    state: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All of it, in the order of names."""

    nodes: tuple[ExportedNode, ...]
    cables: tuple[Cable, ...]


def gather(rows: Rows, *, with_facts: bool = False) -> Gathered:
    """The site as it is known now."""
    facts: dict[str, Json] = {}
    if with_facts:
        c = t.documents.c
        facts = {
            row.node: orjson.loads(row.body) for row in rows.all(sa.select(c.node, c.body).where(c.part == "facts"))
        }
    select = sa.select(t.nodes.c.name, t.nodes.c.kind, t.nodes.c.spec).order_by(t.nodes.c.name)
    nodes = [
        ExportedNode(
            row.name,
            row.kind,
            orjson.loads(NODE.dump_json(read_node(row.spec), exclude_none=True)),
            facts.get(row.name, {}),
        )
        for row in rows.all(select)
    ]
    return Gathered(tuple(nodes), tuple(map(_cable, links(rows))))


def _cable(link: Mapping[str, Any]) -> Cable:
    kinds = tuple(dict.fromkeys(evidence["kind"] for evidence in link["evidence"]))
    return Cable(End.of(link["a"]), End.of(link["b"]), link["medium"], link["state"], kinds)
