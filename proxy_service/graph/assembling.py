"""Pieces of evidence put together to links, each cable once. Pure.

Two pieces are of one link where they say the same of both ends, or the one what the other says from the far side. A
MAC that nobody else explains belongs to the only machine that was heard at its port.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from proxy_service.graph.contradicting import HEARD, contradict
from proxy_service.graph.intervals import ONE_PLACE, is_shown
from proxy_service.graph.links import Link, Row, piece_of
from proxy_service.graph.resolving import UNKNOWN

MOST_STRANGERS: Final = 3
"""So many MACs of machines that nobody knows may be neighbours at one port; more are behind a hub or a bridge there."""


def assemble(rows: Iterable[Row], *, now: str, at: str | None = None) -> list[Link]:
    """Links from rows of evidence that were in sight at ``at`` (absent: now), in order.

    A row has the columns of the table, and ``heard_at``: when its source had its last good reading.
    """
    links: dict[tuple[str, str, str], Link] = {}
    for row in rows:
        if is_shown(row):
            piece = piece_of(row, at)
            first, second = (row["far"], row["place"]) if piece.mirrored else (row["place"], row["far"])
            key = (first, second, row["medium"])
            links.setdefault(key, Link(*key)).pieces.append(piece)
    found = _joined(list(links.values()))
    found = _without_crowds(_without_shadows(found, at or now))
    contradict(found)
    return sorted(found, key=lambda link: (link.ends, link.medium))


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
    if link.only_macs and far.startswith(UNKNOWN):
        heard = [other for other in others if any(piece.row["kind"] in HEARD for piece in other.live)]
        macs = [other for other in others if other.only_macs]
        if len(heard) == 1 and not macs:
            return heard[0]
    return _same_name(link, others)


def _same_name(link: Link, others: Sequence[Link]) -> Link | None:
    """One machine that speaks two protocols, and shows its name in both and an id only in one."""
    (_, _), (far, _) = link.ends
    if not far.startswith(f"{UNKNOWN}name:") or link.only_macs:
        return None
    name = far.removeprefix(f"{UNKNOWN}name:").partition(".")[0]
    named = [other for other in others if other.name(other.ends[1][0]).partition(".")[0].lower() == name]
    return named[0] if len(named) == 1 else None


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
            if other is not link and (other.far == link.far or link.only_macs)
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
    return link.only_macs and link.ends[1][0].startswith(UNKNOWN)


def _is_its_own(link: Link) -> bool:
    return link.only_macs and link.ends[0][0] == link.ends[1][0]


def _is_shadow(link: Link, others: Sequence[Link], by_place: Mapping[tuple[str, str], list[Link]], now: str) -> bool:
    live = [other for other in others if other.live]
    if not link.live:
        return bool(live) and link.is_one_machine
    if not link.only_macs or not live:
        return False
    if any(not other.only_macs for other in live if other.state(now) != "stale"):
        return len(by_place[link.place, link.medium]) > 1
    crowd = len(by_place[link.place, link.medium])
    return any(len(by_place[other.place, other.medium]) < crowd for other in live)
