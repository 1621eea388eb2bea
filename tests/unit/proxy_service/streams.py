"""A service that listens on a Unix socket, and readers of its streams."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

from proxy_service.serve import Service
from proxy_service.settings import Settings
from tests.unit.proxy_service.site import Agent, Caller, Site


@dataclass
class Event:
    id: str
    name: str
    data: Any


class Stream:
    """Events as they arrive."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines: Any = answer.aiter_lines()
        self.comments = 0

    async def close(self) -> None:
        """Let go of the bytes that were not read."""
        await self._lines.aclose()

    async def next(self) -> Event:
        """The next event; raises StopAsyncIteration at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if not line and "data" in fields:
                    return Event(fields.get("id", ""), fields["event"], orjson.loads(fields["data"]))
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    fields[name] = value
        raise StopAsyncIteration

    async def until(self, name: str) -> Event:
        """The next event of this name."""
        while (event := await self.next()).name != name:
            pass
        return event


@contextlib.asynccontextmanager
async def a_stream(caller: Caller, path: str, **more: Any) -> AsyncIterator[Stream]:
    headers = {"authorization": f"Bearer {caller.token}", **more.pop("headers", {})}
    async with caller.http.stream("GET", f"/v1/{path}", headers=headers, timeout=20, **more) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Stream(answer)
        try:
            yield stream
        finally:
            await stream.close()


def assignments(agent: Agent, after: str | None = None) -> Any:
    headers = {"last-event-id": after} if after is not None else {}
    return a_stream(agent, f"agents/{agent.name}/assignments", headers=headers)


@contextlib.asynccontextmanager
async def a_served_site(folder: Path, **more: Any) -> AsyncIterator[Site]:
    settings = Settings(data_dir=folder, port=0, unix_socket=folder / "s.sock", **more)
    async with Service(settings) as service:
        transport = httpx.AsyncHTTPTransport(uds=str(service.socket_path), verify=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=20) as http:
            yield Site(service.app, http, Caller(http, service.admin_token), settings)
