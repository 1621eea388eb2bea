"""A link: one physical relation of two machines, with the pieces of evidence that speak for it. Pure.

A link is *confirmed* by both of its ends, or by a declaration and a sight. It is *contradicted* where a piece of it
does not fit together, where its far end is seen at another place as well, or where the far end sees somebody else.
It is *stale* where nothing shows it any more, or whoever showed it was not heard for long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from device_profiles.links import LinkState
from proxy_service import clock
from proxy_service.graph.resolving import NODE, UNKNOWN

STALE_AFTER_S: Final = 300.0
"""A source that had no good reading for so long says nothing about now."""
FDB_GRACE_S: Final = 120.0
"""A MAC that is not in the table any more counts for so long: entries age while machines are silent. Three readings at
the agents' usual interval, and one more."""
DECLARED: Final = "declared"
_ORDER: Final = (DECLARED, "fdb", "label", "masking", "session", "server", "edp", "fdp", "cdp", "lldp")
_RANKS: Final = {kind: rank for rank, kind in enumerate(_ORDER)}

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

    @property
    def only_macs(self) -> bool:
        """Whether nothing but tables of MAC addresses shows it."""
        return all(piece.row["kind"] == "fdb" for piece in self.pieces)

    @property
    def is_one_machine(self) -> bool:
        """Whether its far end can be in one place only."""
        (_, _), (far, far_port) = self.ends
        return bool(far_port) or far.startswith(f"{UNKNOWN}mac:") or self.medium == "slot"

    def told(self, end: str) -> dict[str, Any]:
        """What the machine at this end said of itself, as it was sent."""
        pieces = [piece for piece in self.pieces if piece.row["b"] == end and piece.row["kind"] != DECLARED]
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
        sights = [piece for piece in live if piece.row["kind"] != DECLARED]
        if not live or (sights and all(_age_s(piece.last_seen, now) > STALE_AFTER_S for piece in sights)):
            return "stale"
        if not sights and any(piece.row["kind"] != DECLARED for piece in self.pieces):
            return "stale"
        if self.against or any(piece.row["doubt"] for piece in sights):
            return "contradicted"
        sources = {piece.row["source"] for piece in sights}
        declared = len(sights) < len(live)
        return "confirmed" if sights and (declared or len(sources) > 1) else "one_sided"


def piece_of(row: Row, at: str | None) -> Piece:
    """A row as it counts at a time (absent: now)."""
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


def _rank(row: Row) -> tuple[int, bool]:
    """Which evidence says most about the ends of a link; a node's side goes first."""
    return _RANKS.get(row["kind"], len(_RANKS)), row["a"].startswith(NODE)


def _age_s(since: str, now: str) -> float:
    return (clock.moment(now) - clock.moment(since)).total_seconds()
