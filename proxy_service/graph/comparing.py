"""Intended against seen: declared cables held against the links that are there.

A cable is ``as_declared``, ``missing`` (nothing shows it; ``seen`` says what is at its ends instead), or ``swapped``
with another (each was seen at the other's place). A link that nobody declared is ``unexpected`` where it ends at a port
of a machine that has declared cables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import sqlalchemy as sa

from proxy_service.graph.intervals import place_of
from proxy_service.graph.links import Link
from proxy_service.graph.marks import mac_of
from proxy_service.graph.reading import Evidence, Json, views
from proxy_service.graph.resolving import UNKNOWN
from proxy_service.store import Rows
from proxy_service.store import graph_tables as g

_CABLES: Final = sa.select(
    g.evidence.c.a, g.evidence.c.a_port, g.evidence.c.b, g.evidence.c.b_port, g.evidence.c.medium, g.evidence.c.body
)
End = tuple[str, str]


@dataclass(slots=True)
class _Cable:
    """A declared cable, and the links that were seen at each of its ends."""

    ends: tuple[End, End]
    medium: str
    written: Json
    seen: list[Link] = field(default_factory=list)
    at: tuple[list[Link], list[Link]] = field(default_factory=lambda: ([], []))


def report(rows: Rows, *, at: str | None) -> Json:
    """All declared cables with what was found of them, and what was found beside; ``deviations`` counts."""
    cables = _declared(rows, at)
    evidence = Evidence(rows, at)
    evidence.of({end for cable in cables for end, _ in cable.ends})
    evidence.beside(evidence.links())
    evidence.found = {number: row for number, row in evidence.found.items() if row["kind"] != "declared"}
    now = at or evidence.now
    links = [link for link in evidence.links() if link.live and link.state(now) != "stale"]
    _match(cables, links)
    swapped = _swapped(cables)
    twins = {number: cables[other] for number, other in swapped.items()}
    items = [_item(rows, cable, twins.get(number), now) for number, cable in enumerate(cables)]
    items += [
        {"result": "unexpected", "cable": None, "seen": views(rows, [link], now=now)}
        for link in _unexpected(cables, links)
    ]
    counts = dict.fromkeys(("as_declared", "missing", "swapped", "unexpected"), 0)
    for item in items:
        counts[item["result"]] += 1
    return {"at": now, "items": items, **counts, "deviations": len(items) - counts["as_declared"]}


def _declared(rows: Rows, at: str | None) -> list[_Cable]:
    c = g.evidence.c
    when: sa.ColumnElement[bool] = c.closed_at.is_(None)
    if at is not None:
        when = sa.and_(c.first_seen <= at, sa.or_(c.closed_at.is_(None), c.closed_at > at))
    found = rows.all(_CABLES.where(c.source == "declared", when).order_by(c.place))
    return [_Cable(((row.a, row.a_port), (row.b, row.b_port)), row.medium, orjson.loads(row.body)) for row in found]


def _ends(cables: Iterable[_Cable]) -> set[str]:
    return {end for cable in cables for end, _ in cable.ends}


def _match(cables: Sequence[_Cable], links: Sequence[Link]) -> None:
    """Find the links at each end of each cable, and those that are the cable."""
    index: dict[str, list[Link]] = {}
    for link in links:
        for key in _keys(link):
            index.setdefault(key, []).append(link)
    for cable in cables:
        for side, end in enumerate(cable.ends):
            found = {id(link): link for key in _key(end) for link in index.get(f"{cable.medium} {key}", ())}
            cable.at[side].extend(found.values())
        other = {id(link) for link in cable.at[1]}
        cable.seen = [link for link in cable.at[0] if id(link) in other]


def _key(end: End) -> list[str]:
    """What a declared end may be found by: its place, its MAC where that was written as its port."""
    who, port = end
    found = [place_of(who, port).lower()]
    if mac := mac_of(port):
        found.append(f"mac:{mac}")
    return found


def _keys(link: Link) -> set[str]:
    """What the ends of a link may have been declared as."""
    found = set()
    for end, port in link.ends:
        found.add(place_of(end, port).lower())
        if end.startswith(UNKNOWN):
            found |= _told_keys(link, port)
    return {f"{link.medium} {key}" for key in found}


def _told_keys(link: Link, port: str) -> set[str]:
    """A machine that is no server of ours may still stand in the plan under the name that it tells, or by its MAC."""
    found = set()
    for piece in link.pieces:
        told: Any = orjson.loads(piece.row["body"])
        name = str(told.get("name", "")).lower()
        found |= {place_of(f"{UNKNOWN}name:{each}", port).lower() for each in {name, name.partition(".")[0]} if each}
        found |= {f"mac:{mac}" for text in (told.get("chassis_id", ""), port) if (mac := mac_of(text))}
    return found


def _swapped(cables: Sequence[_Cable]) -> dict[int, int]:
    """Pairs of cables each of which was plugged in at the other's place."""
    missing = {number: cable for number, cable in enumerate(cables) if not cable.seen}
    at: dict[int, list[tuple[int, int]]] = {}
    for number, cable in missing.items():
        for side in (0, 1):
            for link in cable.at[side]:
                at.setdefault(id(link), []).append((number, side))
    found: dict[int, int] = {}
    for places in at.values():
        for number, side in places:
            for other, far in places:
                if other != number and side != far and _crossed(missing[number], missing[other]):
                    found[number] = other
    return found


def _crossed(one: _Cable, other: _Cable) -> bool:
    """Whether both are seen between one's end and the other's, both times."""
    first = {id(link) for link in one.at[0]} & {id(link) for link in other.at[1]}
    second = {id(link) for link in one.at[1]} & {id(link) for link in other.at[0]}
    return bool(first and second)


def _unexpected(cables: Sequence[_Cable], links: Sequence[Link]) -> list[Link]:
    """Links at machines of the plan that no cable is, and that are not told as what is at a missing one's end."""
    planned = {end for cable in cables for end, _ in cable.ends}
    told = {id(link) for cable in cables for link in cable.seen or (*cable.at[0], *cable.at[1])}
    media = {cable.medium for cable in cables}
    return [
        link
        for link in links
        if id(link) not in told and link.medium in media and planned & {link.ends[0][0], link.ends[1][0]}
    ]


def _item(rows: Rows, cable: _Cable, twin: _Cable | None, now: str) -> Json:
    result = "as_declared" if cable.seen else "swapped" if twin is not None else "missing"
    seen = cable.seen or list({id(link): link for link in (*cable.at[0], *cable.at[1])}.values())
    found: Json = {"result": result, "cable": cable.written, "seen": views(rows, seen, now=now)}
    return found | ({"with": twin.written} if twin is not None and result == "swapped" else {})
