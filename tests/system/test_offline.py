"""A device kept with no service but the agent's own, what another one hears of it later, and whose it is then."""

import asyncio
import contextlib
import shutil
from dataclasses import dataclass

import pytest

from agents.meeting import Meeting
from agents.process import Agent
from agents.settings import SecretRule
from agents.settings import Settings as AgentSettings
from device_profiles.profile import load_profiles
from pointsman.attach import kept
from pointsman.attach.finding import Found
from pointsman.attach.joining import Joining
from pointsman.attach.leaving import leave_to
from pointsman.attach.offline import LOCATION, keep_offline
from pointsman.client import Client
from pointsman.demo.stage import admin_endpoint
from pointsman.lab.relay import Relay, TalkingFar
from pointsman.probe.detection import Fit
from pointsman.problems import NOT_CONVERGED
from pointsman.twins.rack import TwinRack
from pointsman.twins.vde import Console, Seat, Vde
from proxy_service.serve import Service
from proxy_service.settings import Settings
from proxy_service.store.migrate import migrate

pytestmark = pytest.mark.system

DOCUMENT = b"""
roles:
  storage:
    attach: {nodes: [con1]}
    state:
      vlans: {30: {name: storage}, 31: {}}
      ports:
        "1": {mode: access, access_vlan: 30}
        "24": {mode: trunk, native_vlan: none, trunk_vlans: [30]}
"""


@dataclass
class Bench:
    """A switch on a line, and the folder of the laptop beside it."""

    device: Vde
    found: Found
    folder: object

    async def stay_offline(self) -> int:
        joining = Joining(agent="laptop", location=LOCATION, service="", data_dir=self.folder)
        return await keep_offline(
            self.found, "con1", joining=joining, credential=None, document=DOCUMENT, once=True, wait_s=20
        )

    def is_as_declared(self) -> bool:
        ports, tagged = self.device.ports, self.device.tagged
        return (ports[1].untagged, ports[24].untagged, tagged[30], 31 in tagged) == (30, 4095, {24}, True)


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory):
    file = tmp_path_factory.mktemp("schema") / "pointsman.db"
    asyncio.run(migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture
async def service(tmp_path, empty_database):
    """The site's service."""
    (tmp_path / "site").mkdir()
    shutil.copy(empty_database, tmp_path / "site")
    settings = Settings(data_dir=tmp_path / "site", port=0, unix_socket=tmp_path / "site.sock")
    async with Service(settings) as running:
        yield running


@pytest.fixture
async def client(service):
    async with Client(admin_endpoint(service)) as found:
        yield found


@pytest.fixture
async def bench(tmp_path, empty_database, monkeypatch):
    monkeypatch.setattr("drivers.cli.login._QUIET_S", 0.02)
    device = Vde(ports={1: Seat(plugged=True), 24: Seat(plugged=True)})
    relay = Relay(TalkingFar(Console(lambda: device).feed), speed=115200)
    running = asyncio.create_task(relay.run())
    folder = tmp_path / "laptop"
    (folder / "service").mkdir(parents=True, mode=0o700)
    shutil.copy(empty_database, folder / "service")
    try:
        access = f"serial:{relay.path}?baud=115200"
        found = Found(access=access, fit=Fit(load_profiles()["vde_switch"], "it was named"), facts={})
        yield Bench(device, found, folder)
    finally:
        running.cancel()
        await asyncio.wait({running})


async def test_a_declaration_is_on_the_device_and_is_there_again_the_next_time(bench):
    """Some seconds: a service and an agent start twice."""
    for _ in range(2):
        assert await bench.stay_offline() == 0
        assert bench.is_as_declared()
        bench.device.set_vlan(1, 0)
    assert bench.device.ports[1].untagged == 0


@contextlib.asynccontextmanager
async def joined(bench, service, client, **more):
    """The same agent, on another day, with the site's service."""
    await client.put("locations", "closet", {})
    token = await client.call("POST", "/tokens", json={"name": "laptop", "scopes": ["join"], "location": "closet"})
    joining = Joining(node="con1", location="closet", service=f"unix:{service.socket_path}", data_dir=bench.folder)
    made, attached = kept.joined(joining, bench.folder)
    told = asyncio.get_running_loop().create_future()

    def hear(passes):
        told.set_result(passes)
        return True

    agent = Agent(made, join_token=token["token"], attached=attached, meeting=Meeting(told=hear, **more))
    running = asyncio.create_task(agent.run())
    try:
        async with asyncio.timeout(15):
            yield await told
            await agent.all_told()
    finally:
        agent.stop()
        await running


async def test_a_service_that_is_met_later_hears_what_was_done_and_takes_nothing_back(bench, service, client):
    """Some seconds: two services and the agent of both."""
    assert await bench.stay_offline() == 0
    writes = bench.device.writes
    async with joined(bench, service, client) as passes:
        node = await client.wait_for("nodes", "con1", timeout_s=10)
    assert passes
    assert (bench.is_as_declared(), bench.device.writes) == (True, writes)
    status = node["status"]
    assert (status["generation"], status["converged_generation"]) == (1, 1)
    assert all(each["reason"] != "ServiceBehind" for each in status["conditions"])
    done = (await client.of_node("con1", "passes"))["items"]
    offline = [each for each in done if each["offline"]]
    assert len(offline) == passes
    assert any(step["status"] == "done" for each in offline for step in each["steps"])
    assert (await client.of_node("con1", "observed"))["state"]["vlans"].keys() >= {"30", "31"}
    assert [agent["standing"] for agent in await client.list("agents")] == [[]]
    events = [event async for event in client.past_events() if event["type"] == "pass.finished"]
    assert [event["data"]["ended_at"] for event in events if event["data"].get("offline")]


async def test_what_was_declared_offline_is_a_role_where_somebody_declares_it(bench, service, client):
    """Some seconds, as above."""
    assert await bench.stay_offline() == 0
    await client.apply(kept.declared(bench.folder))
    writes = bench.device.writes
    async with joined(bench, service, client, declared=True):
        node = await client.wait_for("nodes", "con1", timeout_s=10)
        assert node["status"]["converged_generation"] == node["status"]["generation"]
        assert bench.device.writes == writes
        await client.apply(DOCUMENT.replace(b", 31: {}", b""))
        await client.wait_for("nodes", "con1", timeout_s=10)
    assert (31 in bench.device.tagged, 30 in bench.device.tagged) == (False, True)


async def test_a_device_that_was_made_reachable_is_left_to_the_sites_own_agent(service, client, tmp_path, capsys):
    """As `agent attach --bootstrap --leave-to` ends; the agent knows the key by a name of its own."""
    async with TwinRack(1) as rack:
        twin = rack["sw1"]
        fit = Fit(load_profiles()["openvswitch"], "it was named")
        found = Found(access="serial:/dev/ttyUSB0", fit=fit, facts={}, network=twin.access, host_key=twin.host_key)
        await client.put("locations", "row-a", {})
        left = {"location": "row-a", "credentials": "file:site.key"}
        assert await leave_to(client, found, "closet-1", **left, wait_s=0.1) == NOT_CONVERGED
        assert "no agent is enrolled at the location row-a" in capsys.readouterr().err
        secrets = tmp_path / "secrets"
        secrets.mkdir()
        (secrets / "site.key").touch(mode=0o600)
        (secrets / "site.key").write_text(rack.key_text)
        body = {"name": "edge", "scopes": ["join"], "location": "row-a"}
        token = (await client.call("POST", "/tokens", json=body))["token"]
        settings = AgentSettings(
            name="edge",
            location="row-a",
            service=f"unix:{service.socket_path}",
            data_dir=tmp_path / "edge",
            secrets_dir=secrets,
            secrets=(SecretRule(name="file:site.key", hosts=("127.0.0.1",)),),
        )
        agent = Agent(settings, join_token=token)
        running = asyncio.create_task(agent.run())
        try:
            assert await leave_to(client, found, "closet-1", **left, wait_s=10) == 0
        finally:
            agent.stop()
            await running
    assert "the agent edge reaches it" in capsys.readouterr().out
    assert (await client.get("nodes", "closet-1"))["spec"]["access"] == [twin.access]
