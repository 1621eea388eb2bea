"""The service in a process of its own, started as any user starts it: ``pointsman serve``."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.processes import Child
from benchmarks.stage import Stage
from device_profiles.wire import WIRE_SCHEMA
from pointsman.client import Client
from pointsman.endpoint import Endpoint, read_token


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningService:
    """A service that answers. ``client`` is an administrator's."""

    child: Child
    socket: Path
    client: Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """An agent as the service knows it."""

    name: str
    token: str = field(repr=False)
    fence: int


@asynccontextmanager
async def running_service(
    stage: Stage, *, name: str = "service", database: str | None = None, measured: bool = False
) -> AsyncIterator[RunningService]:
    """A new service with an empty database (SQLite, or ``database``); on the measured core if ``measured``."""
    folder = stage.folder / name
    folder.mkdir(mode=0o700)
    socket = folder / "service.sock"
    argv = [sys.executable, "-m", "pointsman", "serve", "--data-dir", str(folder), "--port", "0"]
    argv += ["--unix-socket", str(socket), "--log-level", "warning"]
    argv += ["--database", database] if database else []
    cores = stage.cores.measured if measured else stage.cores.others
    with Child(name, argv, log=stage.folder / f"{name}.log", cores=cores) as child:
        async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(socket))) as http:
            await child.until(lambda: _is_ready(http), what="it answers")
        endpoint = Endpoint(f"unix:{socket}", read_token(folder / "admin.token"))
        async with Client(endpoint) as client:
            yield RunningService(child=child, socket=socket, client=client)


async def _is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("http://pointsman/readyz", timeout=5)).is_success
    except httpx.TransportError:
        return False


async def join_token(service: RunningService, *, agent: str, location: str) -> str:
    """A token with which one agent may join ``location``."""
    body = {"name": agent, "scopes": ["join"], "location": location}
    answer = await service.client.call("POST", "/tokens", json=body)
    return str(answer["token"])


async def enrol(service: RunningService, *, agent: str, location: str) -> Enrolment:
    """Introduce an agent by hand, as its process would."""
    token = await join_token(service, agent=agent, location=location)
    body = {"schema": WIRE_SCHEMA, "name": agent, "location": location, "version": "0", "drivers": []}
    transport = httpx.AsyncHTTPTransport(uds=str(service.socket))
    async with httpx.AsyncClient(transport=transport, base_url="http://pointsman") as http:
        answer = await http.post("/v1/agents/enrol", json=body, headers={"Authorization": f"Bearer {token}"})
    answer.raise_for_status()
    found = answer.json()
    return Enrolment(name=found["agent"], token=found["token"], fence=found["fence"])
