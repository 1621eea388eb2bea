"""Tokens: scopes, owners, limits, expiry, revocation; nothing that could be used is ever shown again."""

import stat

import pytest
import sqlalchemy as sa

from proxy_service.store import tables as t
from tests.unit.proxy_service.site import NODE, Caller, Site, access_port, trunk

pytestmark = pytest.mark.unit


async def test_the_first_token_is_in_a_file_that_only_its_owner_reads(site: Site) -> None:
    file = site.settings.admin_token_file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().strip() == site.admin.token


async def test_a_token_is_kept_only_as_a_hash(site: Site) -> None:
    made = await site.admin.post("tokens", {"name": "ci", "scopes": ["read"]})
    rows = await site.hub.store.view(lambda rows: rows.all(sa.select(t.tokens)))
    assert made["token"].split("_", 2)[2] not in str(rows)
    listed = (await site.admin.get("tokens"))["items"]
    assert {item["id"] for item in listed} >= {made["id"]}
    assert not any("token" in item or "digest" in item for item in listed)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic abc", "Bearer pm_0000_abc", "Bearer pm__", "Bearer pm_%00_x"]
)
async def test_no_valid_token_no_answer(site: Site, header: str) -> None:
    problem = await site.admin.refused("GET", "nodes", headers={"authorization": header})
    assert (problem["status"], problem["type"]) == (401, "/problems/unauthenticated")


async def test_the_right_id_with_a_wrong_secret_is_refused(site: Site) -> None:
    caller = Caller(site.http, site.admin.token[:-1] + "~")
    assert (await caller.refused("GET", "nodes"))["status"] == 401


async def test_a_revoked_token_ends_at_once(site: Site) -> None:
    made = await site.admin.post("tokens", {"name": "ci", "scopes": ["read"]})
    caller = Caller(site.http, made["token"])
    await caller.get("nodes")
    await site.admin.delete(f"tokens/{made['id']}")
    assert (await caller.refused("GET", "nodes"))["status"] == 401
    assert (await site.admin.refused("DELETE", f"tokens/{made['id']}"))["status"] == 404


async def test_a_token_expires(site: Site) -> None:
    caller = await site.caller("read", expires_in_s=3600)
    await caller.get("nodes")
    await site.alter(sa.update(t.tokens).values(expires_at="2020-01-01T00:00:00.000000Z"))
    site.hub.doorkeeper.forget(caller.token.split("_")[1])
    assert (await caller.refused("GET", "nodes"))["status"] == 401


async def test_each_scope_opens_its_own_routes(site: Site) -> None:
    await site.rack()
    reader, declarer, operator = [await site.caller(scope) for scope in ("read", "declare", "operate")]
    await reader.get("nodes")
    for caller in (declarer, operator):
        assert (await caller.refused("GET", "nodes"))["scope"] == "read"
    await declarer.put("roles/r", {})
    for caller in (reader, operator):
        assert (await caller.refused("PUT", "roles/r", json={}))["scope"] == "declare"
        assert (await caller.refused("PUT", "nodes/n", json={}))["scope"] == "declare"
        assert (await caller.refused("POST", "apply", json={}))["scope"] == "declare"
    for caller in (reader, declarer):
        assert (await caller.refused("POST", "nodes/sw1/preview"))["scope"] == "operate"
        assert (await caller.refused("POST", "nodes/sw1/pause", json={}))["scope"] == "operate"
    for caller in (reader, declarer, operator):
        for method, path in (("GET", "tokens"), ("POST", "tokens"), ("PUT", "locations/l"), ("DELETE", "agents/a")):
            assert (await caller.refused(method, path, json={}))["scope"] == "admin"


async def test_a_role_belongs_to_the_tokens_owner(site: Site) -> None:
    mine = await site.caller("declare", "read", owner="net-team")
    await mine.put("roles/r", {})
    assert (await mine.get("roles/r"))["owner"] == "net-team"
    assert (await mine.get("roles/r"))["spec"]["owner"] == "net-team"


async def test_another_owner_needs_force(site: Site) -> None:
    mine, yours = [await site.caller("declare", "read", owner=owner) for owner in ("me", "you")]
    await mine.put("roles/r", {})
    for spec, name in (({"owner": "me"}, "new"), ({}, "r")):
        problem = await yours.refused("PUT", f"roles/{name}", json=spec)
        assert (problem["status"], problem["problems"][0]["path"]) == (403, "owner")
    assert (await yours.refused("DELETE", "roles/r"))["status"] == 403
    assert (await yours.refused("POST", "apply", json={"roles": {"r": {}}}))["problems"][0]["path"] == "roles.r.owner"
    forcing = await site.caller("declare", "force", "read", owner="you")
    await forcing.put("roles/r", {"priority": 60})
    assert (await forcing.get("roles/r"))["owner"] == "me"


async def test_a_priority_beyond_the_tokens_is_refused(site: Site) -> None:
    caller = await site.caller("declare", limits={"max_priority": 60})
    await caller.put("roles/r", {"priority": 60})
    problem = await caller.refused("PUT", "roles/r", json={"priority": 61})
    assert (problem["status"], problem["problems"][0]["path"]) == (403, "priority")


async def test_a_vlan_beyond_the_tokens_is_refused_with_its_path(site: Site) -> None:
    await site.rack()
    caller = await site.caller("declare", limits={"vlans": ["100-199"]})
    await caller.put("roles/r", access_port(100))
    cases = {
        "state.ports.p1.access_vlan": access_port(99),
        "state.ports.p24.trunk_vlans.200": trunk(100, 200),
        "state.ports.p24.trunk_vlans.all": {"state": {"ports": {"p24": {"trunk_vlans": "all"}}}},
        "state.vlans.5": {"state": {"vlans": {"5": {}}}},
        "state.ports.p24.native_vlan": {"state": {"ports": {"p24": {"mode": "trunk", "native_vlan": 1}}}},
    }
    for path, spec in cases.items():
        problem = await caller.refused("PUT", "roles/r", json=spec)
        assert (problem["status"], problem["problems"][0]["path"]) == (403, path)
    document = await caller.refused("POST", "apply", json={"roles": {"x": access_port(99)}})
    assert document["problems"][0]["path"] == "roles.x.state.ports.p1.access_vlan"


async def test_a_token_of_some_labels_writes_only_nodes_that_bear_them(site: Site) -> None:
    await site.rack("sw1", labels={"team": "a"})
    await site.rack("sw2", labels={"team": "b"})
    caller = await site.caller("declare", "operate", limits={"labels": {"team": "a"}})
    await caller.put("roles/r", {"attach": {"nodes": ["sw1"]}})
    await caller.put("roles/s", {"attach": {"labels": {"team": "a", "x": "y"}}})
    for attach, path in (
        ({"nodes": ["sw2"]}, "attach.nodes"),
        ({"nodes": ["sw9"]}, "attach.nodes"),
        ({"labels": {"x": "y"}}, "attach.labels"),
    ):
        problem = await caller.refused("PUT", "roles/t", json={"attach": attach})
        assert (problem["status"], problem["problems"][0]["path"]) == (403, path)
    for node, labels in (("sw2", {"team": "a"}), ("sw1", {"team": "b"}), ("sw3", {})):
        assert (await caller.refused("PUT", f"nodes/{node}", json={**NODE, "labels": labels}))["status"] == 403
    assert (await caller.refused("DELETE", "nodes/sw2"))["status"] == 403
    assert (await caller.refused("POST", "nodes/sw2/resume"))["status"] == 403
    await caller.put("nodes/sw1", {**NODE, "labels": {"team": "a", "new": "1"}})


async def test_a_token_gives_away_no_more_than_it_has(site: Site) -> None:
    small = await site.caller("admin", "read")
    for body, path in (
        ({"name": "x", "scopes": ["declare"]}, "scopes"),
        ({"name": "x", "scopes": ["agent"]}, "scopes"),
        ({"name": "x", "scopes": ["read"], "owner": "somebody"}, "owner"),
    ):
        problem = await small.refused("POST", "tokens", json=body)
        assert (problem["status"], problem["problems"][0]["path"]) == (403, path)
    limited = await site.caller("admin", limits={"max_priority": 5})
    assert (await limited.refused("POST", "tokens", json={"name": "x", "scopes": ["admin"]}))["status"] == 403


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "scopes": ["join"]},
        {"name": "x", "scopes": ["join", "read"], "location": "row-a"},
        {"name": "x", "scopes": ["read"], "location": "row-a"},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["root"]},
        {"name": "x", "scopes": ["read"], "expires_in_s": 0},
        {"name": "x", "scopes": ["read"], "limits": {"vlans": [4095]}},
        {"scopes": ["read"]},
        [],
    ],
)
async def test_a_bad_wish_for_a_token_is_refused(site: Site, body: object) -> None:
    assert (await site.admin.refused("POST", "tokens", json=body))["status"] == 422


async def test_every_write_is_in_the_audit_with_its_token_and_generations(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/r", access_port(10))
    rows = await site.hub.store.view(lambda rows: rows.all(sa.select(t.audit).order_by(t.audit.c.event)))
    assert [row.action for row in rows] == ["PUT /v1/locations/row-a", "PUT /v1/nodes/sw1", "PUT /v1/roles/r"]
    assert {row.token for row in rows} == {site.admin.token.split("_")[1]}
    assert rows[-1].generations == '{"sw1":2}'
    assert len(rows[-1].document_hash) == 64


async def test_the_audit_tells_who_wrote_what_and_which_passes_it_caused(site: Site) -> None:
    await site.rack("sw1")
    agent = await site.agent()
    alice = await site.caller("declare", "read", owner="alice")
    made = await alice.put("roles/blue", {"attach": {"nodes": ["sw1"]}, "state": {"vlans": {"10": {}}}})
    generation = made["nodes"]["sw1"]
    at = "2026-11-20T10:00:00Z"
    record = {"id": "p1", "cause": "assignment", "generation": generation, "outcome": "changed"}
    await agent.send(agent.report(record={**record, "started_at": at, "ended_at": at}))
    await alice.refused("DELETE", "nodes/sw7")
    refused, written = (await site.admin.get("audit", owner="alice"))["items"][:2]
    assert (written["method"], written["path"], written["outcome"]) == ("PUT", "/v1/roles/blue", "done")
    assert (written["generations"], [item["id"] for item in written["passes"]]) == ({"sw1": generation}, ["p1"])
    assert (refused["method"], refused["outcome"]) == ("DELETE", "not-found")
    assert written["event"] in [item["event"] for item in (await site.admin.get("audit", node="sw1"))["items"]]
    assert (await alice.refused("GET", "audit"))["status"] == 403


async def test_a_token_sees_itself(site: Site) -> None:
    alice = await site.caller("read", owner="alice")
    own = await alice.get("tokens/self")
    assert (own["owner"], own["scopes"]) == ("alice", ["read"])
    assert "digest" not in own
