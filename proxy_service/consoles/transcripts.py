"""Transcripts in the database: begun, taken up again after a restart, appended to, listed, forgotten.

A console is that of a node, or of the machine in a slot of it; both names stand in one column, ``chassis1#3``, since no
name has that mark in it.

A part holds the records of a fifth of a second or so, packed as they came, so that nothing is lost in a decoding. A
transcript is served by one process (``place``) that says so every few seconds (``last_at``); one whose process ended
in good order has none, and one whose process was killed is free after :data:`STALE_S`, or as soon as its agent dials.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from device_profiles.console import Bytes, Record, pack_records, unpack_records
from proxy_service import clock
from proxy_service.agents.requests import agent_of, away
from proxy_service.problems import Refused, Slug, not_found
from proxy_service.settings import Settings
from proxy_service.store import Rows, Unit
from proxy_service.store import tables as t

STALE_S: Final = 10.0
RESUMED_S: Final = 600.0
"""A transcript that was silent for longer is not taken up again: a new one is begun."""
MOST_LISTED: Final = 200
_PAGE: Final = 200


_MARK: Final = "#"
_LONGEST: Final = 63


@dataclass(frozen=True, slots=True)
class Place:
    """Whose console it is: a node's, or that of the machine in a ``slot`` of it."""

    node: str
    slot: str = ""

    @property
    def key(self) -> str:
        """As it is stored. Raises :class:`Refused` for names that are too long together."""
        key = f"{self.node}{_MARK}{self.slot}" if self.slot else self.node
        if len(key) > _LONGEST:
            most = _LONGEST - 1
            raise Refused(
                Slug.NO_CONSOLE, f"{self}: together these names have more than {most} characters", node=self.node
            )
        return key

    def __str__(self) -> str:
        return f"slot {self.slot} of {self.node}" if self.slot else self.node

    @classmethod
    def of(cls, key: str) -> Place:
        """From what is stored."""
        node, _, slot = key.partition(_MARK)
        return cls(node, slot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A transcript as its room has to know it. ``seq`` and ``said`` (bytes) are on disk; ``tail`` is their end."""

    id: str
    place: Place
    agent: str
    seq: int
    said: int
    tail: bytes = b""


def begin(unit: Unit, whose: Place, *, place: str, tail_bytes: int) -> Begun:
    """The transcript of a console: the one that was open a moment ago, or a new one.

    Raises :class:`Refused` where another replica serves it, where there is no such node, and where it has no agent.
    """
    key = whose.key
    unit.lock_nodes([whose.node])
    row = unit.first(agent_of(whose.node))
    if row is None:
        raise not_found("node", whose.node)
    if row.agent is None:
        raise away(row)
    open_one = unit.first(_open_of(key))
    if open_one is not None:
        _check_place(open_one, place)
        if open_one.agent == row.agent and clock.age_s(open_one.last_at) < RESUMED_S:
            return _take_up(unit, open_one, place=place, tail_bytes=tail_bytes)
        end(unit, open_one.id, "lost")
    number = uuid.uuid4().hex
    values = {"id": number, "node": key, "agent": row.agent, "line": "", "began_at": unit.at, "last_at": unit.at}
    unit.execute(
        sa.insert(t.transcripts), {**values, "ended_at": None, "reason": "", "seq": 0, "bytes": 0, "place": place}
    )
    before = tail(unit, key, most_bytes=tail_bytes)
    return Begun(id=number, place=whose, agent=str(row.agent), seq=0, said=0, tail=before)


def adopt(unit: Unit, number: str, *, agent: str, place: str, tail_bytes: int) -> Begun | None:
    """The transcript that an agent dials for, served by ``place`` from now on; None where it is over.

    Raises :class:`Refused` where another replica serves it: the agent dials until it comes there.
    """
    c = t.transcripts.c
    row = unit.first(sa.select(t.transcripts).where(c.id == number, c.agent == agent, c.ended_at.is_(None)))
    if row is None:
        return None
    _check_place(row, place)
    return _take_up(unit, row, place=place, tail_bytes=tail_bytes)


def _check_place(row: Any, place: str) -> None:
    if row.place not in (None, place) and clock.age_s(row.last_at) < STALE_S:
        whose = Place.of(row.node)
        detail = f"another replica of the service serves the console of {whose}: ask again, or ask that one"
        raise Refused(Slug.STREAM_ELSEWHERE, detail, node=whose.node)


def _take_up(unit: Unit, row: Any, *, place: str, tail_bytes: int) -> Begun:
    c = t.transcripts.c
    unit.execute(sa.update(t.transcripts).where(c.id == row.id).values(place=place, last_at=unit.at))
    before = tail(unit, row.node, most_bytes=tail_bytes)
    return Begun(id=row.id, place=Place.of(row.node), agent=row.agent, seq=row.seq, said=row.bytes, tail=before)


def _open_of(key: str) -> sa.Select[Any]:
    c = t.transcripts.c
    return sa.select(t.transcripts).where(c.node == key, c.ended_at.is_(None)).order_by(c.last_at.desc()).limit(1)


def append(unit: Unit, number: str, records: list[Record], *, place: str, line: str) -> bool:
    """Put records on disk, each once, and say that the transcript is served. False where it is not ours any more."""
    c = t.transcripts.c
    row = unit.first(sa.select(c.seq, c.place, c.ended_at).where(c.id == number).with_for_update())
    if row is None or row.place != place or row.ended_at is not None:
        return False
    news = [record for record in records if record.seq > row.seq]
    changed: dict[str, Any] = {"last_at": unit.at, "line": line}
    if news:
        size = sum(len(record.data) for record in news if isinstance(record, Bytes))
        part = {"transcript": number, "seq": news[-1].seq, "at": unit.at, "bytes": size, "records": pack_records(news)}
        unit.execute(sa.insert(t.transcript_parts), part)
        changed |= {"seq": news[-1].seq, "bytes": c.bytes + size}
    unit.execute(sa.update(t.transcripts).where(c.id == number).values(**changed))
    return True


def end(unit: Unit, number: str, reason: str) -> None:
    """The session is over."""
    c = t.transcripts.c
    statement = sa.update(t.transcripts).where(c.id == number, c.ended_at.is_(None))
    unit.execute(statement.values(ended_at=unit.at, last_at=unit.at, reason=reason, place=None))


def let_go(unit: Unit, place: str) -> None:
    """A process ends: others may serve its consoles at once."""
    c = t.transcripts.c
    unit.execute(sa.update(t.transcripts).where(c.place == place, c.ended_at.is_(None)).values(place=None))


# Looking.


def of_node(rows: Rows, node: str, *, slot: str | None = None) -> list[dict[str, Any]]:
    """The transcripts of a node, newest first: of one slot (empty: its own console), or of all."""
    which = _all_of(node) if slot is None else t.transcripts.c.node == Place(node, slot).key
    return [shown(row) for row in rows.all(_newest(which).limit(MOST_LISTED))]


def _all_of(node: str) -> sa.ColumnElement[bool]:
    c = t.transcripts.c
    return sa.or_(c.node == node, c.node.startswith(f"{node}{_MARK}", autoescape=True))


def _newest(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    c = t.transcripts.c
    return sa.select(t.transcripts).where(which).order_by(c.began_at.desc(), c.id)


def shown(row: Any) -> dict[str, Any]:
    """A transcript for people."""
    whose = Place.of(row.node)
    names = ("id", "agent", "line", "began_at", "last_at", "ended_at", "reason", "bytes")
    return {"node": whose.node, "slot": whose.slot, **{name: getattr(row, name) for name in names}}


def find(rows: Rows, node: str, number: str, *, slot: str = "") -> Any:
    """The row of a transcript; ``latest`` is the newest of the node, or of a slot of it. Raises :class:`Refused`."""
    c = t.transcripts.c
    which = c.node == Place(node, slot).key if number == "latest" else sa.and_(_all_of(node), c.id == number)
    row = rows.first(_newest(which).limit(1))
    if row is None:
        raise not_found("transcript", number)
    return row


def records_after(rows: Rows, number: str, seq: int) -> list[Record]:
    """The next records of a transcript, a page of them; empty at its end."""
    c = t.transcript_parts.c
    query = sa.select(c.records).where(c.transcript == number, c.seq > seq).order_by(c.seq).limit(_PAGE)
    return [record for row in rows.all(query) for record in unpack_records(bytes(row.records))]


def tail(rows: Rows, key: str, *, most_bytes: int) -> bytes:
    """The last bytes that a console said, from the beginning of a line on where some were left out."""
    c, p = t.transcripts.c, t.transcript_parts.c
    number = rows.value(sa.select(c.id).where(c.node == key, c.bytes > 0).order_by(c.last_at.desc()).limit(1))
    found, size, before = [b""], 0, None
    while number is not None and size < most_bytes:
        query = sa.select(p.seq, p.records).where(p.transcript == number).order_by(p.seq.desc()).limit(_PAGE)
        page = rows.all(query if before is None else query.where(p.seq < before))
        if not page:
            break
        for row in page:
            data = b"".join(item.data for item in unpack_records(bytes(row.records)) if isinstance(item, Bytes))
            found.append(data)
            size += len(data)
            if size >= most_bytes:
                break
        before = page[-1].seq
    return last_lines(b"".join(reversed(found)), most_bytes)


def last_lines(data: bytes, most_bytes: int) -> bytes:
    """The end of ``data``, from the beginning of a line on where there is one."""
    if len(data) <= most_bytes:
        return data
    kept = data[-most_bytes:]
    _, found, rest = kept.partition(b"\n")
    return rest if found else kept


# Forgetting.


def forget(unit: Unit, settings: Settings) -> None:
    """Delete what was kept long enough, and what is more than a node may have; tickets that are over, too."""
    oldest = clock.now_text(plus_s=-settings.transcripts_kept_s)
    c, p = t.transcripts.c, t.transcript_parts.c
    unit.execute(sa.delete(t.transcript_parts).where(p.at < oldest))
    unit.execute(sa.delete(t.transcripts).where(c.last_at < oldest))
    unit.execute(sa.delete(t.tickets).where(t.tickets.c.expires_at < unit.at))
    running = sa.func.sum(p.bytes).over(partition_by=c.node, order_by=(p.at.desc(), p.transcript, p.seq.desc()))
    ranked = sa.select(p.transcript, p.seq, running.label("upto")).join(t.transcripts, c.id == p.transcript).subquery()
    beyond = sa.select(ranked.c.transcript, ranked.c.seq).where(ranked.c.upto > settings.transcript_bytes_kept)
    unit.execute(sa.delete(t.transcript_parts).where(sa.tuple_(p.transcript, p.seq).in_(beyond)))
