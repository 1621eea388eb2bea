"""A service that is older than what an agent has accepted is not obeyed, and everybody is told so."""

import asyncio
import contextlib
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.process import Agent
from agents.settings import SecretRule
from agents.settings import Settings as AgentSettings
from device_profiles.state import Port, State
from proxy_service.serve import Service
from proxy_service.settings import Settings
from proxy_service.trust.backup import restore, save
from tests.unit.agents.devices import FakeSwitch, Rack

pytestmark = pytest.mark.system

Json = dict[str, Any]
SIGNED_KEYS = {"agent", "epoch", "event", "signature"}
NODE = {"profile": "openvswitch", "location": "row", "access": ["ssh://root@sw1"], "credentials": "file:lab.key"}


class Site:
    """A service, whoever calls it, and an agent with one switch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.switch = FakeSwitch(State(ports={"p1": Port(), "p2": Port()}))
        self.http: httpx.AsyncClient
        self.token = ""

    @property
    def database(self) -> Path:
        return self.folder / "service" / "pointsman.db"

    @contextlib.asynccontextmanager
    async def service(self, **more: Any) -> AsyncIterator[Service]:
        settings = Settings(
            data_dir=self.folder / "service", port=0, unix_socket=self.folder / "s.sock", keep_s=0.2, **more
        )
        async with Service(settings) as service:
            headers = {"authorization": f"Bearer {service.admin_token}"}
            async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=30) as self.http:
                yield service

    @contextlib.asynccontextmanager
    async def agent(self, *, others: Mapping[str, FakeSwitch] | None = None, **more: Any) -> AsyncIterator[Agent]:
        settings = AgentSettings(
            name="a1",
            location="row",
            service=f"unix:{self.folder / 's.sock'}",
            data_dir=self.folder / "agent",
            secrets_dir=self.folder,
            secrets=(SecretRule(name="*", hosts=("sw1", "sw2")),),
            heartbeat_s=0.05,
        )
        rack = Rack(sw1=self.switch, **(others or {}))
        agent = Agent(settings, join_token=self.token, open_driver=rack.open_driver, **more)
        task = asyncio.create_task(agent.run())
        try:
            yield agent
        finally:
            agent.stop()
            await task

    async def call(self, method: str, path: str, **more: Any) -> Json:
        answer = await self.http.request(method, f"/v1/{path}", **more)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def declare(self, vlan: int, **more: Any) -> int:
        """Put p1 into a VLAN; the generation that this made."""
        state = {"ports": {"p1": {"mode": "access", "access_vlan": vlan}, **more}}
        made = await self.call("PUT", "roles/blue", json={"attach": {"nodes": ["sw1"]}, "state": state})
        return int(made["nodes"]["sw1"])

    async def begin(self) -> None:
        """A location, a node, a token to join with."""
        (self.folder / "lab.key").touch(0o600)
        (self.folder / "lab.key").write_text("secret\n")
        await self.call("PUT", "locations/row", json={})
        await self.call("PUT", "nodes/sw1", json=NODE)
        made = await self.call("POST", "tokens", json={"name": "join", "scopes": ["join"], "location": "row"})
        self.token = made["token"]

    async def converged(self, generation: int) -> Json:
        found = await self.call("GET", "nodes/sw1", params={"wait": 10, "generation": generation})
        assert found["status"]["converged_generation"] == generation, found
        return found

    async def until(self, path: str, holds: Callable[[Json], Any]) -> Json:
        async with asyncio.timeout(10):
            while not holds(found := await self.call("GET", path)):  # noqa: ASYNC110 -- asked over HTTP
                await asyncio.sleep(0.01)
        return found

    async def refused(self) -> Json:
        """Wait until the agent has said that it does not accept what we say; the node then."""
        await self.until("agents/a1", lambda found: found["standing"])
        return await self.call("GET", "nodes/sw1")

    def copy(self) -> Path:
        """The database as it is, with the service stopped."""
        file = self.folder / "copy.db"
        shutil.copy(self.database, file)
        assert not self.database.with_name("pointsman.db-wal").exists()
        return file

    def put_back(self, file: Path) -> None:
        shutil.copy(file, self.database)

    async def shows(self, vlan: int) -> None:
        """Wait until p1 is in a VLAN."""
        async with asyncio.timeout(10):
            while self.vlan != vlan:  # noqa: ASYNC110 -- a switch has no event for a test
                await asyncio.sleep(0.01)

    @property
    def vlan(self) -> int | None:
        return self.switch.state.ports["p1"].access_vlan


@pytest.fixture
def site(tmp_path: Path, empty_database: Path) -> Site:
    (tmp_path / "service").mkdir(mode=0o700)
    shutil.copy(empty_database, tmp_path / "service" / "pointsman.db")
    return Site(tmp_path)


def converged(node: Json) -> Json:
    found: Json = next(item for item in node["status"]["conditions"] if item["type"] == "Converged")
    return found


async def test_a_database_that_was_put_back_is_refused_until_somebody_overrules(site: Site) -> None:
    async with site.service():
        await site.begin()
        generation = await site.declare(10)
        async with site.agent():
            await site.converged(generation)
    old = site.copy()
    async with site.service(), site.agent():
        await site.converged(await site.declare(20))
        newest = await site.declare(30)
        await site.converged(newest)
    site.put_back(old)
    async with site.service(), site.agent():
        node = await site.refused()
        assert (converged(node)["status"], converged(node)["reason"]) == (False, "ServiceBehind")
        assert "overrule sw1" in converged(node)["message"]
        assert node["status"]["converged_generation"] < node["status"]["generation"]
        # What was accepted last is still enforced.
        site.switch.by_hand("ports", "p1", access_vlan=66)
        await site.shows(30)
        # New writes do not make an old database a new one.
        for vlan in range(40, 46):
            latest = await site.declare(vlan)
        assert latest > newest
        assert converged(await site.refused())["reason"] == "ServiceBehind"
        assert site.vlan == 30
        before = (await site.call("GET", "keys"))["epoch"]
        done = await site.call("POST", "overrule", json={"nodes": ["sw1"]})
        assert done["nodes"] == ["sw1"]
        assert done["epoch"] != before
        await site.converged(latest)
        assert site.vlan == 45
        await site.until("agents/a1", lambda found: not found["standing"])
        audit = await site.call("GET", "audit")
        assert audit["items"][0]["path"] == "/v1/overrule"
        # From now on all is as ever.
        await site.converged(await site.declare(50))
        assert site.vlan == 50


async def test_a_restored_service_is_refused_where_it_says_less_and_goes_on_where_it_says_the_same(site: Site) -> None:
    saved = site.folder / "backup"
    url = f"sqlite:///{site.database}"
    async with site.service():
        await site.begin()
        async with site.agent():
            await site.converged(await site.declare(10))
            await save(url, saved, version="1")
    # Nothing was declared since: numbers and epoch are others, the agent simply goes on.
    await restore(url, saved)
    writes = site.switch.writes
    async with site.service(), site.agent():
        node = await site.until("nodes/sw1", lambda found: found["status"]["converged_generation"])
        assert converged(node)["status"] is True
        assert (await site.call("GET", "agents/a1"))["standing"] == []
        assert (site.vlan, site.switch.writes) == (10, writes)
        # What is declared from there is as ever, and is what the next backup lacks.
        await site.converged(await site.declare(20))
    await restore(url, saved)
    async with site.service(), site.agent():
        node = await site.refused()
        assert converged(node)["reason"] == "ServiceBehind"
        assert node["status"]["converged_generation"] == 0
        assert site.vlan == 20
        # Declaring what is missing is one way out.
        generation = await site.declare(20)
        await site.until("agents/a1", lambda found: not found["standing"])
        await site.converged(generation)
        await site.converged(await site.declare(30))
    await restore(url, saved)
    async with site.service(), site.agent():
        assert site.vlan == 30
        generation = (await site.refused())["status"]["generation"]
        assert site.vlan == 30
        await site.call("POST", "overrule", json={"all": True})
        await site.converged(generation)
        assert site.vlan == 10


async def test_a_node_that_the_backup_does_not_know_is_kept(site: Site) -> None:
    url, saved = f"sqlite:///{site.database}", site.folder / "backup"
    async with site.service():
        await site.begin()
        await site.call("DELETE", "nodes/sw1")
        async with site.agent():
            await site.until("agents", lambda found: found["items"])
            await save(url, saved, version="1")
            await site.call("PUT", "nodes/sw1", json=NODE)
            await site.converged(await site.declare(10))
    await restore(url, saved)
    async with site.service(), site.agent():
        agent = await site.until("agents/a1", lambda found: found["standing"])
        assert [(item["node"], item["offered"]) for item in agent["standing"]] == [("sw1", None)]
        site.switch.by_hand("ports", "p1", access_vlan=66)
        await site.shows(10)
        await site.call("POST", "overrule", json={"nodes": ["sw1"]})
        await site.until("agents/a1", lambda found: not found["standing"])


async def test_a_node_that_is_new_to_an_old_database_is_not_taken_on_before_that_is_overruled(site: Site) -> None:
    other = FakeSwitch(State(ports={"p1": Port()}))
    async with site.service():
        await site.begin()
        async with site.agent():
            await site.converged(await site.declare(10))
    old = site.copy()
    async with site.service(), site.agent():
        for vlan in (20, 10):
            generation = await site.declare(vlan)
            await site.converged(generation)
    site.put_back(old)
    async with site.service(), site.agent(others={"sw2": other}):
        # What is declared for sw1 happens to be what was accepted last: nothing is refused, and nothing changed.
        await site.until("agents/a1", lambda found: found["connected"])
        await site.call("PUT", "nodes/sw2", json={**NODE, "access": ["ssh://root@sw2"]})
        agent = await site.until("agents/a1", lambda found: found["standing"])
        assert [item["node"] for item in agent["standing"]] == ["sw2"]
        assert other.calls["open"] == 0
        await site.call("POST", "overrule", json={"nodes": ["sw2"]})
        await site.until("nodes/sw2", lambda found: converged(found)["status"])
        assert (await site.call("GET", "agents/a1"))["standing"] == []


async def test_an_agent_from_before_signatures_learns_them_and_keeps_its_nodes(site: Site) -> None:
    async with site.service():
        await site.begin()
        async with site.agent():
            await site.converged(await site.declare(10))
    db = sqlite3.connect(site.folder / "agent" / "agent.db")
    (document,) = db.execute("SELECT document FROM assignments").fetchone()
    with db:
        db.execute("DELETE FROM meta WHERE key IN ('keys', 'epoch', 'acknowledged', 'behind')")
        unsigned = {key: value for key, value in json.loads(document).items() if key not in SIGNED_KEYS}
        db.execute("UPDATE assignments SET document = ?", (json.dumps(unsigned).encode(),))
    async with site.service(), site.agent():
        await site.converged(await site.declare(20))
        (document,) = db.execute("SELECT document FROM assignments").fetchone()
        assert set(json.loads(document)) >= SIGNED_KEYS
    db.close()


async def test_an_agent_that_starts_without_the_service_goes_on_with_what_is_signed_in_its_store(site: Site) -> None:
    async with site.service():
        await site.begin()
        async with site.agent():
            await site.converged(await site.declare(10))
    site.switch.by_hand("ports", "p1", access_vlan=66)
    async with site.agent():
        await site.shows(10)


async def test_a_store_that_somebody_has_changed_is_not_acted_on(site: Site) -> None:
    async with site.service():
        await site.begin()
        async with site.agent():
            await site.converged(await site.declare(10))
    db = sqlite3.connect(site.folder / "agent" / "agent.db")
    (document,) = db.execute("SELECT document FROM assignments").fetchone()
    changed = document.replace(b'"access_vlan":10', b'"access_vlan":99')
    assert changed != document
    with db:
        db.execute("UPDATE assignments SET document = ?", (changed,))
    db.close()
    async with site.agent(), site.service():
        # It begins with no node at all, and gets the true one from the service.
        await site.converged(await site.declare(20))
    assert {state.ports["p1"].access_vlan for state in site.switch.history} <= {None, 10, 20}


async def test_another_service_in_the_place_of_the_known_one_is_not_believed(site: Site, tmp_path: Path) -> None:
    async with site.service():
        await site.begin()
        async with site.agent():
            await site.converged(await site.declare(10))
    shutil.rmtree(site.folder / "service")
    (site.folder / "service").mkdir(mode=0o700)
    async with site.service():
        await site.begin()
        generation = await site.declare(20)
        async with site.agent():
            # Its token is not known there, and the key is another one.
            await site.until(
                "events?follow=0", lambda found: any(e["type"] == "agent.enrolled" for e in found["items"])
            )
        assert site.vlan == 10
        joined = await site.call("POST", "tokens", json={"name": "join", "scopes": ["join"], "location": "row"})
        site.token = joined["token"]
        async with site.agent(new_service=True):
            node = await site.refused()
            assert converged(node)["reason"] == "ServiceBehind"
            assert site.vlan == 10
            await site.call("POST", "overrule", json={"all": True})
            await site.converged(generation)
        assert site.vlan == 20


async def test_a_node_that_is_declared_anew_begins_anew(site: Site) -> None:
    async with site.service():
        await site.begin()
        async with site.agent():
            for vlan in (10, 20, 30):
                generation = await site.declare(vlan)
            await site.converged(generation)
        # While the agent is away: it hears of a lower generation only, and that the node is a younger one.
        await site.call("DELETE", "nodes/sw1")
        await site.call("PUT", "nodes/sw1", json=NODE)
        await site.declare(40)
        node = await site.call("GET", "nodes/sw1")
        assert node["status"]["generation"] < generation
        async with site.agent():
            await site.converged(node["status"]["generation"])
    assert site.vlan == 40


async def test_a_service_changes_its_key_and_its_agents_follow(site: Site) -> None:
    async with site.service():
        await site.begin()
        async with site.agent():
            await site.converged(await site.declare(10))
            new = await site.call("POST", "keys")
            await site.converged(await site.declare(20))
        keys = await site.call("GET", "keys")
        assert [item["id"] for item in keys["items"]][-1] == new["id"]
        await site.call("POST", "keys")
        async with site.agent():
            await site.converged(await site.declare(30))
    assert site.vlan == 30


async def test_who_is_refused_by_nobody_is_not_overruled(site: Site) -> None:
    async with site.service():
        await site.begin()
        for body, status in (({"nodes": ["sw1"]}, 409), ({}, 422), ({"nodes": ["sw1"], "all": True}, 422)):
            answer = await site.http.post("/v1/overrule", json=body)
            assert answer.status_code == status, answer.text
