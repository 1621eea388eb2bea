"""The real agent against the real service over its Unix socket, with twins for switches: the way of a change, whole."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import httpx
import pytest

from agents.process import Agent
from agents.settings import SecretRule, Settings
from pointsman.twins.rack import TwinRack
from proxy_service.serve import Service
from proxy_service.settings import Settings as ServiceSettings

pytestmark = pytest.mark.system

ROLE = {
    "attach": {"nodes": ["sw1"]},
    "state": {"vlans": {"10": {"name": "blue"}}, "ports": {"p1": {"mode": "access", "access_vlan": 10}}},
}


class Site:
    """A service and its callers."""

    def __init__(self, service: Service, http: httpx.AsyncClient) -> None:
        self.service = service
        self.http = http

    async def call(self, method: str, path: str, **more) -> dict:
        answer = await self.http.request(method, f"/v1/{path}", **more)
        assert answer.status_code < 300, answer.text
        return answer.json()

    async def node(self, name: str, generation: int) -> dict:
        return await self.call("GET", f"nodes/{name}", params={"wait": 20, "generation": generation})

    async def until(self, path: str, holds) -> dict:
        async with asyncio.timeout(20):
            while True:
                answer = await self.http.get(f"/v1/{path}")
                if answer.status_code == 200 and holds(answer.json()):
                    return answer.json()
                await asyncio.sleep(0.02)


async def until(holds) -> None:
    """For what nobody tells of: the twins are looked at until it is so."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 -- a switch has no event for a test
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def a_site(folder: Path):
    settings = ServiceSettings(data_dir=folder / "service", port=0, unix_socket=folder / "s.sock")
    async with Service(settings) as service:
        headers = {"authorization": f"Bearer {service.admin_token}"}
        async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=30) as http:
            yield Site(service, http)


def prepare_secrets(folder: Path, rack: TwinRack) -> Path:
    secrets = folder / "secrets"
    secrets.mkdir(exist_ok=True)
    key = secrets / "lab.key"
    key.touch(0o600)
    key.write_text(rack.key_text)
    return secrets


@contextlib.asynccontextmanager
async def an_agent(folder: Path, rack: TwinRack, *, join_token: str = "", **more):
    secrets = prepare_secrets(folder, rack)
    settings = Settings(
        name="agent-a",
        location="row-a",
        service=f"unix:{folder / 's.sock'}",
        data_dir=folder / "agent",
        secrets_dir=secrets,
        secrets=(SecretRule(name="file:lab.key", hosts=("127.0.0.1",)),),
        **more,
    )
    agent = Agent(settings, join_token=join_token)
    task = asyncio.create_task(agent.run())
    try:
        yield agent
    finally:
        agent.stop()
        await task


async def declared(site: Site, rack: TwinRack) -> str:
    """A location, two nodes, one role; a join token."""
    await site.call("PUT", "locations/row-a", json={})
    for name in ("sw1", "sw2"):
        spec = {
            "profile": "openvswitch",
            "location": "row-a",
            "access": [rack[name].access],
            "credentials": "file:lab.key",
        }
        await site.call("PUT", f"nodes/{name}", json=spec)
    await site.call("PUT", "roles/blue", json=ROLE)
    made = await site.call("POST", "tokens", json={"name": "join", "scopes": ["join"], "location": "row-a"})
    return made["token"]


async def test_a_declaration_comes_about_is_kept_and_is_told(tmp_path):
    async with a_site(tmp_path) as site, TwinRack(2) as rack:
        token = await declared(site, rack)
        async with an_agent(tmp_path, rack, join_token=token):
            node = await site.node("sw1", 1)
            assert node["status"]["converged_generation"] >= 1, node
            assert rack["sw1"].run("ovs-vsctl get Port p1 tag")[0].strip() == "10"
            found = await site.call("GET", "nodes/sw1/observed")
            assert found["state"]["ports"]["p1"]["access_vlan"] == 10
            facts = await site.until("nodes/sw1/facts", lambda found: found["facts"])
            assert facts["facts"]["platform"] == "openvswitch"
            await site.until("nodes/sw1/links", lambda found: found["items"])

            preview = await site.call("POST", "nodes/sw1/preview")
            assert (preview["steps"], preview["problems"]) == ([], [])
            converge = await site.call("POST", "nodes/sw1/converge")
            assert converge["outcome"] == "unchanged"

            writes = rack["sw1"].writes
            rack["sw1"].run("ovs-vsctl set Port p1 tag=66")
            passes = await site.until("nodes/sw1/passes", lambda found: any(item["drift"] for item in found["items"]))
            drift = next(item["drift"] for item in passes["items"] if item["drift"])
            assert drift[0]["path"] == "ports.p1.access_vlan"
            assert rack["sw1"].run("ovs-vsctl get Port p1 tag")[0].strip() == "10"
            assert rack["sw1"].writes > writes


async def test_the_service_goes_and_comes_back_and_has_every_pass_once(tmp_path):
    async with TwinRack(2) as rack:
        async with a_site(tmp_path) as site:
            token = await declared(site, rack)
            agent = await _stacked(an_agent(tmp_path, rack, join_token=token))
            await site.node("sw1", 1)
        async with agent:
            rack["sw1"].run("ovs-vsctl set Port p1 tag=66")
            await until(lambda: rack["sw1"].run("ovs-vsctl get Port p1 tag")[0].strip() == "10")
            async with a_site(tmp_path) as site:
                passes = await site.until(
                    "nodes/sw1/passes", lambda found: any(item["drift"] for item in found["items"])
                )
    ids = [item["id"] for item in passes["items"]]
    assert len(ids) == len(set(ids))


async def _stacked(context) -> contextlib.AsyncExitStack:
    stack = contextlib.AsyncExitStack()
    await stack.enter_async_context(context)
    return stack


CHILD = textwrap.dedent("""
    import json, os, signal, sys
    from pathlib import Path
    from agents.process import run_agent
    from agents.settings import SecretRule, Settings

    given = json.loads(sys.argv[1])

    class Killer:
        def notice(self, moment):
            if [moment.phase, moment.step] == given["kill"] and moment.steps:
                os.kill(os.getpid(), signal.SIGKILL)

    folder = Path(given["folder"])
    settings = Settings(
        name="agent-a", location="row-a", service=given["service"], data_dir=folder / "agent",
        secrets_dir=folder / "secrets", secrets=(SecretRule(name="*", hosts=("127.0.0.1",)),),
    )
    run_agent(settings, join_token=given["token"], observers=(Killer(),))
""")


def start_child(folder, service: str, token: str, kill: list) -> subprocess.Popen:
    given = {"folder": str(folder), "service": service, "token": token, "kill": kill}
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    return subprocess.Popen([sys.executable, "-c", CHILD, json.dumps(given)], env=environment)


@pytest.mark.parametrize("kill", [["applied", 1]])
async def test_killed_in_the_middle_of_a_pass_the_agent_ends_it_after_its_next_start(tmp_path, kill):
    async with a_site(tmp_path) as site, TwinRack(2) as rack:
        token = await declared(site, rack)
        prepare_secrets(tmp_path, rack)
        child = start_child(tmp_path, f"unix:{tmp_path / 's.sock'}", token, kill)
        assert await asyncio.to_thread(child.wait, 30) == -signal.SIGKILL
        async with an_agent(tmp_path, rack, join_token=token):
            node = await site.node("sw1", 2)
            assert node["status"]["converged_generation"] == 2
            await site.until("nodes/sw1/passes", lambda found: found["items"])
            await site.until("nodes/sw2", lambda found: found["status"]["converged_generation"] == 1)
        found = await site.call("GET", "nodes/sw1/passes")
        ids = [item["id"] for item in found["items"]]
        assert len(ids) == len(set(ids)) >= 1
        assert rack["sw1"].run("ovs-vsctl get Port p1 tag")[0].strip() == "10"


async def test_as_a_process_it_ends_when_it_is_asked_to(tmp_path):
    async with a_site(tmp_path) as site, TwinRack(2) as rack:
        token = await declared(site, rack)
        prepare_secrets(tmp_path, rack)
        child = start_child(tmp_path, f"unix:{tmp_path / 's.sock'}", token, [])
        await site.node("sw1", 1)
        child.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(child.wait, 30) == 0
        await until(lambda: not rack.connected)
