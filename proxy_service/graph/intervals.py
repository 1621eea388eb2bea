"""Evidence over time: what one source sees anew, and what it sees no longer, in rows that are each an interval.

What goes on being seen is not touched, so that an unchanged link costs no write. A closed interval stays in sight, as
stale, until somebody else is seen at its place, or the same machine at another: that is a move, and the new interval
names the earlier one. At most one event is told for each link.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from pydantic import TypeAdapter

from device_profiles.links import Neighbour
from device_profiles.names import printable
from proxy_service.graph.looking_up import directory_of, fetch_among
from proxy_service.graph.marks import claims_of
from proxy_service.graph.resolving import LONGEST_PORT, NODE, UNKNOWN, Far, resolve
from proxy_service.store import Rows, Unit
from proxy_service.store import graph_tables as g
from proxy_service.store.prepared import Prepared, prepared, texts_in

NEIGHBOUR: Final = TypeAdapter(Neighbour)
ONE_PLACE: Final = frozenset({"data", "slot", "serial"})
"""Media in which one port has one other end: seen elsewhere, it has moved. A server has many outlets and exports."""
COLUMNS: Final = tuple(column.name for column in g.evidence.columns)

_e = g.evidence.c
_AT: Final = {
    column: Prepared(
        lambda dialect, column=column: sa.select(*g.evidence.columns).where(  # type: ignore[misc]
            _e.superseded_at.is_(None), _e[column].in_(texts_in(dialect, "given"))
        )
    )
    for column in ("place", "far")
}
_OPEN: Final = prepared(
    sa.select(*g.evidence.columns, g.known.c.kind.label("far_kind"))
    .outerjoin(g.known, g.known.c.who == _e.b)
    .where(_e.source == sa.bindparam("wanted"), _e.closed_at.is_(None))
)
_INSERT: Final = Prepared(lambda _dialect: sa.insert(g.evidence), columns=COLUMNS)
_CLAIM: Final = Prepared(lambda _dialect: sa.insert(g.claims), columns=("mark", "evidence"))


def _set(column: str) -> Prepared:
    return prepared(sa.update(g.evidence).where(_e.id == sa.bindparam("wanted")).values({column: sa.bindparam("at")}))


_CLOSE: Final = _set("closed_at")
_SUPERSEDE: Final = _set("superseded_at")
_MISSING: Final = _set("missing_since")
_THERE_AGAIN: Final = prepared(
    sa.update(g.evidence).where(_e.id == sa.bindparam("wanted")).values(missing_since=sa.null())
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing seen; ``seen`` is a hash of what of it makes it the same thing at the next reading."""

    seen: str
    body: Neighbour

    @classmethod
    def of(cls, body: Neighbour) -> Sighting:
        """Of what a port saw. Descriptions do not count: they are rewritten while the cable stays."""
        parts = (body.kind, body.medium, body.port, body.name, body.chassis_id, body.remote_port)
        more = (body.serial, body.uuid, *body.macs, body.initiator)
        return cls(hashlib.blake2b("\0".join((*parts, *more)).encode(), digest_size=16).hexdigest(), body)


def place_of(end: str, port: str) -> str:
    """An end with its port, as one text."""
    return f"{end}#{port}"


def open_rows(rows: Rows, source: str) -> list[Any]:
    """What a source sees as far as is known, each with the kind of the machine at its other end."""
    return rows.fetch(_OPEN, {"wanted": source})


@dataclass(slots=True)
class Intervals:
    """The evidence of one source at one reading. ``a`` is the end that it stands at."""

    unit: Unit
    source: str
    a: str
    at: str

    def record(self, new: Sequence[Sighting], gone: Sequence[Any]) -> None:
        """Open intervals for what is seen anew, and close those of what is seen no longer."""
        if not new and not gone:
            return
        rows = self._rows(new)
        around = self._around([*rows, *gone], {row["id"] for row in rows})
        ended = [{**old._asdict(), "closed_at": self.at} for old in gone]
        by_id = {old["id"]: old for old in ended}
        standing = [by_id.get(old["id"], old) for old in around]
        events = _Events()
        superseded: dict[str, str] = {}
        for number, row in enumerate(rows):
            superseded |= dict.fromkeys(_replaced(row, standing), self.at)
            row["earlier"] = _earlier(row, standing)
            events.appeared(row, [*standing, *rows[:number]])
        for old in ended:
            if any(_takes_over(other, old) for other in (*standing, *rows) if other["closed_at"] is None):
                superseded[old["id"]] = self.at
            events.ended(old, [*standing, *rows])
        self._write(rows, [old["id"] for old in ended], superseded)
        events.tell(self.unit, self.a)

    def set_missing(self, ids: Iterable[str]) -> None:
        """What is not in a table any more may only have aged: it is closed when its grace is over."""
        self._each(_MISSING, ids)

    def there_again(self, ids: Iterable[str]) -> None:
        """What was missing is back."""
        self._each(_THERE_AGAIN, ids)

    def _rows(self, new: Sequence[Sighting]) -> list[dict[str, Any]]:
        marks = {mark for each in new for mark in claims_of(each.body).all}
        directory = directory_of(self.unit, marks)
        return [self._row(each, resolve(each.body, directory, near=self.a)) for each in new]

    def _row(self, sighting: Sighting, far: Far) -> dict[str, Any]:
        body = sighting.body
        port = printable(body.port, most=LONGEST_PORT)
        values = {
            "id": uuid.uuid4().hex,
            "source": self.source,
            "kind": body.kind,
            "medium": body.medium,
            "a": self.a,
            "a_port": port,
            "place": place_of(self.a, port),
            "seen": sighting.seen,
            "body": NEIGHBOUR.dump_json(body, exclude_defaults=True).decode(),
            "first_seen": self.at,
        }
        return {**dict.fromkeys(COLUMNS), **values, **far_columns(far)}

    def _around(self, rows: Sequence[Any], own: set[str]) -> list[dict[str, Any]]:
        """What else is in sight at the places and ends that these rows speak of."""
        read = [row if isinstance(row, dict) else row._asdict() for row in rows]
        fars = {row["far"] for row in read}
        places = {row["place"] for row in read} | fars
        found = [*fetch_among(self.unit, _AT["place"], places), *fetch_among(self.unit, _AT["far"], fars)]
        return [row._asdict() for row in {row.id: row for row in found}.values() if row.id not in own]

    def _write(self, rows: Sequence[dict[str, Any]], closed: Iterable[str], superseded: Mapping[str, str]) -> None:
        self._each(_CLOSE, closed)
        self._each(_SUPERSEDE, superseded)
        if rows:
            self.unit.run(_INSERT, rows)
            told = [(row["id"], claims_of(NEIGHBOUR.validate_json(row["body"])).all) for row in rows]
            claims = [{"mark": mark, "evidence": number} for number, marks in told for mark in marks]
            if claims:
                self.unit.run(_CLAIM, claims)

    def _each(self, statement: Prepared, ids: Iterable[str]) -> None:
        # In one order, so that two units of different nodes never wait for each other in a circle.
        values = [{"wanted": number, "at": self.at} for number in sorted(set(ids))]
        if values:
            self.unit.run(statement, values)


def far_columns(far: Far) -> dict[str, Any]:
    """The columns that say who is at the other end."""
    return {
        "b": far.who,
        "b_port": far.port,
        "far": place_of(far.who, far.port),
        "known_by": far.known_by,
        "doubt": far.doubt,
    }


def _tells_machine(row: Mapping[str, Any]) -> bool:
    """Whether the far end is one port of one machine, which cannot be at two places at once."""
    if row["medium"] not in ONE_PLACE:
        return False
    return bool(row["b_port"]) or row["medium"] == "slot" or row["b"].startswith(f"{UNKNOWN}mac:")


def _is_elsewhere(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both see the same port of the same machine, at different places."""
    return (
        row["far"] == other["far"]
        and row["place"] != other["place"]
        and row["medium"] == other["medium"]
        and _tells_machine(row)
    )


def _is_at_the_place(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(row["place"] == other["place"] and row["medium"] == other["medium"])


def _replaced(row: Mapping[str, Any], standing: Iterable[Mapping[str, Any]]) -> list[str]:
    """Closed intervals that a new one takes out of sight."""
    return [old["id"] for old in standing if old["closed_at"] is not None and _succeeds(row, old)]


def _succeeds(row: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    if _is_at_the_place(row, old):
        return bool(row["b"] != old["b"] or row["kind"] == old["kind"])
    return _is_elsewhere(row, old)


def _takes_over(row: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Whether a live interval shows that what an ended one saw is not there any more."""
    if row["missing_since"] is not None or row["id"] == old["id"]:
        return False
    return bool(_is_at_the_place(row, old) and row["b"] != old["b"]) or _is_elsewhere(row, old)


def _earlier(row: Mapping[str, Any], standing: Sequence[Mapping[str, Any]]) -> str | None:
    """The interval of the same machine elsewhere that this one goes on from. One that comes back to its place keeps
    the place that it had before.

    What other evidence tells at the same place counts only where this kind tells nothing: a MAC may be learned there
    before the machine is heard, and then knows of no move, or only since when the MAC was seen at the old place.
    """
    here = [old for old in standing if _is_at_the_place(row, old) and row["b"] == old["b"]]
    told = [old for old in here if old["kind"] == row["kind"]] + [old for old in standing if _is_elsewhere(row, old)]
    last = max(told or here, key=lambda old: str(old["first_seen"]), default=None)
    if last is None:
        return None
    found: str | None = last["id"] if last["place"] != row["place"] else last["earlier"]
    return found


class _Events:
    """What is to be told: one event for each link at most."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}

    def appeared(self, row: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> None:
        """A new interval: a link that moved or appeared, unless it was in sight already as what it is."""
        if not is_shown(row):
            return
        same = [other for other in others if other["closed_at"] is None and _same_link(row, other)]
        earlier = next((other for other in others if other["id"] == row["earlier"]), None)
        data = _data(row)
        if earlier and earlier["place"] != row["place"] and not any(other["earlier"] for other in same):
            data["from"] = {**_end(earlier["a"], earlier["a_port"]), "first_seen": earlier["first_seen"]}
            self._told[_link_key(row)] = ("link.moved", data)
        elif not same:
            self._told.setdefault(_link_key(row), ("link.appeared", data))

    def ended(self, row: Mapping[str, Any], others: Iterable[Mapping[str, Any]]) -> None:
        """An interval has ended: its link is gone, unless something else shows it, or it has moved."""
        live = [other for other in others if other["closed_at"] is None and other["missing_since"] is None]
        if is_shown(row) and not any(_same_link(row, other) or _is_elsewhere(other, row) for other in live):
            self._told.setdefault(_link_key(row), ("link.gone", _data(row)))

    def tell(self, unit: Unit, end: str) -> None:
        """Append the events to the unit's."""
        node = end.removeprefix(NODE) if end.startswith(NODE) else None
        for kind, data in self._told.values():
            unit.event(kind, data, node=node)


def is_shown(row: Mapping[str, Any]) -> bool:
    """Whether a piece of evidence is a link: a label that is nobody's name says nothing."""
    return not (row["kind"] == "label" and row["b"].startswith(UNKNOWN))


def _same_link(row: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if row["medium"] != other["medium"]:
        return False
    mirrored = row["place"] == other["far"] and row["far"] == other["place"]
    return bool(mirrored or (row["place"] == other["place"] and row["b"] == other["b"]))


def _link_key(row: Mapping[str, Any]) -> tuple[str, str]:
    first, second = sorted((row["place"], row["b"]))
    return first, second


def _data(row: Mapping[str, Any]) -> dict[str, Any]:
    ends = {"a": _end(row["a"], row["a_port"]), "b": _end(row["b"], row["b_port"])}
    return {**ends, "medium": row["medium"], "kind": row["kind"]}


def _end(end: str, port: str) -> dict[str, str]:
    kind, _, name = end.partition("/")
    return {kind: name, "port": port}
