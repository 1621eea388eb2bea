"""What counts as drift, whose it is, and what is left as it is."""

from datetime import UTC, datetime

import pytest

from agents.drift import find_drift, mode_of, withhold
from device_profiles.compare import Goal, compare
from device_profiles.desired import Desired
from device_profiles.state import Export, Port, State, Stp, Vlan

pytestmark = pytest.mark.unit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 1, 2, tzinfo=UTC)


def desired(**more):
    return Desired(node="sw1", generation=1, **more)


def test_each_element_that_is_missing_is_drift_of_those_who_declared_it():
    goal = Goal(State(ports={"p1": Port(mode="trunk", trunk_vlans=(10, 20, 40))}))
    owners = {"ports.p1.trunk_vlans.40": ("a",), "ports.p1.trunk_vlans.20": ("b", "c"), "ports.p1.mode": ("a",)}
    observed = State(ports={"p1": Port(mode="trunk", trunk_vlans=(10,))})
    found = find_drift(goal, observed, desired(owners=owners), now=NOW)
    assert [(i.path, i.expected, i.found, i.roles) for i in found] == [
        ("ports.p1.trunk_vlans.20", True, None, ("b", "c")),
        ("ports.p1.trunk_vlans.40", True, None, ("a",)),
    ]


def test_elements_too_many_in_an_exact_set_are_drift_of_the_sets_roles():
    goal = Goal(State(ports={"p1": Port(trunk_vlans=(10,))}))
    wish = desired(owners={"ports.p1.trunk_vlans.10": ("a",)}, exclusive=("ports.p1.trunk_vlans",))
    (item,) = find_drift(goal, State(ports={"p1": Port(trunk_vlans=(10, 66))}), wish, now=NOW)
    assert (item.path, item.expected, item.found, item.roles) == ("ports.p1.trunk_vlans.66", None, True, ("a",))


def test_a_release_that_is_owed_is_no_drift():
    goal = Goal(absent=frozenset({("vlans", "10")}))
    assert find_drift(goal, State(vlans={10: Vlan()}), desired(), now=NOW) == ()


def test_drift_lasts_since_it_was_first_found():
    goal, observed = Goal(State(ports={"p1": Port(mtu=9000)})), State(ports={"p1": Port(mtu=1500)})
    wish = desired(owners={"ports.p1.mtu": ("a",)})
    first = find_drift(goal, observed, wish, now=NOW)
    (again,) = find_drift(goal, observed, wish, now=LATER, earlier=first)
    assert again.since == NOW


@pytest.mark.parametrize(
    ("node", "roles", "mode"),
    [
        ("enforce", {}, "enforce"),
        ("report", {}, "report"),
        ("enforce", {"a": "report"}, "enforce"),
        ("enforce", {"a": "report", "b": "report"}, "report"),
        ("report", {"a": "enforce"}, "enforce"),
        ("enforce", {"a": "pause"}, "pause"),
        ("pause", {"a": "enforce", "b": "enforce"}, "pause"),
    ],
)
def test_a_roles_mode_stands_over_its_nodes_and_a_pause_over_all(node, roles, mode):
    assert mode_of(("a", "b"), desired(drift=node, role_drift=roles), ("ports", "p1", "mtu")) == mode


def test_a_field_of_a_group_is_left_with_its_group_and_others_are_put_back():
    goal = Goal(State(ports={"p1": Port(mode="access", access_vlan=10, mtu=9000, stp=Stp(edge=True))}))
    observed = State(ports={"p1": Port(mode="access", access_vlan=66, mtu=1500, stp=Stp(edge=False))})
    left = withhold(goal, observed, [("ports", "p1", "access_vlan"), ("ports", "p1", "stp", "edge")])
    assert [change.path for change in compare(left, observed)] == [("ports", "p1", "mtu")]


def test_one_element_is_left_and_another_put_back():
    goal = Goal(State(ports={"p1": Port(trunk_vlans=(10, 20, 30))}))
    observed = State(ports={"p1": Port(trunk_vlans=(10,))})
    left = withhold(goal, observed, [("ports", "p1", "trunk_vlans", "20")])
    assert left.state.ports["p1"].trunk_vlans == (10, 30)


def test_a_lun_that_shows_another_volume_is_drift_with_both_names():
    goal = Goal(State(exports={"e": Export(luns={1: "mine"})}))
    observed = State(exports={"e": Export(luns={1: "other"})})
    (item,) = find_drift(goal, observed, desired(owners={"exports.e.luns.1": ("a",)}), now=NOW)
    assert (item.expected, item.found) == ("mine", "other")
    left = withhold(goal, observed, [("exports", "e", "luns", "1")])
    assert compare(left, observed) == ()


@pytest.mark.parametrize(
    ("node", "roles", "mode"),
    [
        ("enforce", {}, "report"),
        ("enforce", {"a": "enforce"}, "enforce"),
        ("enforce", {"a": "report", "b": "enforce"}, "enforce"),
        ("report", {"a": "enforce"}, "enforce"),
        ("enforce", {"a": "pause", "b": "enforce"}, "pause"),
        ("pause", {"a": "enforce"}, "pause"),
    ],
)
@pytest.mark.parametrize("section", ["outlets", "slots"])
def test_power_is_put_back_only_where_a_role_itself_says_so(section, node, roles, mode):
    wish = desired(drift=node, role_drift=roles)
    assert mode_of(("a", "b"), wish, (section, "7", "power")) == mode
    assert mode_of(("a",), desired(), (section, "7", "name")) == "enforce"
