"""Links as they are asked for: of some machines or all, now or as of a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson
import sqlalchemy as sa

from proxy_service import clock
from proxy_service.graph.assembling import assemble
from proxy_service.graph.links import Link, Piece
from proxy_service.graph.looking_up import name_in
from proxy_service.graph.resolving import NODE, SERVER
from proxy_service.store import Rows
from proxy_service.store import graph_tables as g
from proxy_service.store import tables as t
from proxy_service.store.prepared import Prepared, texts_in

Json = dict[str, Any]
MOST: Final = 50_000
"""Links in one answer."""
MOST_ROWS: Final = 4 * MOST

_e = g.evidence.c
_HEARD: Final = sa.func.coalesce(t.statuses.c.last_seen, g.servers.c.reported_at).label("heard_at")
_ROWS: Final = (
    sa.select(*g.evidence.columns, _HEARD)
    .select_from(g.evidence)
    .outerjoin(t.statuses, t.statuses.c.node == name_in(_e.source, NODE))
    .outerjoin(g.servers, sa.and_(g.servers.c.name == name_in(_e.source, SERVER), _e.source.startswith(SERVER)))
)
_NOW: Final = _e.superseded_at.is_(None)
_THEN: Final = sa.and_(
    _e.first_seen <= sa.bindparam("at", type_=sa.Text),
    # Not an "or": a database that splits one would read all that is in sight, instead of what is asked for.
    sa.func.coalesce(_e.superseded_at, "9") > sa.bindparam("at", type_=sa.Text),
)


def _query(column: Any, when: Any) -> Prepared:
    return Prepared(lambda dialect: _ROWS.where(column.in_(texts_in(dialect, "given")), when))


_BY: Final = {
    (column, past): _query(_e[column], _THEN if past else _NOW)
    for column in ("a", "b", "place", "far")
    for past in (False, True)
}


def _whole(when: Any) -> Prepared:
    most, after = sa.bindparam("most", type_=sa.Integer), sa.bindparam("after", type_=sa.Text)
    return Prepared(lambda _dialect: _ROWS.where(when, _e.place > after).order_by(_e.place).limit(most))


_ALL: Final = {False: _whole(_NOW), True: _whole(_THEN)}
_EARLIER: Final = Prepared(
    lambda dialect: sa.select(_e.id, _e.kind, _e.a, _e.a_port, _e.first_seen, _e.closed_at).where(
        _e.id.in_(texts_in(dialect, "given"))
    )
)


class Evidence:
    """Rows of evidence as of one time, each once, gathered as a question goes on."""

    def __init__(self, rows: Rows, at: str | None = None) -> None:
        self._rows = rows
        self.at = at
        self.now = clock.now_text()
        self.found: dict[str, Json] = {}
        self._asked: set[tuple[str, str]] = set()

    def of(self, ends: Iterable[str]) -> list[Json]:
        """All that was seen from or of these ends."""
        return self._gather(("a", "b"), ends)

    def at_places(self, places: Iterable[str]) -> list[Json]:
        """All that was seen from or of these ports."""
        return self._gather(("place", "far"), places)

    def everything(self, most: int = MOST_ROWS) -> bool:
        """All, or as much as may be asked for at once; whether there is more."""
        return self.page("", most) is not None

    def page(self, after: str, most: int) -> str | None:
        """So many rows in the order of their places, those after one place on; the last place, where there are more."""
        found = self._rows.fetch(_ALL[self.at is not None], {"most": most + 1, "after": after, "at": self.at})
        if len(found) <= most:
            self._add(found)
            return None
        # A place is on one page with all of its rows, unless it has more than a page.
        last = found[-1].place
        whole = [row for row in found if row.place != last] or found
        self._add(whole)
        return str(whole[-1].place)

    def links(self) -> list[Link]:
        """What was gathered, as links."""
        return assemble(self.found.values(), now=self.now, at=self.at)

    def beside(self, links: Iterable[Link]) -> None:
        """Gather what else is seen at the far ends of these links, which may speak against them."""
        self.at_places(place for link in links if link.medium == "data" for place in (link.place, link.far))

    def _gather(self, columns: Sequence[str], texts: Iterable[str]) -> list[Json]:
        wanted = sorted({text for text in texts if (columns[0], text) not in self._asked})
        if not wanted:
            return []
        self._asked.update((columns[0], text) for text in wanted)
        given = {"given": orjson.dumps(wanted).decode(), "at": self.at}
        found: list[Json] = []
        for column in columns:
            found += self._add(self._rows.fetch(_BY[column, self.at is not None], given))
        return found

    def _add(self, rows: Iterable[Any]) -> list[Json]:
        new = []
        for row in rows:
            if row.id not in self.found:
                self.found[row.id] = row._asdict()
                new.append(self.found[row.id])
        return new


def links_of(rows: Rows, *, node: str | None, at: str | None, state: str | None, limit: int, cursor: str = "") -> Json:
    """Links of one node or server, all at once; or of all, page by page: ``items``, and the ``cursor`` of the next."""
    evidence = Evidence(rows, at)
    more = None
    if node is None:
        more = evidence.page(cursor, limit)
        held = {row["place"] for row in evidence.found.values()}
        evidence.at_places({place for row in evidence.found.values() for place in (row["place"], row["far"])})
        evidence.beside(evidence.links())
        found = [link for link in evidence.links() if min(piece.row["place"] for piece in link.pieces) in held]
    else:
        ends = {NODE + node, SERVER + node}
        evidence.of(ends)
        evidence.beside(evidence.links())
        found = [link for link in evidence.links() if ends & {link.ends[0][0], link.ends[1][0]}]
    now = at or evidence.now
    items = views(rows, [link for link in found if state is None or link.state(now) == state], now=now)
    if node is not None:
        items = [_from(item, node) for item in items]
    return {"items": items, "cursor": more, "at": now}


def all_links(rows: Rows) -> list[Json]:
    """All links of now, as they are shown."""
    evidence = Evidence(rows)
    evidence.everything()
    return views(rows, evidence.links(), now=evidence.now)


def _from(item: Json, name: str) -> Json:
    """A link as it is seen from the machine that was asked for."""
    if name in (item["a"].get("node"), item["a"].get("server")):
        return item
    return {**item, "a": item["b"], "b": item["a"]}


def views(rows: Rows, links: Sequence[Link], *, now: str) -> list[Json]:
    """Links as they are shown, with where they moved from."""
    wanted = {piece.row["earlier"] for link in links for piece in link.pieces if piece.row["earlier"]}
    earlier: dict[str, Any] = {}
    if wanted:
        given = orjson.dumps(sorted(wanted)).decode()
        earlier = {row.id: row for row in rows.fetch(_EARLIER, {"given": given})}
    return [view(link, now=now, earlier=earlier) for link in links]


def view(link: Link, *, now: str, earlier: Json) -> Json:
    """One link (design, section 5)."""
    (a, a_port), (b, b_port) = link.ends
    counted = link.live or link.pieces
    moved = [earlier[piece.row["earlier"]] for piece in counted if piece.row["earlier"] in earlier]
    doubts = sorted({*link.against, *(piece.row["doubt"] for piece in counted if piece.row["doubt"])})
    return {
        "a": shown_end(a, a_port, link),
        "b": shown_end(b, b_port, link),
        "medium": link.medium,
        "state": link.state(now),
        "first_seen": min(piece.row["first_seen"] for piece in counted),
        "last_seen": max(piece.last_seen for piece in link.pieces),
        "evidence": [_piece(piece) for piece in sorted(link.pieces, key=lambda each: each.row["first_seen"])],
        **({"moved_from": _moved(moved)} if moved else {}),
        **({"contradictions": doubts} if doubts else {}),
    }


def _moved(rows: Sequence[Any]) -> Json:
    # A MAC is learned after its machine is heard, and ages in the table of the old place after it has left.
    row = max(rows, key=lambda each: (each.kind != "fdb", str(each.first_seen)))
    kind, _, name = row.a.partition("/")
    return {kind: name, "port": row.a_port, "first_seen": row.first_seen, "closed_at": row.closed_at}


def _piece(piece: Piece) -> Json:
    row = piece.row
    found = {
        "kind": row["kind"],
        "source": row["source"].partition("/")[2] or row["source"],
        "first_seen": row["first_seen"],
        "last_seen": piece.last_seen,
    }
    more = {"known_by": row["known_by"], "missing_since": row["missing_since"], "closed_at": row["closed_at"]}
    return found | {key: value for key, value in more.items() if value}


def shown_end(end: str, port: str, link: Link) -> Json:
    """An end: who it is, its port, and, where it was seen from the other, what it said of itself."""
    kind = end.partition("/")[0]
    told = link.told(end)
    shown = {kind: link.name(end), "port": port}
    if told:
        shown |= {"name": told.get("name", ""), "chassis_id": told.get("chassis_id", "")}
        shown["port_description"] = told.get("port_description", "")
        if told.get("remote_port", "") not in ("", port):
            shown["told_port"] = told["remote_port"]
    return shown
