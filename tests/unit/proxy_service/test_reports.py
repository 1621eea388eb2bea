"""Reports: stored once each, whole documents only where they changed, history apart from status."""

import asyncio
import json
from typing import Any

import pytest

from tests.unit.proxy_service.site import AT, Agent, Json, Site, access_port

pytestmark = pytest.mark.unit

LATER = "2026-11-20T10:05:00Z"


def a_pass(number: str = "p-1", **more: Any) -> Json:
    steps = [
        {"capability": "ports.mode", "text": "x", "commands": ["c"], "undo": ["u"], "impact": "flap", "status": "done"}
    ]
    base = {
        "id": number,
        "cause": "assignment",
        "generation": 1,
        "outcome": "changed",
        "started_at": AT,
        "ended_at": AT,
    }
    return {**base, "steps": steps, **more}


def condition(kind: str, status: bool | None, reason: str) -> Json:
    return {"type": kind, "status": status, "reason": reason, "message": "as it is", "since": AT}


def drift(path: str = "ports.p1.access_vlan", role: str = "blue") -> Json:
    return {"path": path, "expected": 10, "found": 1, "roles": [role], "since": AT}


@pytest.fixture
async def agent(site: Site) -> Agent:
    await site.rack("sw1", "sw2")
    return await site.agent()


async def events(site: Site, kind: str) -> list[Json]:
    return [item["data"] for item in (await site.admin.get("events", follow=0))["items"] if item["type"] == kind]


async def test_what_was_reported_is_shown(site: Site, agent: Agent) -> None:
    stored = await agent.send(
        agent.report(
            converged_generation=1,
            conditions=[condition("Converged", True, "AsDeclared")],
            observed={"ports": {"p1": {"mode": "access", "access_vlan": 10}}},
            observed_hash="o1",
            operation={"at": LATER, "source": "ovsdb", "ports": {"p1": {"oper_up": True}}},
            facts={"platform": "openvswitch", "network": {"interfaces": {"p1": {"mtu": "1500"}}}},
            facts_hash="f1",
            links=[{"port": "p1", "kind": "lldp", "name": "h1", "chassis_id": "52:54", "remote_port": "eth0"}],
            links_hash="l1",
            record=a_pass(),
            ledger=[{"path": "lags.lag1", "state": "confirmed", "pass_id": "p-1", "at": AT}],
            identity={"ssh_host_key": "SHA256:abc", "unheard": "x"},
        )
    )
    assert (stored["last_seq"], stored["wanted"]) == (1, [])
    node = await site.admin.get("nodes/sw1")
    assert node["status"]["converged_generation"] == 1
    assert node["status"]["last_pass"] == "p-1"
    assert node["status"]["identity"] == {"ssh_host_key": "SHA256:abc"}
    observed = await site.admin.get("nodes/sw1/observed")
    assert (observed["state"]["ports"]["p1"]["access_vlan"], observed["hash"]) == (10, "o1")
    assert (await site.admin.get("nodes/sw1/operation"))["ports"]["p1"]["oper_up"] is True
    assert (await site.admin.get("nodes/sw1/facts", path="network.interfaces.p1.mtu"))["facts"] == "1500"
    assert (await site.admin.refused("GET", "nodes/sw1/facts?path=network.nothing"))["status"] == 404
    assert (await site.admin.get("nodes/sw1/plan"))["steps"][0]["text"] == "x"
    assert (await site.admin.get("nodes/sw1/passes"))["items"][0]["id"] == "p-1"
    assert (await site.admin.get("nodes/sw1/passes/p-1"))["outcome"] == "changed"
    (link,) = (await site.admin.get("links"))["items"]
    assert (link["a"], link["b"]["name"]) == ({"node": "sw1", "port": "p1"}, "h1")
    assert (await site.admin.get("nodes/sw1/links"))["items"] == [link]
    assert (await site.admin.get("links", node="sw2"))["items"] == []


async def test_a_pass_of_an_agent_that_had_no_service_is_history_of_another_count(site: Site, agent: Agent) -> None:
    """Its generation is 1, as that of the write that declared the node here, and has nothing to do with it."""
    await agent.send(agent.report(record=a_pass(offline=True)))
    (shown,) = (await site.admin.get("nodes/sw1/passes"))["items"]
    assert (shown["id"], shown["offline"], shown["generation"], shown["ended_at"]) == ("p-1", True, 1, AT)
    assert (await site.admin.get("nodes/sw1"))["status"]["converged_generation"] == 0
    assert (await site.admin.refused("GET", "nodes/sw1/plan"))["status"] == 404
    written = (await site.admin.get("audit", node="sw1"))["items"]
    assert (len(written) > 0, [each["passes"] for each in written if each["passes"]]) == (True, [])
    (told,) = await events(site, "pass.finished")
    assert (told["offline"], told["ended_at"][:19]) == (True, AT[:19])
    await agent.send(agent.report(record=a_pass("p-2")))
    assert [each["id"] for each in (await site.admin.get("audit", node="sw1"))["items"][0]["passes"]] == ["p-2"]


async def test_nothing_reported_yet_is_said_in_a_sentence(site: Site, agent: Agent) -> None:
    for part in ("observed", "operation", "facts", "plan"):
        problem = await site.admin.refused("GET", f"nodes/sw1/{part}")
        assert (problem["status"], "sw1" in problem["detail"]) == (404, True)
        assert "there is no node" in (await site.admin.refused("GET", f"nodes/sw9/{part}"))["detail"]
    for part in ("drift", "passes", "links"):
        assert (await site.admin.get(f"nodes/sw1/{part}"))["items"] == []
        assert (await site.admin.refused("GET", f"nodes/sw9/{part}"))["status"] == 404


async def test_a_report_counts_once(site: Site, agent: Agent) -> None:
    first = agent.report(record=a_pass("p-1"), converged_generation=1)
    answer = await agent.send(first)
    last = (await site.admin.get("events", follow=0))["last"]
    assert await agent.send(first) == answer
    assert await agent.send({**first, "converged_generation": 99}) == answer
    assert (await site.admin.get("nodes/sw1"))["status"]["converged_generation"] == 1
    assert (await site.admin.get("events", follow=0, since=last))["items"] == []


async def test_the_same_batch_at_once_counts_once(site: Site, agent: Agent) -> None:
    body = {"schema": 1, "reports": [agent.report(record=a_pass(f"p-{n}")) for n in range(5)]}
    await asyncio.gather(*(agent.post("agents/agent-a/reports", body) for _ in range(6)))
    assert len((await site.admin.get("nodes/sw1/passes"))["items"]) == 5
    assert len(await events(site, "pass.finished")) == 5


async def test_a_batch_that_was_partly_stored_goes_on_where_it_ended(site: Site, agent: Agent) -> None:
    first, second = agent.report(record=a_pass("p-1")), agent.report(record=a_pass("p-2"))
    await agent.send(first)
    assert (await agent.send(first, second))["last_seq"] == 2
    assert len((await site.admin.get("nodes/sw1/passes"))["items"]) == 2


async def test_a_document_that_the_service_does_not_hold_is_wanted(site: Site, agent: Agent) -> None:
    stored = await agent.send(agent.report(observed_hash="a", facts_hash="b", links_hash="c"))
    assert {item["part"] for item in stored["wanted"]} == {"observed", "facts", "links"}
    stored = await agent.send(agent.report(observed={}, observed_hash="a", facts_hash="b"))
    assert [item["part"] for item in stored["wanted"]] == ["facts"]
    assert (await agent.send(agent.report(observed_hash="a")))["wanted"] == []
    stored = await agent.send(agent.report(facts_hash="old"), agent.report(facts={"a": 1}, facts_hash="new"))
    assert stored["wanted"] == []


async def test_a_report_about_a_node_of_others_changes_nothing(site: Site, agent: Agent) -> None:
    await site.admin.put("locations/row-b", {})
    await site.admin.put("nodes/far", {"profile": "openvswitch", "location": "row-b", "access": ["ssh://h"]})
    for name in ("far", "nowhere", "a;b", "x" * 500, "nul\x00"):
        answer = await agent.send(agent.report(name, converged_generation=7, facts={"a": 1}, facts_hash="x"))
        assert answer["last_seq"] == agent.seq
    assert (await site.admin.get("nodes/far"))["status"]["converged_generation"] == 0


async def test_a_report_of_an_old_fence_is_history_only(site: Site, agent: Agent) -> None:
    again = await site.agent()
    await again.send({**again.report(record=a_pass("old"), converged_generation=1), "fence": 1})
    assert (await site.admin.get("nodes/sw1/passes"))["items"][0]["id"] == "old"
    assert (await site.admin.get("nodes/sw1"))["status"]["last_pass"] is None
    assert (await site.admin.get("nodes/sw1"))["status"]["converged_generation"] == 0


async def test_one_unreadable_report_harms_no_other(site: Site, agent: Agent) -> None:
    bad = {**agent.report(), "conditions": [{"type": "Nonsense"}]}
    good = agent.report(converged_generation=1)
    assert (await agent.send(bad, good))["last_seq"] == 2
    assert (await site.admin.get("nodes/sw1"))["status"]["converged_generation"] == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"schema": 99}', b'{"schema": 1, "reports": [{}]}', b'{"schema":1,"seen":[]}']
)
async def test_what_is_no_batch_is_refused(agent: Agent, body: bytes) -> None:
    assert (await agent.refused("POST", "agents/agent-a/reports", content=body))["status"] == 422


async def test_unknown_fields_of_a_newer_agent_are_ignored(site: Site, agent: Agent) -> None:
    await agent.send(agent.report(converged_generation=1, brand_new={"a": 1}))
    assert (await site.admin.get("nodes/sw1"))["status"]["converged_generation"] == 1


async def test_hostile_text_of_a_device_is_made_safe(site: Site, agent: Agent) -> None:
    evil = "x\x1b[2J\r\n'; rm -rf / \x00"
    await agent.send(
        agent.report(
            observed={"ports": {evil: {"description": evil, "mode": "other", "native": evil}}},
            observed_hash="o",
            links=[{"port": evil, "kind": "lldp", "name": evil}],
            links_hash="l",
        )
    )
    for path in ("observed", "links"):
        text = str(await site.admin.get(f"nodes/sw1/{path}"))
        assert "\x1b" not in text
        assert "\\x1b" in text


async def test_conditions_that_change_are_told_once(site: Site, agent: Agent) -> None:
    away = condition("Reachable", False, "Unreachable")
    await agent.send(agent.report(conditions=[away]))
    await agent.send(agent.report(conditions=[away]))
    await agent.send(agent.report(conditions=[condition("Reachable", True, "Reached")]))
    told = [(item["condition"], item["status"]) for item in await events(site, "condition.changed")]
    assert told == [("Reachable", False), ("Reachable", True)]


async def test_drift_begins_and_ends(site: Site, agent: Agent) -> None:
    await site.admin.put("roles/blue", access_port(10))
    await agent.send(agent.report(drift=[drift()], converged_generation=2))
    assert (await site.admin.get("nodes/sw1"))["status"]["drift"] == 1
    assert (await site.admin.get("nodes/sw1/drift"))["items"][0]["path"] == "ports.p1.access_vlan"
    assert (await site.admin.get("roles/blue"))["status"]["nodes"]["sw1"]["reason"] == "Drift"
    await agent.send(agent.report(drift=[drift()]))
    await agent.send(agent.report(drift=[]))
    assert (await site.admin.get("nodes/sw1/drift"))["items"] == []
    assert len(await events(site, "drift.found")) == 1
    assert await events(site, "drift.ended") == [{"paths": ["ports.p1.access_vlan"]}]
    assert (await site.admin.get("roles/blue"))["status"]["converged"] is True


async def test_drift_that_a_pass_put_back_is_told_too(site: Site, agent: Agent) -> None:
    await agent.send(agent.report(record=a_pass("p-1", drift=[drift()]), drift=[]))
    (told,) = await events(site, "drift.found")
    assert (told["pass"], told["items"][0]["path"]) == ("p-1", "ports.p1.access_vlan")


async def test_a_link_keeps_the_time_since_when_it_is_seen(site: Site, agent: Agent) -> None:
    link = {"port": "p1", "kind": "lldp", "name": "h1"}
    await agent.send(agent.report(links=[link], links_hash="1"))
    new = {"port": "p2", "kind": "lldp", "name": "h2"}
    await agent.send({**agent.report(links=[link, new], links_hash="2"), "at": LATER})
    first, second = (await site.admin.get("nodes/sw1/links"))["items"]
    assert (first["first_seen"][:16], second["first_seen"][:16]) == (AT[:16], LATER[:16])
    assert first["last_seen"] == second["last_seen"]


async def test_a_quiet_node_is_seen(site: Site, agent: Agent) -> None:
    await agent.send(agent.report(converged_generation=1))
    await agent.send(sw1=LATER, sw2=LATER, nowhere=LATER)
    assert (await site.admin.get("nodes/sw1"))["status"]["observed_at"][:16] == LATER[:16]
    await agent.send(sw1="2999-01-01T00:00:00Z")
    assert (await site.admin.get("nodes/sw1"))["status"]["observed_at"] < "2999"


async def test_a_waiter_wakes_when_its_generation_has_converged(site: Site, agent: Agent) -> None:
    await site.admin.put("roles/blue", access_port(10))
    node = asyncio.create_task(site.admin.get("nodes/sw1", wait=20, generation=2))
    role = asyncio.create_task(site.admin.get("roles/blue", wait=20))
    await agent.send(agent.report(converged_generation=1))
    await agent.send(agent.report("sw2", converged_generation=1))
    assert not node.done()
    await agent.send(agent.report(converged_generation=2))
    assert (await node)["status"]["converged_generation"] == 2
    assert (await role)["status"]["converged"] is True


async def test_a_wait_that_is_over_answers_as_it_is(site: Site, agent: Agent) -> None:
    found = await site.admin.get("nodes/sw1", wait=0.05)
    assert found["status"]["converged_generation"] == 0
    assert (await site.admin.refused("GET", "nodes/sw1?wait=61"))["status"] == 422


async def test_facts_beyond_the_limit_are_not_kept_and_not_asked_again(site: Site, agent: Agent) -> None:
    big = {"blob": "x" * 2_000_001}
    assert (await agent.send(agent.report(facts=big, facts_hash="big")))["wanted"] == []
    assert (await agent.send(agent.report(facts_hash="big")))["wanted"] == []
    assert (await site.admin.refused("GET", "nodes/sw1/facts"))["status"] == 404
    assert len(await events(site, "facts.refused")) == 1


async def test_facts_are_kept_as_they_were_sent(site: Site, agent: Agent) -> None:
    facts = '{ "b": 1.50, "a": {"c": "\\u00e9"} }'
    body = json.dumps({"schema": 1, "reports": [agent.report(facts=1, facts_hash="f")]}).replace(
        ': 1, "facts_hash', f': {facts}, "facts_hash'
    )
    await agent.call("POST", "agents/agent-a/reports", content=body)
    assert f'"facts":{facts}' in (await site.admin.ask("GET", "nodes/sw1/facts")).text


@pytest.mark.parametrize("facts", [b"1", b"[]", b'"x"', b'{"a": "\xff"}'])
async def test_facts_that_are_no_mapping_of_texts_are_left_out(site: Site, agent: Agent, facts: bytes) -> None:
    good = json.dumps(agent.report(converged_generation=1)).encode()
    bad = b'{"seq":2,"fence":1,"node":"sw1","at":"2026-11-20T10:00:00Z","facts_hash":"f","facts":' + facts + b"}"
    body = b'{"schema":1,"reports":[' + good + b"," + bad + b"]}"
    assert (await agent.call("POST", "agents/agent-a/reports", content=body))["last_seq"] == 2
    assert (await site.admin.get("nodes/sw1"))["status"]["converged_generation"] == 1
    assert (await site.admin.refused("GET", "nodes/sw1/facts"))["status"] == 404
