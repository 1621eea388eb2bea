"""The order in which a plan changes things."""

import pytest

from device_profiles.compare import Goal
from device_profiles.state import Lag, Port, State, Vlan
from drivers.planning import Phase, edits

pytestmark = pytest.mark.unit


def test_nothing_to_change_is_no_edit():
    state = State(ports={"p1": Port(mode="access", access_vlan=10)})
    assert edits(Goal(state), state) == ()
    assert edits(Goal(), state) == ()


def test_the_phases_of_a_whole_plan():
    observed = State(
        vlans={10: Vlan(), 99: Vlan()},
        ports={"p1": Port(enabled=True), "p2": Port(enabled=False), "p10": Port()},
        lags={"lag9": Lag(members=("p8",))},
    )
    goal = Goal(
        State(
            vlans={20: Vlan(name="blue")},
            ports={
                "p1": Port(enabled=False),
                "p2": Port(enabled=True, mode="access", access_vlan=20),
                "p10": Port(mode="access", access_vlan=20),
            },
            lags={"lag1": Lag(members=("p5", "p6"))},
        ),
        frozenset({("vlans", "99"), ("lags", "lag9")}),
    )
    assert [(edit.phase, edit.key) for edit in edits(goal, observed)] == [
        (Phase.SHUT, "p1"),
        (Phase.VLANS, "20"),
        (Phase.LAGS, "lag1"),
        (Phase.PORTS, "p2"),
        (Phase.PORTS, "p10"),
        (Phase.REMOVE_LAGS, "lag9"),
        (Phase.REMOVE_VLANS, "99"),
        (Phase.OPEN, "p2"),
    ]


def test_an_edit_tells_the_fields_and_both_sides():
    observed = State(ports={"p1": Port(mode="trunk", native_vlan="none", trunk_vlans=(10,))})
    (edit,) = edits(Goal(State(ports={"p1": Port(trunk_vlans=(10, 20))})), observed)
    assert edit.fields == {"trunk_vlans"}
    assert edit.paths == (("ports", "p1", "trunk_vlans"),)
    assert (edit.before, edit.after.trunk_vlans) == (observed.ports["p1"], (10, 20))


def test_the_order_does_not_depend_on_that_of_the_declaration():
    one = {"p2": Port(mtu=9000), "p10": Port(mtu=9000), "p1": Port(mtu=9000)}
    other = dict(reversed(one.items()))
    found = [tuple(edit.key for edit in edits(Goal(State(ports=ports)), State())) for ports in (one, other)]
    assert found == [("p1", "p2", "p10")] * 2


def test_an_edit_tells_which_objects_and_elements_come_and_go() -> None:
    observed = State(
        vlans={10: Vlan(name="old")},
        ports={"p1": Port(mode="trunk", trunk_vlans=(5, 6)), "p2": Port(mode="trunk", trunk_vlans=(7,))},
    )
    goal = Goal(
        State(
            vlans={20: Vlan()},
            ports={"p1": Port(trunk_vlans=(6, 8)), "p2": Port(mode="access", access_vlan=9)},
            lags={"lag1": Lag(members=("p3",))},
        ),
        frozenset({("vlans", "10")}),
    )
    found = {(edit.section, edit.key): (edit.creates, edit.removes) for edit in edits(goal, observed)}
    assert found == {
        ("vlans", "20"): ((("vlans", "20"),), ()),
        ("vlans", "10"): ((), (("vlans", "10"),)),
        ("lags", "lag1"): ((("lags", "lag1"), ("lags", "lag1", "members", "p3")), ()),
        ("ports", "p1"): ((("ports", "p1", "trunk_vlans", "8"),), (("ports", "p1", "trunk_vlans", "5"),)),
        ("ports", "p2"): ((), (("ports", "p2", "trunk_vlans", "7"),)),
    }
