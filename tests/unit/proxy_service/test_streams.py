"""Streams over a real server: assignments as they commit, resumed without a gap, ended when they should."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from device_profiles.wire import AgentRequest, Assignment
from tests.unit.proxy_service.site import AT, NODE, Agent, Site, access_port
from tests.unit.proxy_service.streams import a_served_site, a_stream, assignments

pytestmark = pytest.mark.unit

ASSIGNMENT = TypeAdapter(Assignment)
REQUEST = TypeAdapter(AgentRequest)


@pytest.fixture
async def served(tmp_path: Path, empty_database: Path) -> AsyncIterator[Site]:
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    async with a_served_site(tmp_path, keep_s=0.2) as site:
        await site.rack("sw1", "sw2")
        yield site


async def connected(site: Site, agent: Agent, yes: bool = True) -> None:
    with site.hub.store.changed.watching("events") as watch:
        while (await site.admin.get(f"agents/{agent.name}"))["connected"] is not yes:
            await watch.wait(5)


async def test_a_snapshot_holds_all_that_an_agent_needs_to_work_alone(served: Site) -> None:
    await served.admin.put("roles/blue", access_port(10))
    agent = await served.agent()
    ledger = [{"path": "lags.l", "kind": "created", "state": "confirmed", "pass_id": "p", "at": AT}]
    await agent.send(agent.report(ledger=ledger, identity={"ssh_host_key": "SHA256:abc"}))
    async with assignments(agent) as stream:
        snapshot = await stream.next()
    assert (snapshot.name, snapshot.data["requests"]) == ("snapshot", [])
    first, second = [ASSIGNMENT.validate_python(item) for item in snapshot.data["assignments"]]
    assert (first.node, second.node, first.fence, first.credentials) == ("sw1", "sw2", 1, "file:lab.key")
    assert first.profile.name == "openvswitch"
    assert first.access == ("ssh://root@192.0.2.1",)
    assert first.desired.state.ports["p1"].access_vlan == 10
    assert first.desired.owners["ports.p1.access_vlan"] == ("blue",)
    assert first.ledger[0].path == "lags.l"
    assert first.pinned == {"ssh_host_key": "SHA256:abc"}


async def test_changes_follow_as_they_commit(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        await stream.next()
        await served.admin.put("roles/blue", access_port(10))
        event = await stream.next()
        assert (event.name, event.data["node"], event.data["desired"]["generation"]) == ("assignment", "sw1", 2)
        await served.admin.put("nodes/sw1", {**NODE, "access": ["ssh://root@192.0.2.99"]})
        assert (await stream.next()).data["access"] == ["ssh://root@192.0.2.99"]
        await served.admin.delete("nodes/sw2")
        event = await stream.next()
        assert (event.name, event.data) == ("unassigned", {"node": "sw2"})


async def test_a_node_that_moves_changes_its_agent(served: Site) -> None:
    await served.admin.put("locations/row-b", {})
    here, there = await served.agent(), await served.agent("agent-b", "row-b")
    async with assignments(here) as old, assignments(there) as new:
        await old.next()
        assert (await new.next()).data["assignments"] == []
        await served.admin.put("nodes/sw1", {**NODE, "location": "row-b"})
        assert (await old.next()).name == "unassigned"
        assert (await new.next()).data["node"] == "sw1"


async def test_a_stream_resumes_without_a_gap_and_without_a_snapshot(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        last = (await stream.next()).id
    await served.admin.put("roles/blue", access_port(10))
    await served.admin.put("roles/red", {**access_port(20), "attach": {"nodes": ["sw2"]}})
    async with assignments(agent, after=last) as stream:
        events = [await stream.next(), await stream.next()]
    assert [(event.name, event.data["node"]) for event in events] == [("assignment", "sw1"), ("assignment", "sw2")]
    async with assignments(agent, after=events[0].id) as stream:
        assert (await stream.next()).data["node"] == "sw2"


@pytest.mark.parametrize("after", ["999999", "nonsense", "-1", "9" * 40])
async def test_a_place_that_cannot_be_resumed_gets_a_snapshot(served: Site, after: str) -> None:
    agent = await served.agent()
    async with assignments(agent, after=after) as stream:
        assert (await stream.next()).name == "snapshot"


async def test_an_agent_is_connected_as_long_as_its_stream_is_open(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        await stream.next()
        await connected(served, agent)
        conditions = (await served.admin.get("nodes/sw1"))["status"]["conditions"]
        assert next(item for item in conditions if item["type"] == "Reachable")["reason"] == "NotYetRead"
    await connected(served, agent, yes=False)
    types = [item["type"] for item in (await served.admin.get("events", follow=0))["items"]]
    assert types[-2:] == ["agent.connected", "agent.away"]


async def test_a_second_stream_takes_over_from_the_first(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as first:
        await first.next()
        async with assignments(agent) as second:
            await second.next()
            with pytest.raises(StopAsyncIteration):
                await first.next()
            await connected(served, agent)


async def test_a_silent_stream_is_kept_open_by_comments(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        await stream.next()
        waiting = asyncio.create_task(stream.next())
        async with asyncio.timeout(10):
            while not stream.comments:
                await asyncio.wait({waiting}, timeout=0.05)
        await served.admin.put("roles/blue", access_port(10))
        assert (await waiting).name == "assignment"


async def test_a_retired_agents_stream_ends(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        await stream.next()
        await served.admin.delete("agents/agent-a")
        problem = await stream.next()
        assert (problem.name, problem.data["status"]) == ("problem", 401)
        with pytest.raises(StopAsyncIteration):
            await stream.next()


async def test_a_stream_of_events_ends_with_a_problem_when_its_token_is_revoked(served: Site) -> None:
    reader = await served.caller("read", owner="guest")
    number = reader.token.split("_")[1]
    async with a_stream(reader, "events") as stream, a_stream(served.admin, "events") as other:
        await served.admin.put("locations/row-b", {})
        assert (await stream.next()).name == "location.declared"
        await served.admin.delete(f"tokens/{number}")
        problem = await stream.until("problem")
        assert (problem.data["type"], problem.data["status"]) == ("/problems/unauthenticated", 401)
        with pytest.raises(StopAsyncIteration):
            await stream.next()
        # Nobody else's ends.
        await served.admin.put("locations/row-c", {})
        await other.until("token.revoked")
        assert (await other.until("location.declared")).data["data"] == {"location": "row-c"}


async def test_a_preview_is_answered_by_the_agent(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        await stream.next()
        caller = asyncio.create_task(served.admin.post("nodes/sw1/preview"))
        event = await stream.until("request")
        request = REQUEST.validate_python(event.data)
        assert (request.node, request.kind) == ("sw1", "preview")
        answer = {"ok": True, "body": {"generation": 1, "steps": [], "notes": [], "problems": []}}
        path = f"agents/agent-a/requests/{request.id}/answer"
        await agent.post(path, answer)
        assert (await caller)["generation"] == 1
        await agent.post(path, {"ok": False})
        row = await served.admin.get(f"requests/{request.id}")
        assert (row["state"], row["answer"]["ok"]) == ("answered", True)


async def test_an_agents_refusal_reaches_the_caller(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        await stream.next()
        caller = asyncio.create_task(served.admin.refused("POST", "nodes/sw1/preview"))
        number = (await stream.until("request")).data["id"]
        answer = {"ok": False, "reason": "Unreachable", "message": "sw1 does not answer\x1b[2J: look at its power"}
        await agent.post(f"agents/agent-a/requests/{number}/answer", answer)
        problem = await caller
    assert (problem["type"], problem["reason"]) == ("/problems/request-failed", "Unreachable")
    assert "look at its power" in problem["detail"]


async def test_a_pass_that_failed_is_shown_as_its_record(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        await stream.next()
        caller = asyncio.create_task(served.admin.post("nodes/sw1/converge"))
        number = (await stream.until("request")).data["id"]
        record = {"id": "p", "outcome": "failed", "reason": "Rejected"}
        await agent.post(f"agents/agent-a/requests/{number}/answer", {"ok": False, "body": record})
        assert (await caller)["outcome"] == "failed"


async def test_a_request_without_an_answer_ends_in_time(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        await stream.next()
        problem = await served.admin.refused("POST", "nodes/sw1/preview", params={"timeout": 0.2})
        assert (problem["status"], problem["type"]) == (504, "/problems/request-timeout")
        late = await agent.ask("POST", f"agents/agent-a/requests/{problem['request']}/answer", json={"ok": True})
        assert late.status_code == 200


async def test_an_agent_that_goes_away_ends_the_waiting(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        await stream.next()
        caller = asyncio.create_task(served.admin.refused("POST", "nodes/sw1/preview"))
        await stream.until("request")
    problem = await caller
    assert (problem["status"], problem["type"]) == (409, "/problems/agent-away")


async def test_only_the_asked_agent_answers(served: Site) -> None:
    await served.admin.put("locations/row-b", {})
    agent, other = await served.agent(), await served.agent("agent-b", "row-b")
    async with assignments(agent) as stream:
        await stream.next()
        caller = asyncio.create_task(served.admin.post("nodes/sw1/preview"))
        number = (await stream.until("request")).data["id"]
        assert (await other.refused("POST", f"agents/agent-b/requests/{number}/answer", json={"ok": True}))[
            "status"
        ] == 404
        body = {"generation": 1, "steps": [], "notes": ["mine"], "problems": []}
        await agent.post(f"agents/agent-a/requests/{number}/answer", {"ok": True, "body": body})
        assert (await caller)["notes"] == ["mine"]


async def test_a_dry_run_plans_on_the_agent(served: Site) -> None:
    agent = await served.agent()
    async with assignments(agent) as stream:
        await stream.next()
        document = {"roles": {"blue": access_port(10)}}
        caller = asyncio.create_task(served.admin.post("apply", document, params={"dry_run": 1}))
        request = (await stream.until("request")).data
        assert request["kind"] == "dry_run"
        assert request["body"]["desired"]["state"]["ports"]["p1"]["access_vlan"] == 10
        body = {"generation": 2, "steps": [{"text": "put p1 into VLAN 10"}], "notes": [], "problems": []}
        await agent.post(f"agents/agent-a/requests/{request['id']}/answer", {"ok": True, "body": body})
        assert (await caller)["plans"]["sw1"]["plan"] == [{"text": "put p1 into VLAN 10"}]
    assert (await served.admin.get("roles"))["items"] == []


async def test_events_follow_and_resume(served: Site) -> None:
    async with a_stream(served.admin, "events") as stream:
        await served.admin.put("roles/blue", access_port(10))
        declared, changed = await stream.next(), await stream.next()
        assert (declared.name, changed.name) == ("role.declared", "desired.changed")
        assert changed.data["data"] == {"generation": 2, "cause": "write"}
    await served.admin.put("roles/blue", access_port(11))
    async with a_stream(served.admin, "events", headers={"last-event-id": changed.id}) as stream:
        assert (await stream.next()).name == "role.declared"
    async with a_stream(served.admin, "events", params={"since": 0}) as stream:
        assert (await stream.next()).data["id"] == 1


async def test_many_watchers_hear_the_same(served: Site) -> None:
    async def watch(ready: asyncio.Semaphore) -> list[int]:
        async with a_stream(served.admin, "events") as stream:
            ready.release()
            return [(await stream.next()).data["id"] for _ in range(10)]

    ready = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as group:
        watchers = [group.create_task(watch(ready)) for _ in range(20)]
        for _ in watchers:
            await ready.acquire()
        for vlan in range(5):
            await served.admin.put("roles/blue", access_port(vlan + 1))
    heard = [watcher.result() for watcher in watchers]
    assert heard == [heard[0]] * 20
