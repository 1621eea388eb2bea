"""What speaks against links: the same machine elsewhere, or a far end that sees somebody else. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from proxy_service.graph.intervals import ONE_PLACE
from proxy_service.graph.links import DECLARED, Link

HEARD: Final = frozenset({"lldp", "cdp", "fdp", "edp", "server"})
"""What a machine said itself, or was said to it: an end that hears somebody else contradicts."""


def contradict(links: Iterable[Link]) -> None:
    """Note what speaks against links that others contradict."""
    live = [link for link in links if link.medium in ONE_PLACE and link.live]
    pairs = {frozenset((link.place, link.far)) for link in live}
    ends: dict[tuple[str, str], list[Link]] = {}
    for link in live:
        if not all(piece.row["kind"] == DECLARED for piece in link.live):
            for place in {link.place, link.far}:
                ends.setdefault((place, link.medium), []).append(link)
    for link in live:
        for place in {link.place, link.far} if link.is_one_machine else ():
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
    return not there or not HEARD.isdisjoint(there)


def _sentence(other: Link, port: str) -> str:
    place = other.far if port == other.place else other.place
    return f"{_spoken(other, port)} is seen at {_spoken(other, place)} as well"


def _spoken(link: Link, place: str) -> str:
    end, _, port = place.rpartition("#")
    return f"{link.name(end)}/{port}" if port else link.name(end)
