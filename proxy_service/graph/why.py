"""Why a port has the neighbour that is shown, or none: what was looked for, what was found, what is missing.

The answer is a sentence a line. Each rests on something stored: reports, evidence and its history, declared cables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from proxy_service import clock
from proxy_service.declare.specs import profiles
from proxy_service.graph.edges import MOST_AT_AN_EDGE, is_uplink
from proxy_service.graph.intervals import place_of
from proxy_service.graph.links import STALE_AFTER_S, Link
from proxy_service.graph.looking_up import known_of, owners_of
from proxy_service.graph.marks import mac_of
from proxy_service.graph.reading import Evidence, Json, views
from proxy_service.graph.resolving import NODE, UNKNOWN, Owner
from proxy_service.problems import not_found
from proxy_service.store import Rows
from proxy_service.store import graph_tables as g
from proxy_service.store import tables as t

_HEARD: Final = ("lldp", "cdp", "fdp", "edp")
_LAST: Final = 5
_e = g.evidence.c
_UNTIL: Final = sa.func.coalesce(_e.closed_at, _e.missing_since)


class _Port(msgspec.Struct):
    oper_up: bool | None = None
    down_reason: str | None = None
    enabled: bool | None = None


class _Entry(msgspec.Struct):
    mac: str = ""
    port: str = ""


class _Lag(msgspec.Struct):
    members: list[str] | None = None


class _Document(msgspec.Struct):
    """What of an observed state and an operation says something of a port's neighbour."""

    ports: dict[str, _Port] = {}
    macs: list[_Entry] = []
    lags: dict[str, _Lag] = {}


_READ: Final = msgspec.json.Decoder(_Document)


@dataclass(slots=True)
class _Asked:
    """All that is stored of one port."""

    node: str
    port: str
    abilities: frozenset[str]
    heard_at: str | None
    operation: _Document | None
    observed: _Document | None
    spellings: dict[str, str]
    now: str
    sentences: list[str] = field(default_factory=list)


def why(rows: Rows, node: str, port: str) -> Json:
    """Why ``port`` of ``node`` is linked as it is. Raises :class:`Refused` where there is no such node."""
    evidence = Evidence(rows)
    about = _about(rows, node, port, evidence.now)
    place = place_of(NODE + node, about.port)
    evidence.at_places([place])
    evidence.beside(evidence.links())
    links = [link for link in evidence.links() if place in (link.place, link.far)]
    elsewhere = evidence.of([NODE + node])
    history = _history(rows, place)
    _tell_reading(about)
    _tell_port(about)
    _tell_heard(about, links, [row for row in elsewhere if row["a_port"] != about.port])
    macs = _tell_macs(about, rows)
    _tell_links(about, links)
    _tell_history(about, history, links)
    return {
        "node": node,
        "port": about.port,
        "answer": ". ".join(_begun(sentence) for sentence in about.sentences) + ".",
        "sentences": about.sentences,
        "looked_for": sorted(about.abilities & {"neighbours", "fdb"}),
        "macs": macs,
        "links": views(rows, links, now=evidence.now),
        "history": history,
    }


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _about(rows: Rows, node: str, port: str, now: str) -> _Asked:
    select = sa.select(t.nodes.c.profile, t.statuses.c.last_seen).outerjoin(t.statuses).where(t.nodes.c.name == node)
    row = rows.first(select)
    if row is None:
        raise not_found("node", node)
    query = sa.select(t.documents.c.part, t.documents.c.body).where(
        t.documents.c.node == node, t.documents.c.part.in_(("operation", "observed"))
    )
    parts = {each.part: _READ.decode(each.body) for each in rows.all(query)}
    spellings: dict[str, str] = {}
    for known in known_of(rows, [NODE + node]):
        spellings = msgspec.json.decode(known.ports)
    profile = profiles().get(row.profile)
    name = profile.port_names.canonical(port) if profile is not None else port
    return _Asked(
        node=node,
        port=spellings.get(port.lower()) or spellings.get(name.lower(), name),
        abilities=frozenset(profile.capabilities if profile is not None else ()),
        heard_at=row.last_seen,
        operation=parts.get("operation"),
        observed=parts.get("observed"),
        spellings=spellings,
        now=now,
    )


def _tell_reading(about: _Asked) -> None:
    if about.heard_at is None:
        about.sentences.append(f"nothing was read from {about.node} yet")
    elif (clock.moment(about.now) - clock.moment(about.heard_at)).total_seconds() > STALE_AFTER_S:
        about.sentences.append(f"{about.node} was last read at {_short(about.heard_at)}, and what follows is of then")


def _tell_port(about: _Asked) -> None:
    """Whether the port is there, is enabled, and has a carrier."""
    observed, operation = about.observed, about.operation
    ports = {*(observed.ports if observed else ()), *(operation.ports if operation else ())}
    if ports and about.port not in ports and about.port not in about.spellings.values():
        about.sentences.append(f"{about.node} has no port {about.port}")
    if observed and (port := observed.ports.get(about.port)) and port.enabled is False:
        about.sentences.append("the port is shut")
    if operation and (port := operation.ports.get(about.port)) and port.oper_up is False:
        about.sentences.append(f"the port is down{f' ({port.down_reason})' if port.down_reason else ''}")


def _tell_heard(about: _Asked, links: list[Link], elsewhere: list[Json]) -> None:
    """Whether a neighbour was heard by a protocol of its own, and if not, whether that works at all here."""
    own = [piece for link in links for piece in link.live if piece.row["a"] == NODE + about.node]
    if any(piece.row["kind"] in _HEARD for piece in own):
        return
    if "neighbours" not in about.abilities:
        about.sentences.append(f"neither LLDP nor CDP is asked of {about.node}: its driver cannot")
        return
    others = {row["a_port"] for row in elsewhere if row["kind"] in _HEARD and row["closed_at"] is None}
    if others:
        working = f"{len(others)} other port{'s' if len(others) > 1 else ''} of {about.node}"
        about.sentences.append(f"LLDP is off on this port, or at its other end: nothing is heard, while {working} hear")
    else:
        about.sentences.append(f"{about.node} hears no neighbour on any port: LLDP may be off on all of it")


def _tell_macs(about: _Asked, rows: Rows) -> int:
    """What the MAC table says; the number of addresses."""
    if "fdb" not in about.abilities or about.operation is None:
        return 0
    lags = about.observed.lags if about.observed else {}
    bundle = next((name for name, lag in lags.items() if about.port in (lag.members or ())), "")
    if bundle:
        about.sentences.append(f"it is a member of {bundle}, where MACs are learned")
    learnt = {mac_of(entry.mac) for entry in about.operation.macs if entry.port in (about.port, bundle)} - {""}
    owners = owners_of(rows, (f"mac:{mac}" for mac in learnt))
    about.sentences.append(_macs_sentence(learnt, owners))
    return len(learnt)


def _macs_sentence(learnt: set[str], owners: dict[str, tuple[Owner, ...]]) -> str:
    number = len(learnt)
    if not number:
        return "no MAC was learned on it"
    whose = sorted({owner.who.partition("/")[2] for each in owners.values() for owner in each})
    said = f"{number} MAC{'s were' if number > 1 else ' was'} learned on it"
    if whose:
        said += f", of {', '.join(whose[:5])}" + (" and others" if len(whose) > 5 or number > len(owners) else "")
    if number > MOST_AT_AN_EDGE:
        return f"{said}, so it is an uplink or a hub"
    return f"{said}, so it is an uplink" if is_uplink(learnt, owners) else said


def _tell_links(about: _Asked, links: list[Link]) -> None:
    for link in links:
        ends = [
            (end, port) for end, port in link.ends if place_of(end, port) != place_of(NODE + about.node, about.port)
        ]
        (end, port), *_ = ends or [link.ends[1]]
        who = link.name(end) + (f" ({port})" if port else "")
        state = link.state(about.now)
        kinds = ", ".join(sorted({piece.row["kind"] for piece in link.live}))
        if state == "stale":
            continue
        if kinds == "declared":
            about.sentences.append(f"a cable to {who} is declared, and was not seen")
        else:
            about.sentences.append(f"{who} is its neighbour by {kinds} ({state})")
        about.sentences += [f"but {each}" for each in {*link.against, *(p.row["doubt"] for p in link.live)} if each]


def _tell_history(about: _Asked, history: list[Json], links: list[Link]) -> None:
    live = [piece for link in links if link.state(about.now) != "stale" for piece in link.live]
    if any(piece.row["kind"] != "declared" for piece in live):
        return
    ended = [item for item in history if item["until"]]
    if ended:
        about.sentences.append(f"the last neighbour was {ended[0]['who']} until {_short(ended[0]['until'])}")
    else:
        about.sentences.append("no neighbour was ever seen on it")


def _history(rows: Rows, place: str) -> list[Json]:
    """Who was seen at the port, newest first."""
    query = (
        sa.select(_e.b, _e.b_port, _e.kind, _e.body, _e.first_seen, _UNTIL.label("until"))
        .where(_e.place == place, _e.kind != "declared")
        .order_by(sa.func.coalesce(_UNTIL, "9").desc(), _e.first_seen.desc())
        .limit(_LAST)
    )
    found = []
    for row in rows.all(query):
        who: Any = row.b.partition("/")[2]
        if row.b.startswith(UNKNOWN):
            told = msgspec.json.decode(row.body)
            who = told.get("name") or told.get("chassis_id") or who
        item = {"who": who, "port": row.b_port, "kind": row.kind}
        found.append(item | {"first_seen": row.first_seen, "until": row.until})
    return found


def _short(at: str) -> str:
    return f"{at[:10]} {at[11:19]} UTC"
