"""Pieces of evidence put together to links, each cable once. Pure.

Two pieces are of one link where they say the same of both ends, or the one what the other says from the far side. A
MAC that nobody else explains belongs to the only machine that was heard at its port.

A link is *confirmed* by both of its ends, or by a declaration and a sight. It is *contradicted* where a piece of it
does not fit together, where its far end is seen at another place as well, or where the far end sees somebody else.
It is *stale* where nothing shows it any more, or whoever showed it was not heard for long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from device_profiles.links import LinkState
from proxy_service import clock
from proxy_service.graph.intervals import ONE_PLACE, is_shown
from proxy_service.graph.resolving import NODE, UNKNOWN

STALE_AFTER_S: Final = 300.0
"""A source that had no good reading for so long says nothing about now."""
FDB_GRACE_S: Final = 120.0
"""A MAC that is not in the table any more counts for so long: entries age while machines are silent. Three readings at
the agents' usual interval, and one more."""
MOST_STRANGERS: Final = 3
"""So many MACs of machines that nobody knows may be neighbours at one port; more are behind a hub or a bridge there."""
_HEARD: Final = frozenset({"lldp", "cdp", "fdp", "edp", "server"})
"""What a machine said itself, or was said to it: an end that hears somebody else contradicts."""
_DECLARED: Final = "declared"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """A row of evidence as it counts at a time."""

    row: Row
    last_seen: str
    live: bool
    """Whether it shows the link at that time."""
    missing: bool = False
    """Whether it may only have aged: it counts where nothing else says that the machine is gone."""

    @property
    def mirrored(self) -> bool:
        """Whether it was seen from the end that is called ``b``."""
        return bool(self.row["place"] > self.row["far"] and _has_two_sides(self.row))


@dataclass(slots=True)
class Link:
    """One physical relation, with all that speaks for it. ``place`` and ``far`` are its ends in one order."""

    place: str
    far: str
    medium: str
    pieces: list[Piece] = field(default_factory=list)
    against: list[str] = field(default_factory=list)
    """Sentences that contradict it."""
    _best: Piece | None = None
    _ends: tuple[tuple[str, str], tuple[str, str]] | None = None

    def absorb(self, other: Link) -> None:
        """Take another link's pieces for pieces of this one."""
        self.pieces += other.pieces
        self._best = self._ends = None

    @property
    def live(self) -> list[Piece]:
        """What shows it now."""
        found = [piece for piece in self.pieces if piece.live]
        ended = len(found) < len(self.pieces)
        return [] if ended and all(piece.missing for piece in found) else found

    @property
    def ends(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """Both ends with their ports, as the best piece has them. Asked for only once all pieces are there."""
        if self._ends is None:
            row = self.best.row
            near, far = (row["a"], row["a_port"]), (row["b"], row["b_port"])
            self._ends = (far, near) if self.best.mirrored else (near, far)
        return self._ends

    @property
    def best(self) -> Piece:
        """The piece that says most about the far end."""
        if self._best is None:
            self._best = max(self.pieces, key=lambda piece: (piece.live, _rank(piece.row), piece.row["first_seen"]))
        return self._best

    def told(self, end: str) -> dict[str, Any]:
        """What the machine at this end said of itself, as it was sent."""
        pieces = [piece for piece in self.pieces if piece.row["b"] == end and piece.row["kind"] != _DECLARED]
        if not pieces:
            return {}
        best = max(pieces, key=lambda piece: (piece.row["kind"] != "fdb", piece.live, piece.row["first_seen"]))
        found: dict[str, Any] = orjson.loads(best.row["body"])
        return found

    def name(self, end: str) -> str:
        """What the machine at this end is called: by us, or by itself."""
        name = end.partition("/")[2]
        if not end.startswith(UNKNOWN):
            return name
        told = self.told(end)
        known: str = told.get("name") or told.get("chassis_id") or told.get("initiator") or name.partition(":")[2]
        return known

    def state(self, now: str) -> LinkState:
        """Confirmed, one-sided, contradicted or stale."""
        live = self.live
        sights = [piece for piece in live if piece.row["kind"] != _DECLARED]
        if not live or (sights and all(_age_s(piece.last_seen, now) > STALE_AFTER_S for piece in sights)):
            return "stale"
        if not sights and any(piece.row["kind"] != _DECLARED for piece in self.pieces):
            return "stale"
        if self.against or any(piece.row["doubt"] for piece in sights):
            return "contradicted"
        sources = {piece.row["source"] for piece in sights}
        declared = len(sights) < len(live)
        return "confirmed" if sights and (declared or len(sources) > 1) else "one_sided"


def assemble(rows: Iterable[Row], *, now: str, at: str | None = None) -> list[Link]:
    """Links from rows of evidence that were in sight at ``at`` (absent: now), in order.

    A row has the columns of the table, and ``heard_at``: when its source had its last good reading.
    """
    links: dict[tuple[str, str, str], Link] = {}
    for row in rows:
        if is_shown(row):
            piece = _piece(row, at)
            first, second = (row["far"], row["place"]) if piece.mirrored else (row["place"], row["far"])
            key = (first, second, row["medium"])
            links.setdefault(key, Link(*key)).pieces.append(piece)
    found = _joined(list(links.values()))
    found = _without_crowds(_without_shadows(found, at or now))
    _contradict(found)
    return sorted(found, key=lambda link: (link.ends, link.medium))


def _piece(row: Row, at: str | None) -> Piece:
    closed = row["closed_at"] is not None and (at is None or row["closed_at"] <= at)
    heard = row["heard_at"] or row["first_seen"]
    last = max(row["closed_at"] or row["missing_since"] or heard, row["first_seen"]) if closed else heard
    missing = row["missing_since"] if at is None or (row["missing_since"] or "") <= at else None
    over = False
    if missing and not closed:
        over, last = _age_s(missing, heard) >= FDB_GRACE_S, missing
    if at is not None:
        last = min(last, at)
    return Piece(row, max(last, row["first_seen"]), live=not closed and not over, missing=bool(missing))


def _has_two_sides(row: Row) -> bool:
    """Whether the far end could tell the same: only then is the order of ends anybody's choice."""
    return bool(row["b_port"]) and not row["b"].startswith(UNKNOWN) and row["medium"] == "data"


_ORDER: Final = (_DECLARED, "fdb", "label", "masking", "session", "server", "edp", "fdp", "cdp", "lldp")
_RANKS: Final = {kind: rank for rank, kind in enumerate(_ORDER)}


def _rank(row: Row) -> tuple[int, bool]:
    """Which evidence says most about the ends of a link; a node's side goes first."""
    return _RANKS.get(row["kind"], len(_RANKS)), row["a"].startswith(NODE)


def _joined(links: list[Link]) -> list[Link]:
    """Links between the same machines at the same port are one, where only one of them tells the far port.

    And what a MAC table says of a machine that nobody knows, or of one under another name, joins the only machine that
    was heard at the port.
    """
    at_place: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        for place in {link.place, link.far}:
            at_place.setdefault((place, link.medium), []).append(link)
    dropped = set()
    for link in links:
        others = [
            other for other in at_place[link.place, link.medium] if other is not link and id(other) not in dropped
        ]
        target = _target(link, others)
        if target is not None:
            target.absorb(link)
            dropped.add(id(link))
    return [link for link in links if id(link) not in dropped]


def _target(link: Link, others: Sequence[Link]) -> Link | None:
    """The link that this one is a part of."""
    (_, _), (far, far_port) = link.ends
    same = [other for other in others if not far_port and far in (other.ends[0][0], other.ends[1][0])]
    if len(same) == 1:
        return same[0]
    if _only_macs(link) and far.startswith(UNKNOWN):
        heard = [other for other in others if any(piece.row["kind"] in _HEARD for piece in other.live)]
        macs = [other for other in others if _only_macs(other)]
        if len(heard) == 1 and not macs:
            return heard[0]
    return _same_name(link, others)


def _same_name(link: Link, others: Sequence[Link]) -> Link | None:
    """One machine that speaks two protocols, and shows its name in both and an id only in one."""
    (_, _), (far, _) = link.ends
    if not far.startswith(f"{UNKNOWN}name:") or _only_macs(link):
        return None
    name = far.removeprefix(f"{UNKNOWN}name:").partition(".")[0]
    named = [other for other in others if other.name(other.ends[1][0]).partition(".")[0].lower() == name]
    return named[0] if len(named) == 1 else None


def _only_macs(link: Link) -> bool:
    return all(piece.row["kind"] == "fdb" for piece in link.pieces)


def _without_shadows(links: list[Link], now: str) -> list[Link]:
    """Without what another link explains better.

    A MAC that was learned at several ports is at the one with the fewest: it is seen through the others. So is one
    whose machine was heard elsewhere. What is stale is not shown beside what took its place.
    """
    by_far: dict[tuple[str, str], list[Link]] = {}
    by_place: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        by_far.setdefault((link.ends[1][0], link.medium), []).append(link)
        for place in {link.place, link.far}:
            by_place.setdefault((place, link.medium), []).append(link)
    kept = []
    for link in links:
        others = [
            other
            for other in by_far[link.ends[1][0], link.medium]
            if other is not link and (other.far == link.far or _only_macs(link))
        ]
        if link.medium in ONE_PLACE and others and _is_shadow(link, others, by_place, now):
            continue
        kept.append(link)
    return kept


def _without_crowds(links: list[Link]) -> list[Link]:
    """Without MACs that are nobody's neighbour: a switch's own at its own port, and those of a crowd of strangers."""
    strangers = Counter(link.place for link in links if _is_stranger(link))
    return [
        link
        for link in links
        if not (_is_stranger(link) and strangers[link.place] > MOST_STRANGERS) and not _is_its_own(link)
    ]


def _is_stranger(link: Link) -> bool:
    return _only_macs(link) and link.ends[1][0].startswith(UNKNOWN)


def _is_its_own(link: Link) -> bool:
    return _only_macs(link) and link.ends[0][0] == link.ends[1][0]


def _is_shadow(link: Link, others: Sequence[Link], by_place: Mapping[tuple[str, str], list[Link]], now: str) -> bool:
    live = [other for other in others if other.live]
    if not link.live:
        return bool(live) and _is_one_machine(link)
    if not _only_macs(link) or not live:
        return False
    if any(not _only_macs(other) for other in live if other.state(now) != "stale"):
        return len(by_place[link.place, link.medium]) > 1
    crowd = len(by_place[link.place, link.medium])
    return any(len(by_place[other.place, other.medium]) < crowd for other in live)


def _is_one_machine(link: Link) -> bool:
    (_, _), (far, far_port) = link.ends
    return bool(far_port) or far.startswith(f"{UNKNOWN}mac:") or link.medium == "slot"


def _contradict(links: list[Link]) -> None:
    """Note what speaks against links that others contradict."""
    live = [link for link in links if link.medium in ONE_PLACE and link.live]
    pairs = {frozenset((link.place, link.far)) for link in live}
    ends: dict[tuple[str, str], list[Link]] = {}
    for link in live:
        if not all(piece.row["kind"] == _DECLARED for piece in link.live):
            for place in {link.place, link.far}:
                ends.setdefault((place, link.medium), []).append(link)
    for link in live:
        for place in {link.place, link.far} if _is_one_machine(link) else ():
            for other in ends.get((place, link.medium), ()):
                if other is not link and _disagree(link, other, place, pairs):
                    link.against.append(_sentence(other, place))


def _disagree(link: Link, other: Link, port: str, pairs: set[frozenset[str]]) -> bool:
    """Whether ``other`` speaks against ``link``, both of which are said to end at ``port``.

    Not where the two other ends are of one segment with each other (a hub, a virtual switch), and not where the port
    shows the link itself. Where a port that we read hears somebody else and not us, we are not at its cable.
    """
    outer = ({link.place, link.far} | {other.place, other.far}) - {port}
    if len(outer) != 2 or frozenset(outer) in pairs:
        return False
    if any(piece.row["place"] == port for piece in link.live):
        return False
    there = [piece.row["kind"] for piece in other.live if piece.row["place"] == port]
    return not there or not _HEARD.isdisjoint(there)


def _sentence(other: Link, port: str) -> str:
    place = other.far if port == other.place else other.place
    return f"{_spoken(other, port)} is seen at {_spoken(other, place)} as well"


def _spoken(link: Link, place: str) -> str:
    end, _, port = place.rpartition("#")
    return f"{link.name(end)}/{port}" if port else link.name(end)


def _age_s(since: str, now: str) -> float:
    return (clock.moment(now) - clock.moment(since)).total_seconds()
