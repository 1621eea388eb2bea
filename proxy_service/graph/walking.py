"""The topology around a machine: breadth first, so that loops end where they began."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from proxy_service.graph.links import Link
from proxy_service.graph.looking_up import known_of
from proxy_service.graph.reading import MOST, Evidence, Json, shown_end, views
from proxy_service.graph.resolving import NODE, SERVER, UNKNOWN
from proxy_service.problems import not_found
from proxy_service.store import Rows

DEEPEST: Final = 16


def topology(rows: Rows, *, root: str | None, depth: int, medium: str | None, at: str | None, limit: int) -> Json:
    """The machines around ``root`` (a node or a server), and the links between them; without a root, all of them."""
    evidence = Evidence(rows, at)
    cut = False
    if root is None:
        cut = evidence.everything(2 * limit)
        reached: dict[str, int] = {}
    else:
        reached = _walk(evidence, existing(rows, root), depth, medium)
        evidence.beside(evidence.links())
    links = [link for link in evidence.links() if medium is None or link.medium == medium]
    if root is not None:
        links = [link for link in links if {link.ends[0][0], link.ends[1][0]} <= reached.keys()]
    page = links[:limit]
    now = at or evidence.now
    return {
        "root": root,
        "at": now,
        "nodes": _corners(rows, page, reached),
        "links": views(rows, page, now=now),
        "more": cut or len(links) > limit,
    }


def existing(rows: Rows, name: str) -> str:
    """The end that a name is. Raises :class:`Refused` where neither node nor server bears it."""
    found = sorted(str(row.who) for row in known_of(rows, (NODE + name, SERVER + name)))
    if not found:
        raise not_found("node or server", name)
    return found[0]


def _walk(evidence: Evidence, root: str, depth: int, medium: str | None) -> dict[str, int]:
    """How many links away everybody is, up to ``depth``."""
    reached = {root: 0}
    frontier = {root}
    for distance in range(1, min(depth, DEEPEST) + 1):
        evidence.of(end for end in frontier if not end.startswith(UNKNOWN))
        found = _beyond(evidence.found.values(), frontier, medium)
        frontier = {end for end in found if end not in reached}
        reached |= dict.fromkeys(frontier, distance)
        if not frontier or len(evidence.found) > MOST:
            break
    return reached


def _beyond(rows: Iterable[Json], frontier: set[str], medium: str | None) -> set[str]:
    found = set()
    for row in rows:
        if medium is None or row["medium"] == medium:
            if row["a"] in frontier:
                found.add(row["b"])
            if row["b"] in frontier:
                found.add(row["a"])
    return found


def _corners(rows: Rows, links: Iterable[Link], reached: dict[str, int]) -> list[Json]:
    """The machines at the ends of links, and those reached, each once."""
    shown: dict[str, Json] = {}
    for link in links:
        for end, port in link.ends:
            shown.setdefault(end, shown_end(end, port, link))
    ends = sorted(shown.keys() | {end for end in reached if not end.startswith(UNKNOWN)})
    kinds = {row.who: row.kind for row in known_of(rows, (end for end in ends if not end.startswith(UNKNOWN)))}
    return [_corner(end, shown.get(end), kinds, reached) for end in ends]


def _corner(end: str, shown: Json | None, kinds: dict[str, str], reached: dict[str, int]) -> Json:
    kind, _, name = end.partition("/")
    found: dict[str, Any] = {
        "id": end,
        "type": kind,
        "name": shown[kind] if shown is not None else name,
        "kind": kinds.get(end, kind),
    }
    return found | ({"depth": reached[end]} if end in reached else {})
