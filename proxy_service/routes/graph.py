"""Links, topology, traces, reasons, and cabling compared."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from device_profiles.links import LinkState, Medium
from device_profiles.problems import Problem
from proxy_service import clock
from proxy_service.answers import answer
from proxy_service.callers import Scope
from proxy_service.entering import enter
from proxy_service.graph import comparing, reading, tracing, walking, why
from proxy_service.looking import parts
from proxy_service.problems import Slug, invalid
from proxy_service.routes.documented import NodePath, replies
from proxy_service.routes.viewing import viewed
from proxy_service.store import Rows

router = APIRouter(prefix="/v1", tags=["graph"], default_response_class=Response)

_AT = "2026-11-20T10:00:00.000000Z"
_LATER = "2026-11-20T10:05:00.000000Z"
_LINK = {
    "a": {"node": "sw1", "port": "Ethernet17"},
    "b": {
        "server": "web-07",
        "port": "eth0",
        "name": "web-07",
        "chassis_id": "52:54:00:00:00:07",
        "port_description": "",
    },
    "medium": "data",
    "state": "one_sided",
    "first_seen": _AT,
    "last_seen": _LATER,
    "evidence": [{"kind": "lldp", "source": "sw1", "first_seen": _AT, "last_seen": _LATER, "known_by": "mac"}],
    "moved_from": {"node": "sw1", "port": "Ethernet16", "first_seen": "2026-11-19T08:00:00.000000Z", "closed_at": _AT},
}
_LINKS = {"items": [_LINK], "cursor": None, "at": _LATER}
_TOPOLOGY = {
    "root": "web-07",
    "at": _LATER,
    "nodes": [
        {"id": "node/sw1", "type": "node", "name": "sw1", "kind": "switch", "depth": 1},
        {"id": "server/web-07", "type": "server", "name": "web-07", "kind": "server", "depth": 0},
    ],
    "links": [_LINK],
    "more": False,
}
_TRACE = {
    "of": ["server/web-07"],
    "at": _LATER,
    "paths": [
        {
            "nic": "eth0",
            "state": "one_sided",
            "hops": [
                {"node": "sw1", "in": "Ethernet17", "out": "Ethernet49", "state": "one_sided", "learned": []},
                {"node": "core1", "in": "Ethernet3", "out": "", "state": "confirmed", "learned": []},
            ],
            "core": "core1",
        }
    ],
    "outlets": [],
    "slots": [],
    "storage": [],
    "consoles": [],
}
_SENTENCES = [
    "LLDP is off on this port, or at its other end: nothing is heard, while 3 other ports of sw1 hear",
    "14 MACs were learned on it, so it is an uplink or a hub",
    "the last neighbour was web-07 until 2026-11-20 14:02:11 UTC",
]
_WHY = {
    "node": "sw1",
    "port": "Ethernet17",
    "answer": ". ".join(each[:1].upper() + each[1:] for each in _SENTENCES) + ".",
    "sentences": _SENTENCES,
    "looked_for": ["fdb", "neighbours"],
    "macs": 14,
    "links": [],
    "history": [{"who": "web-07", "port": "eth0", "kind": "lldp", "first_seen": _AT, "until": _LATER}],
}
_REPORT = {
    "at": _LATER,
    "items": [{"result": "missing", "cable": {"a": "sw1/p1", "b": "web-07/eth0", "medium": "data"}, "seen": []}],
    "as_declared": 0,
    "missing": 1,
    "swapped": 0,
    "unexpected": 0,
    "deviations": 1,
}
_AT_IS = "is a time with its offset, like 2026-11-20T10:00:00Z"
At = Annotated[
    str | None, Query(description="As of this time (RFC 3339, with its offset); now, where absent.", max_length=40)
]
_PAGE_MOST = 5_000
PortPath = Annotated[str, Path(description="The port's name, in any spelling that the node knows.", max_length=200)]


def moment(text: str | None) -> str | None:
    """A time of a query as it is stored. Raises :class:`Refused`."""
    if text is None:
        return None
    try:
        # A plus that was not written as %2B comes as a blank.
        found = datetime.fromisoformat(text.replace(" ", "+"))
        written = clock.text(found)
    except (ValueError, OverflowError):
        raise invalid([Problem("at", _AT_IS)]) from None
    if found.tzinfo is None:
        raise invalid([Problem("at", _AT_IS)])
    return written


@router.get(
    "/nodes/{node}/links",
    operation_id="get_node_links",
    summary="What is at the other end of a node's cables",
    responses=replies(_LINKS, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def get_node_links(request: Request, node: NodePath, at: At = None) -> Response:
    hub, _ = await enter(request, Scope.READ)
    then = moment(at)

    def look(rows: Rows) -> dict[str, Any]:
        parts.need_node(rows, node)
        return reading.links_of(rows, node=node, at=then, state=None, limit=reading.MOST)

    return answer(await hub.store.view(look))


@router.get(
    "/links",
    operation_id="list_links",
    summary="Links: who is connected to whom, and what that rests on",
    responses=replies(_LINKS, Slug.INVALID_DOCUMENT),
)
async def list_links(
    request: Request,
    *,
    node: Annotated[str | None, Query(description="Only of this node or server", max_length=63)] = None,
    state: LinkState | None = None,
    at: At = None,
    limit: Annotated[int, Query(ge=1, le=_PAGE_MOST, description="Pieces of evidence on a page of all links")] = 1_000,
    cursor: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    hub, _ = await enter(request, Scope.READ)
    then = moment(at)
    found = await hub.store.view(reading.links_of, node=node, at=then, state=state, limit=limit, cursor=cursor)
    return answer(found)


@router.get(
    "/topology",
    operation_id="get_topology",
    summary="The machines around one, or all, and the links between them",
    responses=replies(_TOPOLOGY, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def get_topology(
    request: Request,
    *,
    root: Annotated[str | None, Query(description="A node or a server", max_length=63)] = None,
    depth: Annotated[int, Query(ge=0, le=walking.DEEPEST)] = 2,
    medium: Medium | None = None,
    at: At = None,
    limit: Annotated[
        int, Query(ge=1, le=reading.MOST, description="Links at most; `more` says that there are")
    ] = 5_000,
) -> Response:
    hub, _ = await enter(request, Scope.READ)
    then = moment(at)
    found = await hub.store.view(walking.topology, root=root, depth=depth, medium=medium, at=then, limit=limit)
    return answer(found)


@router.get(
    "/trace",
    operation_id="trace",
    summary="Every hop from a server to the core; its outlets, slot and LUNs",
    responses=replies(_TRACE, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def trace(
    request: Request,
    *,
    server: Annotated[str | None, Query(description="A server, or a node", max_length=63)] = None,
    mac: Annotated[str | None, Query(description="Or whoever has this address", max_length=40)] = None,
    at: At = None,
) -> Response:
    hub, _ = await enter(request, Scope.READ)
    if (server is None) == (mac is None):
        raise invalid([Problem("server", "is given, or mac is: one of both")])
    return answer(await hub.store.view(tracing.trace, server=server, mac=mac, at=moment(at)))


@router.get(
    "/nodes/{node}/ports/{port:path}/why",
    operation_id="why_port",
    summary="Why a port has the neighbour that is shown, or none",
    responses=replies(_WHY, Slug.NOT_FOUND, Slug.INVALID_DOCUMENT),
)
async def why_port(request: Request, node: NodePath, port: PortPath) -> Response:
    return await viewed(request, why.why, node, port)


@router.get(
    "/cabling/report",
    operation_id="report_cabling",
    summary="Declared cables held against what is seen",
    responses=replies(_REPORT, Slug.INVALID_DOCUMENT),
)
async def report_cabling(request: Request, *, result: Literal["deviations", "all"] = "all", at: At = None) -> Response:
    hub, _ = await enter(request, Scope.READ)
    found = await hub.store.view(comparing.report, at=moment(at))
    if result == "deviations":
        found = found | {"items": [item for item in found["items"] if item["result"] != "as_declared"]}
    return answer(found)
