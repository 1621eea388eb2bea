"""Merging roles: the strategies, what is held, and that the order of arrival does not matter."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_profiles.checks import state_problems
from device_profiles.documents import RoleSpec
from device_profiles.leaves import leaves
from device_profiles.paths import render_path
from device_profiles.state import Lag, State
from proxy_service.declare.merge import Declared, Merged, declared, merge
from proxy_service.declare.specs import role_spec
from tests.unit.device_profiles.strategies import names, ports, states

pytestmark = pytest.mark.unit


def role(name: str, state: dict[str, Any], **more: Any) -> Declared:
    return declared(name, role_spec({"state": state, **more}))


def port(**fields: Any) -> dict[str, Any]:
    return {"ports": {"p1": fields}}


def leaves_of(merged: Merged) -> dict[str, Any]:
    return {render_path(path): value for path, value in leaves(merged.state).items()}


def owners_of(merged: Merged) -> dict[str, tuple[str, ...]]:
    return {render_path(path): roles for path, roles in merged.owners.items()}


def held(merged: Merged) -> list[tuple[str, tuple[str, ...]]]:
    return [(clash.held.path, clash.held.roles) for clash in merged.clashes]


def test_sets_are_united_and_owned_by_element() -> None:
    merged = merge([role("a", port(trunk_vlans=[10, 20])), role("b", port(trunk_vlans=[20, 30]))])
    assert merged.state.ports["p1"].trunk_vlans == (10, 20, 30)
    assert owners_of(merged) == {
        "ports.p1.trunk_vlans.10": ("a",),
        "ports.p1.trunk_vlans.20": ("a", "b"),
        "ports.p1.trunk_vlans.30": ("b",),
    }


def test_the_largest_mtu_wins_whatever_the_priorities() -> None:
    merged = merge([role("a", port(mtu=9000), priority=10), role("b", port(mtu=1500), priority=90)])
    assert merged.state.ports["p1"].mtu == 9000
    assert owners_of(merged) == {"ports.p1.mtu": ("a",)}


def test_the_highest_priority_names_a_vlan_and_among_equals_the_first_name() -> None:
    named = [role(name, {"vlans": {"5": {"name": f"of-{name}"}}}) for name in ("b", "a")]
    assert merge(named).state.vlans[5].name == "of-a"
    high = role("z", {"vlans": {"5": {"name": "of-z"}}}, priority=51)
    assert merge([*named, high]).state.vlans[5].name == "of-z"


def test_a_higher_priority_decides_a_conflict() -> None:
    merged = merge([role("a", port(mode="access", access_vlan=10)), role("b", port(access_vlan=20), priority=60)])
    assert leaves_of(merged) == {"ports.p1.mode": "access", "ports.p1.access_vlan": 20}
    assert owners_of(merged)["ports.p1.access_vlan"] == ("b",)
    assert not merged.clashes


def test_equals_that_disagree_are_held_as_a_group_and_the_rest_goes_on() -> None:
    merged = merge(
        [
            role("a", port(mode="access", access_vlan=10, mtu=9000)),
            role("b", port(mode="access", access_vlan=20, description="x")),
        ]
    )
    assert held(merged) == [("ports.p1.access_vlan", ("a", "b"))]
    assert merged.clashes[0].equal
    assert leaves_of(merged) == {"ports.p1.mtu": 9000, "ports.p1.description": "x"}


def test_equals_that_agree_are_no_conflict() -> None:
    merged = merge([role("a", port(mode="access", access_vlan=10)), role("b", port(mode="access", access_vlan=10))])
    assert not merged.clashes
    assert owners_of(merged)["ports.p1.access_vlan"] == ("a", "b")


def test_a_mode_of_higher_priority_overrides_what_it_has_no_use_for() -> None:
    merged = merge(
        [role("a", port(mode="access", access_vlan=10)), role("b", port(mode="trunk", trunk_vlans=[20]), priority=60)]
    )
    assert leaves_of(merged) == {"ports.p1.mode": "trunk", "ports.p1.trunk_vlans.20": True}
    assert not merged.clashes


def test_equals_whose_leaves_do_not_fit_together_are_held() -> None:
    merged = merge([role("a", port(mode="access", access_vlan=10)), role("b", port(trunk_vlans=[20]))])
    assert held(merged) == [("ports.p1.trunk_vlans", ("a", "b"))]
    assert leaves_of(merged) == {}


def test_layer_two_on_a_member_of_anothers_lag_is_held_and_the_lag_goes_on() -> None:
    bundle = role("a", {"lags": {"lag1": {"members": ["p1", "p2"]}}})
    merged = merge([bundle, role("b", port(mode="access", access_vlan=10, description="x"))])
    assert {path for path, _ in held(merged)} == {"ports.p1.mode"}
    assert merged.clashes[0].held.roles == ("a", "b")
    assert merged.state.lags["lag1"].members == ("p1", "p2")
    assert leaves_of(merged)["ports.p1.description"] == "x"


def test_who_asks_for_some_of_all_vlans_owns_none() -> None:
    merged = merge([role("a", port(trunk_vlans="all")), role("b", port(trunk_vlans=[1]))])
    assert merged.owners == {("ports", "p1", "trunk_vlans", "all"): ("a",)}


def test_a_port_in_two_lags_is_held() -> None:
    merged = merge(
        [role("a", {"lags": {"l1": {"members": ["p1"]}}}), role("b", {"lags": {"l2": {"members": ["p1", "p3"]}}})]
    )
    assert held(merged) == [("lags.l2.members", ("a", "b"))]
    assert merged.state.lags["l2"].members is None


def test_what_is_held_is_not_exclusive() -> None:
    merged = merge(
        [
            role("a", port(mode="access", access_vlan=10), exclusive=["ports.p1.trunk_vlans", "ports.p2.trunk_vlans"]),
            role("b", port(mode="access", access_vlan=20)),
        ]
    )
    assert merged.exclusive == ("ports.p2.trunk_vlans",)


def test_drift_modes_are_of_roles_that_own_something() -> None:
    merged = merge(
        [
            role("a", port(mode="access", access_vlan=10), drift="report", priority=60),
            role("b", port(access_vlan=20), drift="enforce"),
        ]
    )
    assert merged.role_drift == {"a": "report"}


def test_the_same_lun_for_two_volumes_is_held_with_its_mask() -> None:
    merged = merge(
        [
            role("a", {"exports": {"web": {"initiators": ["iqn.a:1"], "luns": {"1": "root"}}}}),
            role("b", {"exports": {"web": {"luns": {"1": "data"}}}}),
        ]
    )
    assert held(merged) == [("exports.web.luns.1", ("a", "b"))]
    assert leaves_of(merged) == {"exports.web": True}


def test_no_roles_make_no_state() -> None:
    assert merge([]) == Merged()


few = st.sampled_from(["p1", "p2", "lag1"])
crowded = st.builds(
    State,
    ports=st.dictionaries(few, ports, max_size=3),
    lags=st.dictionaries(few, st.builds(Lag, members=st.lists(few, min_size=1, unique=True).map(tuple)), max_size=2),
)
"""States of few names, so that roles meet each other."""

roles = st.lists(
    st.builds(
        lambda name, state, priority: declared(name, RoleSpec(state=state, priority=priority)),
        names,
        st.one_of(states, crowded),
        st.sampled_from([10, 50]),
    ),
    max_size=4,
    unique_by=lambda item: item.name,
)
many = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(roles, st.randoms())
def test_the_order_of_arrival_does_not_matter(found: list[Declared], random: Any) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(found)


@many
@given(roles)
def test_what_comes_out_fits_together_and_every_leaf_has_an_owner(found: list[Declared]) -> None:
    merged = merge(found)
    assert state_problems(merged.state) == []
    assert set(leaves(merged.state)) == set(merged.owners)
    names_of = {item.name for item in found}
    assert all(roles and set(roles) <= names_of for roles in merged.owners.values())


@many
@given(roles)
def test_merging_what_came_out_changes_nothing(found: list[Declared]) -> None:
    once = merge(found)
    again = merge([declared("all", RoleSpec(state=once.state))])
    assert again.state == once.state
    assert again.clashes == ()
