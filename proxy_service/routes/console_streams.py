"""The WebSockets of consoles: people on one side, the agent that has the line on the other.

Whatever is refused is refused before the WebSocket is accepted, as an HTTP answer in the one envelope; afterwards there
are ``error`` and ``end`` messages and close codes (:mod:`device_profiles.console`).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import orjson
import sqlalchemy as sa
import structlog
from fastapi import APIRouter, Path, WebSocket
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect

from device_profiles.console import (
    AGENT_SAYS,
    CLOSE_ELSEWHERE,
    CLOSE_NO_STREAM,
    CLOSE_RESTART,
    CLOSE_UNAUTHENTICATED,
    CONSOLE_SCHEMA,
    MOST_TYPED_BYTES,
    PERSON_SAYS,
    Break,
    Hello,
    Release,
    Resize,
    TakeOver,
    Write,
    unpack_bytes,
)
from device_profiles.names import DEVICE_OBJECT_NAME, NODE_NAME, OBJECT_NAME
from proxy_service.answers import problem
from proxy_service.callers import Caller, Scope
from proxy_service.consoles import tickets
from proxy_service.consoles.links import Link
from proxy_service.consoles.room import Room
from proxy_service.consoles.rooms import Rooms
from proxy_service.consoles.transcripts import Place
from proxy_service.consoles.watching import Over, Watcher
from proxy_service.declare.limits import bears
from proxy_service.declare.specs import read_node
from proxy_service.hub import Hub
from proxy_service.problems import Refused, Slug, not_found
from proxy_service.store import Cause, Rows
from proxy_service.store import tables as t
from proxy_service.store.broadcast import Stopping

router = APIRouter(prefix="/v1")
log = structlog.get_logger(__name__)

_LOOK_S: Final = 2.0
"""How often it is looked, at the least, whether the token of somebody who watches is still good."""
_CAUSE: Final = Cause(action="console")


@router.websocket("/nodes/{node}/console")
async def console(websocket: WebSocket, node: Annotated[str, Path(pattern=NODE_NAME)]) -> None:
    """Watch the console of a node, and write on it."""
    hub, rooms = _of(websocket)
    try:
        slot = _slot_of(websocket)
        caller, may_write = await _person(websocket, hub, node)
        room = await rooms.join(Place(node, slot))
    except (Refused, Stopping) as error:
        await _deny(websocket, error)
        return
    await websocket.accept()
    watcher = room.enter(lambda number: Watcher(number, caller, may_write=may_write))
    if websocket.query_params.get("write") == "1":
        room.write(watcher, take=False)
    streams = hub.metrics.streams.labels("console")
    streams.inc()
    try:
        await _first_to_end(
            _show(websocket, watcher), _hear_person(websocket, room, watcher), _look(hub, websocket, watcher)
        )
    finally:
        streams.dec()
        room.leave(watcher)


def _slot_of(websocket: WebSocket) -> str:
    """The slot whose machine's console is wanted; empty for the node's own. Raises :class:`Refused`."""
    slot = websocket.query_params.get("slot", "")
    if slot and re.fullmatch(DEVICE_OBJECT_NAME, slot) is None:
        raise Refused(Slug.INVALID_DOCUMENT, "slot is not the name of a slot: letters, digits and ._- within")
    return slot


async def _person(websocket: WebSocket, hub: Hub, node: str) -> tuple[Caller, bool]:
    """Who comes, and whether they may write on this node's console. Raises :class:`Refused`."""
    ticket = websocket.query_params.get("ticket")
    if ticket is not None:
        token = await hub.store.unit(_CAUSE, tickets.use_ticket, ticket, node=node)
        caller = await hub.doorkeeper.holder(token)
    else:
        caller = await hub.doorkeeper.caller(websocket.headers.get("authorization"))
    caller.need(Scope.CONSOLE_READ)

    spec = await hub.store.view(Rows.value, sa.select(t.nodes.c.spec).where(t.nodes.c.name == node))
    if spec is None:
        raise not_found("node", node)
    mine = bears(read_node(spec).labels, caller.limits.labels)
    return caller, mine and Scope.CONSOLE_WRITE in caller.scopes


async def _show(websocket: WebSocket, watcher: Watcher) -> None:
    while True:
        item = await watcher.next()
        if isinstance(item, Over):
            await websocket.close(item.code, item.reason[:100])
            return
        if isinstance(item, bytes):
            await websocket.send_bytes(item)
        else:
            await websocket.send_text(orjson.dumps(item).decode())


async def _hear_person(websocket: WebSocket, room: Room, watcher: Watcher) -> None:
    does: dict[type, Callable[[Any], None]] = {
        Write: lambda _: room.write(watcher, take=False),
        TakeOver: lambda _: room.write(watcher, take=True),
        Release: lambda _: room.release(watcher),
        Break: lambda key: room.press(watcher, key),
        Resize: lambda key: room.press(watcher, key),
    }
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        data, text = message.get("bytes"), message.get("text")
        if data is not None and len(data) > MOST_TYPED_BYTES:
            watcher.tell(_error("TooLarge", f"a frame has at most {MOST_TYPED_BYTES} bytes: send it in pieces"))
        elif data is not None:
            room.type(watcher, data)
        else:
            try:
                said = PERSON_SAYS.validate_json(text or "")
            except ValidationError:
                watcher.tell(_error("Unknown", "this message is none of the console's; see docs/console.md"))
            else:
                does[type(said)](said)


def _error(reason: str, message: str) -> dict[str, str]:
    return {"type": "error", "reason": reason, "message": message}


async def _look(hub: Hub, websocket: WebSocket, watcher: Watcher) -> None:
    """End with the token of whoever watches, and with the service."""
    token = watcher.caller.token
    with hub.store.changed.watching(f"token:{token}") as watch:
        while True:
            try:
                woken = await watch.wait(_LOOK_S)
            except Stopping:
                await websocket.close(CLOSE_RESTART, "the service is stopping")
                return
            try:
                await hub.doorkeeper.holder(token, not_before_s=time.monotonic() if woken else None)
            except Refused:
                await websocket.close(CLOSE_UNAUTHENTICATED, "the token is no longer good")
                return


@router.websocket("/agents/{agent}/streams/{number}")
async def agent_stream(
    websocket: WebSocket,
    agent: Annotated[str, Path(pattern=OBJECT_NAME)],
    number: Annotated[str, Path(pattern="^[a-f0-9]{1,32}$")],
) -> None:
    """The agent dials for the console that it was asked for."""
    hub, rooms = _of(websocket)
    try:
        await _agent(websocket, hub, agent)
    except Refused as error:
        await _deny(websocket, error)
        return
    await websocket.accept()
    try:
        room = await rooms.adopt(agent, number)
    except Refused:
        await websocket.close(CLOSE_ELSEWHERE, "another replica serves this stream")
        return
    if room is None:
        await websocket.close(CLOSE_NO_STREAM, "nobody waits for this stream")
        return
    link = Link()
    try:
        await _first_to_end(_send_agent(websocket, link), _hear_agent(websocket, room, link))
    finally:
        room.detach(link)


async def _agent(websocket: WebSocket, hub: Hub, agent: str) -> None:
    caller = await hub.doorkeeper.caller(websocket.headers.get("authorization"))
    caller.need(Scope.AGENT)
    if caller.agent != agent:
        raise Refused(Slug.FORBIDDEN, "an agent calls only its own routes, with the token of its enrolment")


async def _send_agent(websocket: WebSocket, link: Link) -> None:
    while True:
        item = await link.next()
        if isinstance(item, Over):
            await websocket.close(item.code, item.reason[:100])
            return
        if isinstance(item, bytes):
            await websocket.send_bytes(item)
        else:
            await websocket.send_text(item)


async def _hear_agent(websocket: WebSocket, room: Room, link: Link) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        data = message.get("bytes")
        try:
            if data is not None:
                room.take(unpack_bytes(data))
                await asyncio.sleep(0)  # what came at once is taken without waiting: let those who watch keep up
                continue
            said = AGENT_SAYS.validate_json(message.get("text") or "")
        except ValueError as error:  # pydantic's is one
            log.warning("message of an agent cannot be read", node=room.node, error=type(error).__name__)
            continue
        if not isinstance(said, Hello):
            room.take(said)
        elif said.schema in (CONSOLE_SCHEMA, CONSOLE_SCHEMA + 1):
            room.attach(link, said)
        else:
            log.warning("agent speaks another console", node=room.node, schema=said.schema)
            return


def _of(websocket: WebSocket) -> tuple[Hub, Rooms]:
    return websocket.app.state.hub, websocket.app.state.rooms


async def _deny(websocket: WebSocket, error: Refused | Stopping) -> None:
    if isinstance(error, Stopping):
        error = Refused(Slug.STOPPING, "the service is stopping; ask again in a moment")
    await websocket.send_denial_response(problem(error))


async def _first_to_end(*work: Awaitable[None]) -> None:
    """Do all of it until one ends; the others are cancelled. A far end that is gone is an end."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        # Sending to a socket that was closed meanwhile is a RuntimeError of the framework's.
        if isinstance(result, Exception) and not isinstance(result, WebSocketDisconnect | RuntimeError):
            raise result
