"""One port has one name on a node, however roles spell it; and two spellings that disagree are told apart."""

from typing import Any

import pytest

from device_profiles.catalogue import all_profiles
from device_profiles.documents import LocationSpec
from device_profiles.leaves import leaves
from device_profiles.paths import render_path
from proxy_service.declare.compiling import compile_node, names_of
from proxy_service.declare.merge import Declared, Merged, declared, merge
from proxy_service.declare.naming import canonical_protected, canonical_text, named
from proxy_service.declare.specs import node_spec, role_spec
from tests.unit.proxy_service.site import NODE, Site, access_port, trunk

pytestmark = pytest.mark.unit

IOS = all_profiles()["cisco_ios"].port_names
FULL = "GigabitEthernet1/0/1"
SWITCH = {**NODE, "profile": "cisco_ios"}


def role(name: str, state: dict[str, Any], **more: Any) -> Declared:
    return named(declared(name, role_spec({"state": state, **more})), IOS)


def leaves_of(merged: Merged) -> dict[str, Any]:
    return {render_path(path): value for path, value in leaves(merged.state).items()}


@pytest.mark.parametrize("spelling", ["Gi1/0/1", "gi1/0/1", "GigabitEthernet1/0/1", "Gig1/0/1"])
def test_every_spelling_is_the_same_leaf(spelling: str) -> None:
    merged = merge([role("a", {"ports": {spelling: {"mode": "access", "access_vlan": 10}}})])
    assert leaves_of(merged) == {f"ports.{FULL}.mode": "access", f"ports.{FULL}.access_vlan": 10}


def test_two_roles_that_spell_differently_share_a_port() -> None:
    one = role("a", {"ports": {"Gi1/0/1": {"mode": "trunk", "trunk_vlans": [10]}}})
    other = role("b", {"ports": {FULL: {"trunk_vlans": [10, 20]}}})
    merged = merge([one, other])
    assert merged.state.ports[FULL].trunk_vlans == (10, 20)
    assert merged.owners[("ports", FULL, "trunk_vlans", "10")] == ("a", "b")
    assert merged.owners[("ports", FULL, "trunk_vlans", "20")] == ("b",)


def test_two_roles_that_spell_differently_and_disagree_are_in_conflict() -> None:
    merged = merge(
        [
            role("a", {"ports": {"Gi1/0/1": {"mode": "access", "access_vlan": 10}}}),
            role("b", {"ports": {FULL: {"mode": "access", "access_vlan": 20}}}),
        ]
    )
    assert [(clash.held.path, clash.held.roles) for clash in merged.clashes] == [
        (f"ports.{FULL}.access_vlan", ("a", "b"))
    ]
    assert leaves_of(merged) == {}


def test_what_one_role_says_in_two_spellings_is_one_port() -> None:
    merged = merge([role("a", {"ports": {"Gi1/0/1": {"description": "x"}, FULL: {"enabled": True}}})])
    assert leaves_of(merged) == {f"ports.{FULL}.description": "x", f"ports.{FULL}.enabled": True}
    assert merged.clashes == ()


def test_one_role_that_disagrees_with_itself_is_held_and_both_spellings_are_named() -> None:
    merged = merge([role("a", {"ports": {"Gi1/0/1": {"description": "x"}, FULL: {"description": "y", "mtu": 1500}}})])
    (clash,) = merged.clashes
    assert clash.held.path == f"ports.{FULL}.description"
    assert clash.held.roles == ("a",)
    assert clash.held.message == f"Gi1/0/1 and {FULL} are one port of this node, and disagree"
    assert leaves_of(merged) == {f"ports.{FULL}.mtu": 1500}


def test_a_role_of_a_higher_priority_decides_what_another_says_in_two_ways() -> None:
    torn = role("a", {"ports": {"Gi1/0/1": {"description": "x"}, FULL: {"description": "y"}}})
    merged = merge([torn, role("b", {"ports": {"gi1/0/1": {"description": "z"}}}, priority=90)])
    assert merged.state.ports[FULL].description == "z"
    assert merged.clashes == ()


def test_lags_and_their_members_have_one_name_each() -> None:
    merged = merge(
        [
            role("a", {"lags": {"Po1": {"members": ["Gi1/0/1"], "lacp": "active"}}}),
            role("b", {"lags": {"Port-channel1": {"members": [FULL, "Gi1/0/2"]}}, "ports": {"po1": {"mode": "trunk"}}}),
        ]
    )
    assert list(merged.state.lags) == ["Port-channel1"]
    assert merged.state.lags["Port-channel1"].members == (FULL, "GigabitEthernet1/0/2")
    assert merged.owners[("lags", "Port-channel1", "members", FULL)] == ("a", "b")
    assert list(merged.state.ports) == ["Port-channel1"]


def test_switching_on_a_member_in_another_spelling_names_the_lag() -> None:
    merged = merge([role("a", {"lags": {"Po1": {"members": ["Gi1/0/1"]}}, "ports": {FULL: {"mode": "access"}}})])
    (clash,) = merged.clashes
    assert "member of the LAG Port-channel1" in clash.held.message


def test_an_exclusive_set_is_that_of_the_port() -> None:
    own = role("a", {"ports": {FULL: {"mode": "trunk", "trunk_vlans": []}}}, exclusive=["ports.Gi1/0/1.trunk_vlans"])
    assert merge([own]).exclusive == (f"ports.{FULL}.trunk_vlans",)


def test_a_profile_without_rules_leaves_a_role_as_it_is() -> None:
    one = declared("a", role_spec({"state": {"ports": {"Gi1/0/1": {"enabled": True}}}}))
    assert named(one, names_of("openvswitch")) is one
    assert named(one, names_of("a-profile-that-was-taken-away")) is one


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ports.Gi1/0/1.mode", f"ports.{FULL}.mode"),
        ("lags.Po1.members.Gi1/0/1", f"lags.Port-channel1.members.{FULL}"),
        ("vlans.1", "vlans.1"),
        ("ports.unknown", "ports.unknown"),
    ],
)
def test_written_paths_are_canonical(text: str, found: str) -> None:
    assert canonical_text(text, IOS) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ports.Gi1/0/1", f"ports.{FULL}"),
        ("ports.Gi1/0/1-4", f"ports.{FULL}-4"),
        ("sw1/ports.Gi1/0/1.mode", f"sw1/ports.{FULL}.mode"),
        ("sw1/vlans.1", "sw1/vlans.1"),
        ("ports.*", "ports.*"),
        ("ports", "ports"),
    ],
)
def test_protected_paths_are_canonical(text: str, found: str) -> None:
    assert canonical_protected(text, IOS) == found


async def leaves_at(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await site.admin.get("nodes/sw1/desired", explain=1))["leaves"]
    return found


async def test_the_service_explains_a_port_by_its_one_name(site: Site) -> None:
    await site.rack()
    await site.admin.put("nodes/sw1", SWITCH)
    await site.admin.put("roles/a", trunk(10, port="Gi1/0/1"))
    await site.admin.put("roles/b", trunk(10, 20, port=FULL))
    found = {leaf["path"]: leaf["roles"] for leaf in await leaves_at(site)}
    assert found[f"ports.{FULL}.trunk_vlans.10"] == ["a", "b"]
    assert found[f"ports.{FULL}.trunk_vlans.20"] == ["b"]


async def test_a_conflict_between_spellings_is_refused_for_both_roles(site: Site) -> None:
    await site.rack()
    await site.admin.put("nodes/sw1", SWITCH)
    await site.admin.put("roles/a", access_port(10, port="Gi1/0/1"))
    problem = await site.admin.refused("PUT", "roles/b", json=access_port(20, port=FULL))
    assert (problem["status"], problem["roles"]) == (409, ["a", "b"])
    assert problem["path"] == f"ports.{FULL}.access_vlan"


async def test_a_role_that_contradicts_itself_on_a_node_is_an_invalid_document(site: Site) -> None:
    await site.rack()
    await site.admin.put("nodes/sw1", SWITCH)
    ports = {"Gi1/0/1": {"mode": "access", "access_vlan": 10}, FULL: {"mode": "access", "access_vlan": 20}}
    body = {"attach": {"nodes": ["sw1"]}, "state": {"ports": ports}}
    problem = await site.admin.refused("PUT", "roles/a", json=body)
    assert problem["status"] == 422
    assert f"Gi1/0/1 and {FULL} are one port" in problem["detail"]


async def test_a_node_that_becomes_another_system_has_the_other_names(site: Site) -> None:
    await site.rack()
    await site.admin.put("roles/a", access_port(10, port="Gi1/0/1"))
    assert [leaf["path"] for leaf in await leaves_at(site)] == ["ports.Gi1/0/1.access_vlan", "ports.Gi1/0/1.mode"]
    await site.admin.put("nodes/sw1", SWITCH)
    assert [leaf["path"] for leaf in await leaves_at(site)] == [f"ports.{FULL}.access_vlan", f"ports.{FULL}.mode"]


async def test_a_roles_status_is_told_over_its_own_leaves_whatever_it_calls_them(site: Site) -> None:
    await site.rack()
    await site.admin.put("nodes/sw1", SWITCH)
    await site.admin.put("roles/a", access_port(10, port="Gi1/0/1"))
    await site.admin.put("roles/high", access_port(30, port=FULL, priority=90))
    await site.admin.put("roles/b", access_port(20, port=FULL))
    await site.admin.delete("roles/high")
    status = (await site.admin.get("roles/a"))["status"]["nodes"]["sw1"]
    assert status["reason"] == "Conflicted"


def test_what_a_node_and_its_location_protect_has_the_names_of_its_ports() -> None:
    spec = node_spec({**SWITCH, "protect": ["ports.Gi1/0/47-48"]})
    desired = compile_node("sw1", spec, LocationSpec(protect=("ports.Te1/1/1",)), ()).desired
    assert desired.protect == ("ports.GigabitEthernet1/0/47-48", "ports.TenGigabitEthernet1/1/1")
