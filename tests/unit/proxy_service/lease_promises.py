"""What is promised of shared locations, on any database: agents of a test that renew, fall silent and come back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from proxy_service import clock
from proxy_service.agents.leases import Steady
from tests.unit.proxy_service.site import NODE, Agent, Site
from tests.unit.proxy_service.streams import Stream, assignments

Started = Callable[[], Site]
LEASE_S = 30.0


class Time:
    """The service's clock, moved by hand; evenly, unless it jumps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead_s = 0.0
        self.even_s = 10_000.0
        self._start = datetime.now(UTC)
        monkeypatch.setattr(clock, "now", lambda: self._start + timedelta(seconds=self.ahead_s))

    def steady(self, site: Site, *, for_s: float = 10_000.0) -> None:
        """The service has run for so long with this clock."""
        self.even_s = 0.0
        site.hub.presence.steady = Steady(now=clock.now, monotonic=lambda: self.even_s)
        self.pass_(for_s)

    def pass_(self, seconds: float) -> None:
        self.ahead_s += seconds
        self.even_s += seconds

    def jump(self, seconds: float) -> None:
        self.ahead_s += seconds


async def shared(site: Site, *nodes: str) -> None:
    await site.admin.put("locations/row-a", {"agents": "shared"})
    for node in nodes:
        await site.admin.put(f"nodes/{node}", NODE)


async def joined(site: Site, name: str, **more: Any) -> Agent:
    joiner = await site.caller("join", location="row-a")
    body = {"schema": 1, "name": name, "location": "row-a", "version": "1", "drivers": [], "leases": True, **more}
    made = await joiner.post("agents/enrol", body)
    return Agent(site.http, made["token"], name, fence=made["fence"])


async def renew(agent: Agent, *held: dict[str, Any], **more: Any) -> set[str]:
    """Renew the leases of assignments; the nodes that are held on."""
    leases = {assignment["node"]: assignment["fence"] for assignment in held}
    answer = await agent.post(f"agents/{agent.name}/reports", {"schema": 1, "leases": leases, **more})
    assert answer["lease_s"] == LEASE_S
    return set(answer["leases"])


async def assigned(stream: Stream, *nodes: str) -> list[dict[str, Any]]:
    """The assignments of these nodes, as soon as all of them were sent."""
    found: dict[str, dict[str, Any]] = {}
    while not set(nodes) <= found.keys():
        event = await stream.next()
        if event.name == "unassigned":
            found.pop(event.data["node"], None)
        for raw in event.data["assignments"] if event.name == "snapshot" else [event.data]:
            if event.name in ("snapshot", "assignment"):
                found[raw["node"]] = raw
    return [found[node] for node in nodes]


async def nodes_move_when_their_agent_is_gone_and_it_finds_them_gone_when_it_is_back(site: Site, time: Time) -> None:
    await shared(site, "sw1", "sw2")
    time.steady(site)
    first, second = await joined(site, "a"), await joined(site, "b")
    async with assignments(first) as ours:
        assert await renew(first) == set()
        held = await assigned(ours, "sw1", "sw2")
        assert [raw["lease"] for raw in held] == [{"renew_s": 10.0}] * 2
        assert await renew(first, *held) == {"sw1", "sw2"}
        await first.send(first.report(fence=held[0]["fence"], ledger=[LEDGER], converged_generation=1))
        async with assignments(second) as theirs:
            time.pass_(20)  # the first is silent from here on, its stream is open
            await renew(second)
            time.pass_(20)
            await renew(second)
            taken = await assigned(theirs, "sw1", "sw2")
            assert all(new["fence"] > old["fence"] for new, old in zip(taken, held, strict=True))
            assert [entry["path"] for entry in taken[0]["ledger"]] == ["lags.lag1"]
            assert await renew(second, *taken) == {"sw1", "sw2"}
            # Back again: it holds nothing, and what it tells is history.
            assert await renew(first, *held) == set()
            await first.send(first.report(fence=held[0]["fence"], converged_generation=77))
            status = (await site.admin.get("nodes/sw1"))["status"]
            assert (status["agent"], status["converged_generation"]) == ("b", 1)
            # Alive again it gets its share, once the other has let go.
            node = await _unassigned(theirs)
            given_up = next(raw for raw in taken if raw["node"] == node)
            kept = [raw for raw in taken if raw["node"] != node]
            assert await renew(second, *taken) == {raw["node"] for raw in kept}
            await renew(second, *kept, released={node: given_up["fence"]})
            (back,) = await assigned_anew(ours, node, above=given_up["fence"])
            assert await renew(first, back) == {node}


LEDGER = {"path": "lags.lag1", "state": "confirmed", "pass_id": "p-1", "at": "2026-11-20T10:00:00Z"}


async def _unassigned(stream: Stream) -> str:
    return str((await stream.until("unassigned")).data["node"])


async def assigned_anew(stream: Stream, node: str, *, above: int) -> list[dict[str, Any]]:
    while True:
        (raw,) = await assigned(stream, node)
        if raw["fence"] > above:
            return [raw]
