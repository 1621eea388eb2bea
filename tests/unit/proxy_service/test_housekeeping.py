"""What is kept long enough is forgotten, and who watched for it is told; silence is being away."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from proxy_service import clock
from proxy_service.agents.presence import Presence
from proxy_service.housekeeping import forget
from proxy_service.store import Cause
from proxy_service.store import tables as t
from tests.unit.proxy_service.site import Site, access_port

pytestmark = pytest.mark.unit

LONG_AGO = "2020-01-01T00:00:00.000000Z"


async def keep_house(site: Site) -> None:
    await site.hub.store.unit(Cause(action="test"), forget, site.settings)


async def test_events_that_are_gone_are_said_to_be_gone_with_the_oldest(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/blue", access_port(10))
    await site.alter(sa.update(t.events).where(t.events.c.id <= 4).values(at=LONG_AGO))
    await keep_house(site)
    problem = await site.admin.refused("GET", "events?follow=0&since=1")
    assert (problem["status"], problem["type"]) == (410, "/problems/gone")
    oldest = problem["oldest"]
    found = await site.admin.get("events", follow=0, since=oldest - 1)
    assert found["items"][0]["id"] == oldest
    assert (await site.admin.get("events", follow=0))["items"][0]["id"] == oldest
    assert (await site.admin.refused("GET", "events?since=1"))["status"] == 410
    assert (await site.admin.get("events", follow=0, since=10**12))["items"] == []


async def test_old_passes_requests_and_keys_go_and_the_rest_stays(site: Site) -> None:
    await site.rack()
    await site.admin.post("apply", {}, headers={"idempotency-key": "k"})
    agent = await site.agent()
    for number in ("old", "new"):
        times = {"started_at": "2026-11-20T10:00:00Z", "ended_at": "2026-11-20T10:00:00Z"}
        record = {"id": number, "cause": "poll", "generation": 1, "outcome": "changed", **times}
        await agent.send(agent.report(record=record))
    await site.alter(sa.update(t.passes).where(t.passes.c.id == "old").values(ended_at=LONG_AGO))
    await site.alter(sa.update(t.idempotency).values(at=LONG_AGO))
    await keep_house(site)
    assert [item["id"] for item in (await site.admin.get("nodes/sw1/passes"))["items"]] == ["new"]
    assert await site.hub.store.view(lambda rows: rows.all(sa.select(t.idempotency))) == []
    assert (await site.admin.get("nodes/sw1"))["status"]["last_pass"] == "new"


async def test_an_agent_that_fell_silent_is_away_although_its_stream_never_ended(site: Site) -> None:
    await site.rack()
    await site.agent()
    await site.alter(sa.update(t.agents).values(stream="s", last_seen=LONG_AGO))
    assert (await site.admin.get("agents/agent-a"))["connected"] is False
    problem = await site.admin.refused("POST", "nodes/sw1/preview")
    assert (problem["status"], problem["type"]) == (409, "/problems/agent-away")


async def test_an_agent_that_is_away_is_answered_at_once_with_the_last_observation(site: Site) -> None:
    await site.rack()
    nobody = await site.admin.refused("POST", "nodes/sw1/converge")
    assert (nobody["status"], nobody["last_observed_at"], nobody["agent"]) == (409, None, None)
    agent = await site.agent()
    await agent.send(agent.report(converged_generation=1))
    away = await site.admin.refused("POST", "nodes/sw1/converge")
    assert (away["agent"], away["last_observed_at"][:10]) == ("agent-a", "2026-11-20")
    assert (await site.admin.refused("POST", "nodes/sw9/converge"))["status"] == 404


def test_signs_of_life_are_written_now_and_then() -> None:
    presence = Presence(silence_s=30)
    assert presence.is_due("a")
    presence.noted("a")
    assert not presence.is_due("a")
    assert presence.is_due("b")


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let days go by."""
    known, gone = clock.now, 0.0

    def go(by: float) -> None:
        nonlocal gone
        gone += by

    monkeypatch.setattr(clock, "now", lambda: known() + timedelta(days=gone))
    return go


async def test_what_is_kept_goes_with_the_days_each_after_its_own_time(
    site: Site, days: Callable[[float], None]
) -> None:
    await site.rack()
    agent = await site.agent()
    record = {"cause": "poll", "generation": 1, "outcome": "changed"}

    async def kept() -> tuple[int, list[str], int]:
        await keep_house(site)
        events = await site.admin.get("events", follow=0)
        passes = await site.admin.get("nodes/sw1/passes")
        audit = await site.admin.get("audit", limit=500)
        return len(events["items"]), [item["id"] for item in passes["items"]], len(audit["items"])

    now = clock.now_text()
    await agent.send(agent.report(record={"id": "first", "started_at": now, "ended_at": now, **record}))
    events, passes, writes = await kept()
    assert (events > 3, passes, writes > 2) == (True, ["first"], True)
    days(13)
    await site.admin.put("locations/row-b", {})
    assert await kept() == (events + 1, ["first"], writes + 1)
    days(2)
    assert await kept() == (1, ["first"], writes + 1)
    days(74)
    assert await kept() == (0, ["first"], writes + 1)
    days(2)
    assert await kept() == (0, [], writes + 1)
    days(275)
    assert await kept() == (0, [], 1)
    days(14)
    assert await kept() == (0, [], 0)
    # What is declared stays, however long ago that was.
    assert (await site.admin.get("nodes/sw1"))["status"]["last_pass"] == "first"


async def test_of_each_node_the_newest_passes_are_kept_and_of_all_events_the_newest(site: Site) -> None:
    await site.rack("sw1", "sw2")
    agent = await site.agent()
    for number in range(12):
        at = f"2026-11-20T10:00:{number:02}Z"
        record = {"id": f"p{number:02}", "cause": "poll", "generation": 1, "outcome": "failed"}
        for node in ("sw1", "sw2")[: 2 if number < 3 else 1]:
            await agent.send(agent.report(node, record={**record, "started_at": at, "ended_at": at}))
    few = replace(site.settings, passes_most=5, events_most=4)
    await site.hub.store.unit(Cause(action="test"), forget, few)
    found = {node: (await site.admin.get(f"nodes/{node}/passes"))["items"] for node in ("sw1", "sw2")}
    assert sorted(item["id"] for item in found["sw1"]) == ["p07", "p08", "p09", "p10", "p11"]
    assert len(found["sw2"]) == 3
    events = await site.admin.get("events", follow=0)
    assert 0 < len(events["items"]) <= 4
    assert (await site.admin.refused("GET", "events?since=1"))["status"] == 410
