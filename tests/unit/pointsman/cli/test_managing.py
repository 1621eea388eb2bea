"""The command line, a real service, an agent and twins: plans, passes, facts, links, drift."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from pointsman.client import Client
from pointsman.twins import TwinRack

pytestmark = pytest.mark.unit

MORE = "roles: {more: {attach: {nodes: [sw1]}, state: {ports: {p5: {mode: access, access_vlan: 30}}}}}"


async def test_a_change_is_planned_declared_and_waited_for(call: Any, converged: TwinRack, tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text(MORE)
    dry = await call("apply", "-f", str(tmp_path / "more.yaml"), "--dry-run")
    assert "plan: 1 steps" in dry.out or "plan: 2 steps" in dry.out
    writes = converged["sw1"].writes
    done = await call("apply", "-f", str(tmp_path / "more.yaml"), "--wait", "20")
    assert done.code == 0
    assert "sw1: converged at generation" in done.out
    assert converged["sw1"].writes > writes
    assert "nothing to change" in (await call("plan", "sw1")).out
    assert "p5" in (await call("plan", "sw1", "--last")).out
    assert (await call("wait", "--all", "more", "sw2")).code == 2
    assert (await call("wait", "more", "sw2")).code == 0


async def test_a_pass_is_taken_back(call: Any, converged: TwinRack, tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text(MORE)
    assert (await call("apply", "-f", str(tmp_path / "more.yaml"), "--wait", "20")).code == 0
    back = await call("rollback", "sw1")
    assert back.code == 0
    assert "sw1: changed" in back.out
    async with asyncio.timeout(10):  # the report comes after the answer
        while "RolledBack" not in (await call("show", "sw1")).out:
            pass
    assert (await call("rollback", "sw1", "nobody-s-pass")).code == 1


async def test_a_pass_can_be_asked_for(call: Any, converged: TwinRack) -> None:
    writes = {twin.name: twin.writes for twin in converged.nodes}
    shown = await call("converge", "sw1", "sw2")
    assert shown.code == 0
    assert "sw1: unchanged" in shown.out
    assert {twin.name: twin.writes for twin in converged.nodes} == writes
    assert set(json.loads((await call("converge", "sw1", "--json")).out)) == {"sw1"}
    assert (await call("converge", "sw1", "nobody")).code == 1


async def test_agents_are_listed_with_their_leases_and_let_go(call: Any, converged: TwinRack) -> None:
    (agent,) = json.loads((await call("agent", "list", "--json")).out)
    assert agent["lease"] == {"state": "for ever", "ends_at": None, "nodes": 2}
    shown = (await call("agent", "list")).out
    assert agent["name"] in shown
    assert "for ever" in shown
    assert (await call("agent", "retire", agent["name"])).code == 0
    assert (await call("agent", "retire", agent["name"])).code == 1
    assert json.loads((await call("agent", "list", "--json")).out) == []


async def test_facts_and_links_are_shown(call: Any, converged: TwinRack) -> None:
    async with asyncio.timeout(10):  # facts and links are told after the pass, in posts of their own
        while (facts := await call("facts", "sw1")).code or "sw2" not in (await call("links", "sw1")).out:
            assert "has not reported" in facts.err or facts.code == 0
    assert "platform: openvswitch" in facts.out
    one = json.loads((await call("facts", "sw1", "platform", "--json")).out)
    assert one["facts"] == "openvswitch"
    assert (await call("facts", "sw1", "no.such.fact")).code == 1
    shown = await call("links", "sw1")
    assert "p24" in shown.out
    assert "sw2" in shown.out
    found = await call("search", "twin-1")
    assert "facts.dmi.system.serial_number" in found.out
    assert "nothing holds it" in (await call("search", "no such text")).err
    assert (await call("doctor")).code == 0


async def test_drift_that_is_only_reported_is_listed(call: Any, client: Client, converged: TwinRack) -> None:
    spec = (await client.get("nodes", "sw1"))["spec"]
    await client.put("nodes", "sw1", {**spec, "drift": "report"})
    await client.wait_for("nodes", "sw1", timeout_s=20)
    converged["sw1"].run("ovs-vsctl set Port p1 tag=66")
    shown = await call("converge", "sw1")
    assert shown.code == 3
    assert "ports.p1.access_vlan" in shown.err + shown.out
    async with asyncio.timeout(10):  # what a pass found is told in a post of its own
        while "ports.p1.access_vlan" not in (shown := await call("drift")).out:
            assert shown.code == 0
    assert "66" in shown.out
    (item,) = json.loads((await call("drift", "sw1", "--json")).out)
    assert item["roles"] == ["sw1-hosts"]
    assert "found 66" in (await call("show", "sw1")).out
