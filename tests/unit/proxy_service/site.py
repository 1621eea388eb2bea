"""A service in this process, and those who call it."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from proxy_service.app import create_app
from proxy_service.hub import Hub
from proxy_service.settings import Settings
from proxy_service.store import Cause

NODE = {
    "profile": "openvswitch",
    "location": "row-a",
    "access": ["ssh://root@192.0.2.1"],
    "credentials": "file:lab.key",
}
AT = "2026-11-20T10:00:00Z"
Json = dict[str, Any]


def access_port(vlan: int, *, port: str = "p1", **more: Any) -> Json:
    """A role that puts one port of sw1 into one VLAN."""
    return {"attach": {"nodes": ["sw1"]}, "state": {"ports": {port: {"mode": "access", "access_vlan": vlan}}}, **more}


def trunk(*vlans: int, port: str = "p24", **more: Any) -> Json:
    return {"attach": {"nodes": ["sw1"]}, "state": {"ports": {port: {"mode": "trunk", "trunk_vlans": vlans}}}, **more}


@dataclass
class Caller:
    """Somebody with a token."""

    http: httpx.AsyncClient
    token: str

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer, whatever it is. ``path`` is below /v1 unless it begins with a slash."""
        headers = {"authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return await self.http.request(method, path if path.startswith("/") else f"/v1/{path}", headers=headers, **more)

    async def call(self, method: str, path: str, **more: Any) -> Json:
        """The JSON of an answer that has to be a success."""
        answer = await self.ask(method, path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refused(self, method: str, path: str, **more: Any) -> Json:
        """The problem of an answer that has to be a refusal."""
        answer = await self.ask(method, path, **more)
        assert answer.status_code >= 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == answer.status_code
        return problem

    async def get(self, path: str, /, **query: Any) -> Json:
        return await self.call("GET", path, **({"params": query} if query else {}))

    async def put(self, path: str, spec: Json, **more: Any) -> Json:
        return await self.call("PUT", path, json=spec, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Json:
        return await self.call("POST", path, json=body, **more)

    async def delete(self, path: str, **more: Any) -> Json:
        return await self.call("DELETE", path, **more)


@dataclass
class Agent(Caller):
    """An enrolled agent that numbers its reports."""

    name: str = "agent-a"
    seq: int = 0
    fence: int = 1

    def report(self, node: str = "sw1", **parts: Any) -> Json:
        self.seq += 1
        return {"seq": self.seq, "fence": self.fence, "node": node, "at": AT, **parts}

    async def send(self, *reports: Json, **seen: str) -> Json:
        body = {"schema": 1, "reports": list(reports), "seen": seen}
        return await self.post(f"agents/{self.name}/reports", body)


@dataclass
class Site:
    """A service and its administrator."""

    app: FastAPI
    http: httpx.AsyncClient
    admin: Caller
    settings: Settings
    tokens: list[str] = field(default_factory=list)

    @property
    def hub(self) -> Hub:
        hub: Hub = self.app.state.hub
        return hub

    async def caller(self, *scopes: str, owner: str = "admin", **more: Any) -> Caller:
        """A caller with a new token of these scopes."""
        made = await self.admin.post("tokens", {"name": "test", "scopes": scopes, "owner": owner, **more})
        return Caller(self.http, made["token"])

    async def rack(self, *nodes: str, **more: Any) -> None:
        """A location and nodes in it."""
        await self.admin.put("locations/row-a", {})
        for node in nodes or ("sw1",):
            await self.admin.put(f"nodes/{node}", {**NODE, **more})

    async def agent(self, name: str = "agent-a", location: str = "row-a") -> Agent:
        """An agent that has enrolled, without an open stream."""
        joiner = await self.caller("join", location=location)
        body = {"schema": 1, "name": name, "location": location, "version": "1", "drivers": ["openvswitch"]}
        made = await joiner.post("agents/enrol", body)
        return Agent(self.http, made["token"], name, fence=made["fence"])

    async def alter(self, statement: Any) -> None:
        """Change the database behind the service's back, as the passing of time would."""
        await self.hub.store.unit(Cause(action="test"), lambda unit: unit.execute(statement).close())


@contextlib.asynccontextmanager
async def a_site(folder: Path, **more: Any) -> AsyncIterator[Site]:
    settings = Settings(data_dir=folder, **more)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=20) as http:
            yield Site(app, http, Caller(http, settings.admin_token_file.read_text().strip()), settings)
