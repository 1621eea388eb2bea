"""Both ends of a shared console against a real service: an agent with a line in memory, and people."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed

from device_profiles.console import (
    AGENT_SAYS,
    SERVICE_SAYS,
    Bytes,
    End,
    From,
    Hello,
    Hold,
    Mark,
    Release,
    Stored,
    pack_bytes,
)
from tests.unit.proxy_service.site import Agent, Caller, Json, Site
from tests.unit.proxy_service.streams import assignments


def url(site: Site, path: str) -> tuple[str, str]:
    return str(site.settings.unix_socket), f"ws://service/v1/{path}"


class Person:
    """Somebody at a console."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seen = bytearray()
        self.told: list[Json] = []
        self.code: int | None = None

    async def next(self) -> None:
        """Take one frame."""
        try:
            async with asyncio.timeout(10):
                frame = await self.socket.recv()
        except ConnectionClosed as closed:
            self.code = closed.rcvd.code if closed.rcvd is not None else 1006
            raise
        if isinstance(frame, bytes):
            self.seen += frame
        else:
            self.told.append(orjson.loads(frame))

    async def until(self, holds: Callable[["Person"], Any]) -> None:
        while not holds(self):
            await self.next()

    async def shows(self, data: bytes) -> None:
        await self.until(lambda me: data in me.seen)

    async def tells(self, kind: str, **more: Any) -> Json:
        """Wait for a message; what was told is taken away up to it."""
        while True:
            while self.told:
                message = self.told.pop(0)
                if message["type"] == kind and more.items() <= message.items():
                    return message
            await self.next()

    async def ended(self) -> int:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.next()
        return self.code or 0

    async def say(self, kind: str, **more: Any) -> None:
        await self.socket.send(orjson.dumps({"type": kind, **more}).decode())

    async def type(self, data: bytes) -> None:
        await self.socket.send(data)

    async def writes(self) -> None:
        """Wait until the line is ours."""
        await self.tells("holder")


@contextlib.asynccontextmanager
async def a_person(
    site: Site, caller: Caller | None = None, *, node: str = "sw1", query: str = ""
) -> AsyncIterator[Person]:
    path, address = url(site, f"nodes/{node}/console{query}")
    headers = {"authorization": f"Bearer {(caller or site.admin).token}"}
    async with unix_connect(path, address, additional_headers=headers, proxy=None) as socket:
        yield Person(socket)


class Line:
    """An agent that has a line: it keeps what the service has not stored, as the real one does."""

    def __init__(self, site: Site, agent: Agent) -> None:
        self.site = site
        self.agent = agent
        self.stream = ""
        self.typed = bytearray()
        self.said: list[Any] = []
        self.kept: list[Bytes | Mark] = []
        self.seq = 0
        self.holder = ""
        self.echo = True
        self.refuses: Json | None = None
        self.slot = ""
        self.knows_slots = True
        self.changed = asyncio.Event()
        self.socket: ClientConnection | None = None

    async def serve(self) -> None:
        """Answer what is asked, for ever."""
        async with assignments(self.agent) as events, asyncio.TaskGroup() as group:
            while True:
                event = await events.next()
                asked = event.data["requests"] if event.name == "snapshot" else []
                for request in asked if event.name != "request" else [event.data]:
                    body = self.refuses or {"ok": True, "body": {}}
                    await self.agent.post(f"agents/agent-a/requests/{request['id']}/answer", body)
                    if self.refuses is None and self.socket is None:
                        self.stream = request["body"]["stream"]
                        self.slot = request["body"].get("slot", "") if self.knows_slots else ""
                        group.create_task(self.dial())

    async def dial(self, stream: str | None = None) -> int:
        """Dial, and speak until the stream ends; the close code."""
        path, address = url(self.site, f"agents/agent-a/streams/{stream or self.stream}")
        headers = {"authorization": f"Bearer {self.agent.token}"}
        async with unix_connect(path, address, additional_headers=headers, proxy=None) as socket:
            access = "serial:/dev/ttyS0"
            hello = Hello(schema=1, node="sw1", line="line", access=access, speed=9600, last=self.seq, slot=self.slot)
            await socket.send(AGENT_SAYS.dump_json(hello).decode())
            self.socket = socket
            try:
                async for frame in socket:
                    await self._hear(frame)
            except ConnectionClosed:
                pass
            finally:
                self.socket = None
        return socket.close_code or 0

    async def _hear(self, frame: bytes | str) -> None:
        if isinstance(frame, bytes):
            self.typed += frame
            if self.echo:
                await self.says(frame)
        else:
            said = SERVICE_SAYS.validate_json(frame)
            self.said.append(said)
            await self._obey(said)
        self.changed.set()

    async def _obey(self, said: Any) -> None:
        if isinstance(said, From):
            self.seq = max(self.seq, said.after)
            for record in self.kept:
                if record.seq > said.after:
                    await self._send(record)
        elif isinstance(said, Stored):
            self.kept = [record for record in self.kept if record.seq > said.seq]
        elif isinstance(said, Hold):
            self.holder = said.who
            await self.mark("holder", name=said.who, person=True, text=f"{said.who} has the line")
        elif isinstance(said, Release | End):
            if self.holder and isinstance(said, Release):
                await self.mark("holder")
            self.holder = ""

    async def says(self, data: bytes) -> None:
        """The line speaks."""
        self.seq += 1
        await self._record(Bytes(self.seq, time.time_ns() // 1000, data))

    async def mark(self, kind: Any, **more: Any) -> None:
        self.seq += 1
        await self._record(Mark(seq=self.seq, at_us=time.time_ns() // 1000, kind=kind, **more))

    async def _record(self, record: Bytes | Mark) -> None:
        self.kept.append(record)
        if self.socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._send(record)

    async def _send(self, record: Bytes | Mark) -> None:
        assert self.socket is not None
        await self.socket.send(
            pack_bytes(record) if isinstance(record, Bytes) else AGENT_SAYS.dump_json(record).decode()
        )

    async def until(self, holds: Callable[["Line"], Any]) -> None:
        async with asyncio.timeout(10):
            while not holds(self):
                self.changed.clear()
                await self.changed.wait()


@contextlib.asynccontextmanager
async def a_line(site: Site) -> AsyncIterator[Line]:
    """A node whose agent is there and has a line to it."""
    await site.rack("sw1")
    line = Line(site, await site.agent())
    async with serving(line):
        yield line


@contextlib.asynccontextmanager
async def serving(line: Line) -> AsyncIterator[Line]:
    task = asyncio.create_task(line.serve())
    try:
        with line.site.hub.store.changed.watching("events") as watch:
            while not (await line.site.admin.get("agents/agent-a"))["connected"]:
                await watch.wait(5)
        yield line
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
