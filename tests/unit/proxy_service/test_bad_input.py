"""Bad input is refused with the path of the offending key; nothing of it is stored, echoed or sent."""

from typing import Any

import pytest

from tests.unit.proxy_service.site import NODE, Site

pytestmark = pytest.mark.unit

HOSTILE = ["a\nb", 'a"b', "a'b", "a;b", "a$(reboot)", "a\x1b[31m", "a\\b", "a`b`", "a|b", "a\x00b", "x" * 10_000]


def port(**fields: Any) -> dict[str, Any]:
    return {"attach": {"nodes": ["sw1"]}, "state": {"ports": {"p1": fields}}}


ROLES = {
    "VLAN 0": ({"state": {"vlans": {"0": {}}}}, "state.vlans.0"),
    "VLAN 4095": ({"state": {"vlans": {"4095": {}}}}, "state.vlans.4095"),
    "access VLAN 0": (port(mode="access", access_vlan=0), "state.ports.p1.access_vlan"),
    "access VLAN 4095": (port(mode="access", access_vlan=4095), "state.ports.p1.access_vlan"),
    "trunk VLAN 4095": (port(mode="trunk", trunk_vlans=["4000-4095"]), "state.ports.p1.trunk_vlans"),
    "unknown key of a port": (port(vlan=1), "state.ports.p1.vlan"),
    "unknown key of a role": ({"colour": "blue"}, "colour"),
    "access port with trunk VLANs": (
        port(mode="access", access_vlan=1, trunk_vlans=[2]),
        "state.ports.p1.trunk_vlans",
    ),
    "L2 field on a LAG member": (
        {"state": {"lags": {"lag1": {"members": ["p1"]}}, "ports": {"p1": {"mode": "trunk"}}}},
        "state.ports.p1.mode",
    ),
    "what only a device may show": (port(mode="other"), "state.ports.p1.mode"),
    "exclusive of no set": ({"exclusive": ["ports.p1.mode"]}, "exclusive.0"),
    "priority beyond the highest": ({"priority": 1001}, "priority"),
    "a list instead of a mapping": ([], ""),
}


@pytest.mark.parametrize(("spec", "path"), ROLES.values(), ids=ROLES.keys())
async def test_a_bad_role_names_the_path(site: Site, spec: Any, path: str) -> None:
    problem = await site.admin.refused("PUT", "roles/r", json=spec)
    assert (problem["status"], problem["type"]) == (422, "/problems/invalid-document")
    assert path in [item["path"] for item in problem["problems"]]
    assert (await site.admin.get("roles"))["items"] == []


async def test_a_lag_members_problem_names_the_lag(site: Site) -> None:
    spec = {"state": {"lags": {"lag1": {"members": ["p1"]}}, "ports": {"p1": {"access_vlan": 3}}}}
    problem = await site.admin.refused("PUT", "roles/r", json=spec)
    assert "lag1" in problem["detail"]


NODES = {
    "unknown profile": ({"profile": "cisco-xyz"}, "profile", "unknown-profile"),
    "unknown location": ({"location": "moon"}, "location", "unknown-location"),
    "a file outside of the secrets": ({"credentials": "file:/etc/shadow"}, "credentials", "invalid-document"),
    "a file above the secrets": ({"credentials": "file:../../etc/shadow"}, "credentials", "invalid-document"),
    "an environment variable of others": ({"credentials": "env:HOME"}, "credentials", "invalid-document"),
    "a secret itself": ({"credentials": "hunter2"}, "credentials", "invalid-document"),
    "a password in the access": ({"access": ["ssh://root:hunter2@192.0.2.1"]}, "access.0", "invalid-document"),
    "a community in the access": ({"access": ["ssh://h", "snmp://public@192.0.2.1"]}, "access.1", "invalid-document"),
    "a secret option in the access": ({"access": ["snmpv3://u@h?authpassword=x"]}, "access.0", "invalid-document"),
    "an unknown scheme": ({"access": ["gopher://192.0.2.1"]}, "access.0", "invalid-document"),
    "an access without a host": ({"access": ["ssh://"]}, "access.0", "invalid-document"),
    "a shell in the access": ({"access": ["ssh://h;reboot"]}, "access.0", "invalid-document"),
    "no access": ({"access": []}, "access", "invalid-document"),
    "unknown key": ({"colour": 1}, "colour", "invalid-document"),
    "a path that is none": ({"protect": ["ports..["]}, "protect.0", "invalid-document"),
}


@pytest.mark.parametrize(("change", "path", "slug"), NODES.values(), ids=NODES.keys())
async def test_a_bad_node_names_the_path(site: Site, change: Any, path: str, slug: str) -> None:
    await site.admin.put("locations/row-a", {})
    problem = await site.admin.refused("PUT", "nodes/sw1", json={**NODE, **change})
    assert (problem["status"], problem["type"]) == (422, f"/problems/{slug}")
    assert problem["problems"][0]["path"] == path
    assert "hunter2" not in str(problem)
    assert (await site.admin.get("nodes"))["items"] == []


async def test_a_document_names_the_path_from_its_root_and_stores_nothing(site: Site) -> None:
    document = {
        "locations": {"row-a": {}},
        "nodes": {"sw1": {**NODE, "access": ["ssh://root:hunter2@192.0.2.1"]}},
        "roles": {"r.1": port(mode="access", trunk_vlans=[1])},
    }
    problem = await site.admin.refused("POST", "apply", json=document)
    paths = [item["path"] for item in problem["problems"]]
    assert paths == ["nodes.sw1.access.0", "roles[r.1].state.ports.p1.trunk_vlans"]
    for kind in ("nodes", "roles", "locations"):
        assert (await site.admin.get(kind))["items"] == []


async def test_an_unknown_location_in_a_document_names_the_node(site: Site) -> None:
    problem = await site.admin.refused("POST", "apply", json={"nodes": {"sw1": NODE}})
    assert problem["problems"][0]["path"] == "nodes.sw1.location"


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_refused_wherever_it_stands(site: Site, name: str) -> None:
    await site.rack()
    for is_key, state in (
        (True, {"ports": {name: {"mode": "access"}}}),
        (False, {"ports": {"p1": {"description": name}}}),
        (False, {"vlans": {"5": {"name": name}}}),
        (False, {"lags": {"lag1": {"members": [name]}}}),
        (True, {"exports": {name: {}}}),
    ):
        problem = await site.admin.refused("PUT", "roles/r", json={"state": state})
        assert problem["status"] == 422
        # A key is part of its path, made safe to show; a value is never repeated.
        assert problem["detail"].isprintable()
        assert len(problem["detail"]) < 1000
        assert is_key or name not in str(problem)
    for body in ({"nodes": {name: NODE}}, {"roles": {name: {}}}, {"locations": {name: {}}}, {"set": name}):
        assert (await site.admin.refused("POST", "apply", json=body))["status"] == 422
    assert (await site.admin.get("roles"))["items"] == []
    assert (await site.admin.get("events", follow=0, since=0))["items"][-1]["type"] == "desired.changed"


@pytest.mark.parametrize("name", ["a%0Ab", "a%22b", "a%3Bb", "a%24(x)", "a%1B", "x" * 300, "%00"])
async def test_a_hostile_name_in_an_address_is_refused(site: Site, name: str) -> None:
    for path in (f"nodes/{name}", f"roles/{name}", f"locations/{name}"):
        for method in ("GET", "PUT", "DELETE"):
            assert (await site.admin.refused(method, path, json={}))["status"] in (404, 422)


async def test_resetting_released_ports_is_for_a_later_version(site: Site) -> None:
    problem = await site.admin.refused("PUT", "roles/r", json={"on_release": "reset"})
    assert (problem["type"], problem["problems"][0]["path"]) == ("/problems/not-in-this-version", "on_release")


async def test_a_node_whose_agent_never_enrolled_is_accepted_and_says_so(site: Site) -> None:
    await site.rack()
    conditions = {item["type"]: item for item in (await site.admin.get("nodes/sw1"))["status"]["conditions"]}
    assert (conditions["Reachable"]["status"], conditions["Reachable"]["reason"]) == (False, "AgentAway")
    assert conditions["Converged"]["status"] is None


async def test_more_than_ten_megabytes_are_too_large(site: Site) -> None:
    problem = await site.admin.refused("POST", "apply", content=b"a: " + b"x" * 10_000_000)
    assert (problem["status"], problem["type"]) == (413, "/problems/too-large")


async def test_more_than_five_thousand_objects_are_too_many(site: Site) -> None:
    document = {"roles": {f"r{number}": {} for number in range(5_001)}}
    assert (await site.admin.refused("POST", "apply", json=document))["status"] == 413


@pytest.mark.parametrize(
    ("state", "path"),
    [
        ({"outlets": {"7": {"cycled_at": "2126-01-01T00:00:00Z"}}}, "state.outlets.7.cycled_at"),
        (
            {"slots": {"3": {"boot_once": {"device": "pxe", "at": "2126-01-01T00:00:00Z"}}}},
            "state.slots.3.boot_once.at",
        ),
    ],
)
async def test_a_verb_whose_time_has_not_come_is_refused(site: Site, state: Any, path: str) -> None:
    problem = await site.admin.refused("PUT", "roles/r", json={"state": state})
    assert (problem["status"], problem["problems"][0]["path"]) == (422, path)
