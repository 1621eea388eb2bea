"""What is protected is not touched: ranges, nodes, members of bundles, and what leans on a refused step."""

import pytest

from agents.guard import ProtectedPaths, Scene, judge
from agents.protection import parse_protected, protections
from device_profiles.compare import Goal
from device_profiles.paths import parse_path
from device_profiles.state import Lag, Port, State, Vlan
from drivers.planning import edits
from tests.unit.agents.devices import _step

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("protected", "path", "covered"),
    [
        ("ports.p1", "ports.p1.mode", True),
        ("ports.p1", "ports.p10.mode", False),
        ("ports.p1.mode", "ports.p1", True),
        ("ports.Ethernet49-54", "ports.Ethernet50.mtu", True),
        ("ports.Ethernet49-54", "ports.Ethernet55.mtu", False),
        ("ports.Ethernet49-54", "ports.Ethernet5.mtu", False),
        ("ports[Ethernet1/49-54]", "ports[Ethernet1/54].mtu", True),
        ("ports.*", "ports.x.mtu", True),
        ("vlans.1", "vlans.1.name", True),
        ("vlans.1", "vlans.10", False),
        ("vlans.1-99", "vlans.50", True),
        ("lags", "lags.lag1", True),
    ],
)
def test_a_protected_path_covers_what_is_below_it(protected, path, covered):
    assert parse_protected(protected).covers(parse_path(path)) is covered


@pytest.mark.parametrize("text", ["", "nonsense", "sw1/nonsense.p1", "sw1"])
def test_what_is_no_path_of_a_device_is_refused(text):
    with pytest.raises(ValueError, match=r"path|begins"):
        parse_protected(text)


def test_a_path_may_be_of_one_node_only():
    assert [item.text for item in protections(["sw1/ports.p1", "sw2/ports.p2", "ports.p3"], node="sw1")] == [
        "ports.p1",
        "ports.p3",
    ]


def verdict(goal, observed, *protected):
    steps = [_step(edit) for edit in edits(goal, observed)]
    guards = [ProtectedPaths(tuple(parse_protected(text) for text in protected))]
    found = judge(steps, Scene(goal, observed), guards)
    return {step.text for step in found.allowed}, {item.step.text for item in found.refused}


def test_a_step_is_refused_and_the_others_are_not():
    goal = Goal(State(ports={"p1": Port(mtu=9000), "p2": Port(mtu=9000)}))
    observed = State(ports={"p1": Port(mtu=1500), "p2": Port(mtu=1500)})
    assert verdict(goal, observed, "ports.p2") == ({"set ports p1"}, {"set ports p2"})


def test_taking_a_protected_port_into_a_bundle_is_refused_with_all_that_leans_on_it():
    goal = Goal(
        State(
            lags={"lag1": Lag(members=("p1", "p2"))},
            ports={"lag1": Port(mode="access", access_vlan=10), "p3": Port(mtu=9000)},
        )
    )
    observed = State(ports={name: Port(mtu=1500) for name in ("p1", "p2", "p3")})
    assert verdict(goal, observed, "ports.p2") == ({"set ports p3"}, {"set lags lag1", "set ports lag1"})


def test_taking_a_protected_port_out_of_a_bundle_is_refused():
    observed = State(lags={"lag1": Lag(members=("p1", "p2"))}, ports={"p1": Port(), "p2": Port()})
    assert verdict(Goal(absent=frozenset({("lags", "lag1")})), observed, "ports.p2") == (set(), {"set lags lag1"})


def test_a_port_is_not_put_into_a_vlan_that_may_not_be_made():
    goal = Goal(
        State(
            vlans={10: Vlan()},
            ports={"p1": Port(mode="access", access_vlan=10), "p2": Port(mode="access", access_vlan=20)},
        )
    )
    observed = State(ports={"p1": Port(), "p2": Port()})
    assert verdict(goal, observed, "vlans.10") == ({"set ports p2"}, {"set vlans 10", "set ports p1"})
