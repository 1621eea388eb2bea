"""After a restore nobody holds what somebody else may still hold, and who knows most of a node gets it back."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from proxy_service.store import Rows
from proxy_service.store import tables as t
from proxy_service.trust.backup import restore, save
from tests.unit.proxy_service.lease_promises import Time, assigned, joined, renew, shared
from tests.unit.proxy_service.site import Agent, Site
from tests.unit.proxy_service.streams import a_served_site, assignments

pytestmark = pytest.mark.unit


async def holders(site: Site) -> dict[str, str | None]:
    found = await site.hub.store.view(Rows.all, sa.select(t.leases.c.node, t.leases.c.agent))
    return {row.node: row.agent for row in found}


async def test_leases_begin_anew_after_a_restore_with_who_knows_more(
    tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    time, url, nodes = Time(monkeypatch), f"sqlite:///{tmp_path}/pointsman.db", ("sw1", "sw2", "sw3", "sw4")
    async with a_served_site(tmp_path) as site:
        await shared(site, *nodes)
        time.steady(site)
        tokens = {agent.name: agent.token for agent in (await joined(site, "a"), await joined(site, "b"))}
        first, second = (Agent(site.http, tokens[name], name) for name in "ab")
        async with assignments(first) as ours, assignments(second):
            await renew(first)
            held = await assigned(ours, *nodes)
            await renew(first, *held)
        fences = {raw["node"]: raw["fence"] for raw in held}
        await save(url, tmp_path / "backup", version="1")
    done = await restore(url, tmp_path / "backup")
    assert done.waits_until is not None
    async with a_served_site(tmp_path) as site:
        time.steady(site, for_s=1.0)
        first, second = (Agent(site.http, tokens[name], name) for name in "ab")
        async with assignments(first) as ours, assignments(second):
            for agent in (first, second):
                await renew(agent)
            assert set((await holders(site)).values()) == {None}
            refused = [
                {"node": node, "message": "newer", "holds": "e:9:x", "epoch": "e", "generation": 9} for node in nodes
            ]
            await first.post("agents/a/standing", {"schema": 1, "refused": refused})
            time.pass_(200)
            for agent in (first, second):
                await renew(agent)
            assert set((await holders(site)).values()) == {None}
            time.pass_(400)
            for agent in (first, second):
                await renew(agent)
            given = await assigned(ours, *nodes)
            assert all(raw["fence"] > fences[raw["node"]] for raw in given)
            assert await holders(site) == dict.fromkeys(nodes, "a")
