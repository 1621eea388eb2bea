"""Plans: what they lead to on a switch, in what order, and back."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_profiles.compare import Goal, compare
from device_profiles.state import Lag, Port, State, Stp, Vlan
from drivers.errors import Unsupported
from drivers.vendors.openvswitch import reading, steps
from drivers.vendors.openvswitch.driver import OpenVSwitch
from pointsman.twins import shell
from pointsman.twins.switch import Switch

pytestmark = pytest.mark.unit

TRUNK = Port(mode="trunk", native_vlan="none", trunk_vlans=(10, 20))


class Bench:
    """A twin without a network, planned for and written to in the same process."""

    def __init__(self):
        self.switch = Switch("sw1", serial="TWIN-1", number=1, in_band=True)

    def by_hand(self, line):
        printed, status = shell.run(self.switch, line)
        assert status == 0, printed

    def reading(self):
        printed, status = shell.run(self.switch, reading.COMMAND)
        assert status == 0, printed
        return reading.parse(printed)

    @property
    def state(self):
        return self.reading().state

    def plan(self, goal):
        return steps.plan(goal, self.reading(), capabilities=OpenVSwitch.capabilities)

    def apply(self, goal):
        plan = self.plan(goal)
        for step in plan:
            self.run(step.commands)
        return plan

    def run(self, commands):
        self.by_hand(" && ".join(commands))


@pytest.fixture
def bench():
    return Bench()


def goal(*, absent=(), lags=None, vlans=None, **ports):
    state = State(ports=ports, lags=lags or {}, vlans=vlans or {})
    return Goal(state, frozenset(("lags", lag) for lag in absent))


BUNDLE = goal(lag1=TRUNK, lags={"lag1": Lag(members=("p23", "p24"), lacp="active", fallback=True)})
BUNDLE_OPEN = goal(lag1=TRUNK, p23=Port(enabled=True), lags={"lag1": Lag(members=("p23", "p24"), lacp="active")})

GOALS = {
    "access": goal(p1=Port(mode="access", access_vlan=10)),
    "trunk": goal(p1=Port(mode="trunk", trunk_vlans=(10, 11, 12, 20))),
    "trunk with native": goal(p1=Port(mode="trunk", native_vlan=5, trunk_vlans=(10,))),
    "trunk of none": goal(p1=Port(mode="trunk", trunk_vlans=())),
    "trunk of all": goal(p1=Port(mode="trunk", trunk_vlans="all")),
    "trunk of all, untagged dropped": goal(p1=Port(mode="trunk", native_vlan="none", trunk_vlans="all")),
    "shut": goal(p1=Port(enabled=False)),
    "open": goal(p23=Port(enabled=True)),
    "description": goal(p1=Port(description="web-07, eth0 (x) [a]=#1")),
    "mtu": goal(p1=Port(mtu=9000)),
    "edge": goal(p1=Port(stp=Stp(edge=True))),
    "everything of a port": goal(
        p1=Port(mode="access", access_vlan=10, description="d", enabled=False, mtu=1400, stp=Stp(edge=True))
    ),
    "LAG": BUNDLE,
    "LAG and its member opened": BUNDLE_OPEN,
    "LAG without LACP": goal(lags={"lag1": Lag(members=("p23", "p24"), lacp="off")}),
    "LAG of one": goal(lag1=Port(mode="access", access_vlan=7), lags={"lag1": Lag(members=("p7",), lacp="passive")}),
    "LAG with everything": goal(
        lag1=Port(mode="trunk", native_vlan=5, trunk_vlans=(10,), description="uplink", mtu=9000, stp=Stp(edge=True)),
        p23=Port(enabled=True, description="first cable"),
        lags={"lag1": Lag(members=("p23", "p24"), lacp="active")},
    ),
    "VLANs, which are there by use": goal(vlans={10: Vlan(name="blue")}, p1=Port(mode="access", access_vlan=10)),
}
BEFORES = {
    "as it came": [],
    "configured by hand": [
        (
            "ovs-vsctl set port p1 tag=99 -- set port p1 external_ids:description='\"old, one\"' "
            "other_config:rstp-port-admin-edge=true -- set interface p1 mtu_request=9100"
        ),
        "ovs-vsctl set port p23 vlan_mode=trunk trunks=1-3 -- set port p24 external_ids:description=kept",
    ],
    "as nobody can declare it": ["ovs-vsctl set port p1 vlan_mode=dot1q-tunnel tag=7 cvlans=1-5"],
}


@pytest.mark.parametrize("before", BEFORES)
@pytest.mark.parametrize("name", GOALS)
def test_a_plan_leads_to_its_goal_repeats_harmlessly_and_leads_back(bench, name, before):
    for line in BEFORES[before]:
        bench.by_hand(line)
    observed = bench.state
    plan = bench.plan(GOALS[name])
    for step in plan:
        bench.run(step.commands)
        once = bench.state
        bench.run(step.commands)
        assert bench.state == once, f"again: {step.text}"
    assert bench.plan(GOALS[name]) == ()
    for step in reversed(plan):
        bench.run(step.undo)
        bench.run(step.undo)
    assert bench.state == observed


@pytest.mark.parametrize("name", GOALS)
def test_a_plan_is_the_same_every_time_and_writes_nothing(bench, name):
    assert bench.plan(GOALS[name]) == bench.plan(GOALS[name])
    assert bench.switch.writes == 0


@pytest.mark.parametrize(
    ("one", "other"), list(itertools.permutations(("access", "trunk with native", "trunk of all"), 2))
)
def test_no_switching_is_seen_in_between(bench, one, other):
    """All columns of a port change in one transaction, so a watcher never sees a mixture."""
    bench.apply(GOALS[one])
    before = bench.state.ports["p1"]
    seen = []
    bench.switch.database.changed.append(lambda: seen.append(bench.state.ports["p1"]))
    bench.apply(GOALS[other])
    assert seen == [bench.state.ports["p1"]]
    assert seen != [before]


def test_adding_one_vlan_to_a_trunk_changes_only_that(bench):
    bench.apply(goal(p24=Port(mode="trunk", native_vlan="none", trunk_vlans=(10, 20, 30))))
    (step,) = bench.plan(goal(p24=Port(trunk_vlans=(10, 20, 30, 40))))
    assert step.creates == (("ports", "p24", "trunk_vlans", "40"),)
    assert step.removes == ()
    assert step.impact == "none"
    assert step.touches == (("ports", "p24", "trunk_vlans"),)
    bench.run(step.commands)
    (back,) = bench.plan(goal(p24=Port(trunk_vlans=(10, 20, 30))))
    assert back.removes == (("ports", "p24", "trunk_vlans", "40"),)
    assert back.impact == "outage"
    bench.run(back.commands)
    assert bench.state.ports["p24"].trunk_vlans == (10, 20, 30)


def test_ports_are_shut_first_and_opened_last(bench):
    plan = bench.plan(
        goal(
            p1=Port(enabled=False),
            p2=Port(mode="access", access_vlan=10),
            p23=Port(enabled=True),
            lag1=TRUNK,
            lags={"lag1": Lag(members=("p23", "p24"))},
        )
    )
    assert [step.text.partition(":")[0] for step in plan] == ["p1", "lag1", "p2", "p23"]


def test_a_lag_is_made_with_its_switching_in_one_piece(bench):
    seen = []
    bench.switch.database.changed.append(lambda: seen.append(bench.state))
    plan = bench.apply(BUNDLE)
    assert len(plan) == 1
    assert [state.ports["lag1"].trunk_vlans for state in seen] == [(10, 20)]
    assert ("lags", "lag1", "members", "p24") in plan[0].creates
    assert ("ports", "lag1", "trunk_vlans", "10") in plan[0].creates
    assert ("ports", "p24") in plan[0].touches


def test_a_lag_that_nobody_declares_vlans_for_carries_none(bench):
    bench.apply(GOALS["LAG without LACP"])
    assert bench.state.ports["lag1"].trunk_vlans == ()


def test_a_lag_that_goes_shuts_its_members_before_it_is_taken_apart(bench):
    bench.apply(BUNDLE_OPEN)
    (step,) = bench.plan(goal(absent=["lag1"]))
    assert step.commands[:2] == ("ip link set dev p23 down", "ip link set dev p24 down")
    assert step.impact == "outage"
    before = bench.state
    bench.run(step.commands)
    after = bench.state
    assert after.lags == {}
    assert (after.ports["p23"].enabled, after.ports["p24"].enabled) == (False, False)
    bench.run(step.undo)
    assert bench.state == before


def test_ports_freed_from_a_lag_are_configured_after_it_is_gone_and_opened_only_where_declared(bench):
    bench.apply(BUNDLE_OPEN)
    wanted = goal(absent=["lag1"], p23=Port(mode="access", access_vlan=10), p24=Port(enabled=True))
    bench.apply(wanted)
    state = bench.state
    assert compare(wanted, state) == ()
    assert (state.ports["p23"].access_vlan, state.ports["p23"].enabled) == (10, False)
    assert state.ports["p24"].enabled


def test_members_join_and_leave_a_lag_that_stays(bench):
    bench.apply(BUNDLE_OPEN)
    wanted = goal(lags={"lag1": Lag(members=("p24", "p8"))})
    plan = bench.apply(wanted)
    state = bench.state
    assert state.lags["lag1"].members == ("p24", "p8")
    assert state.ports["lag1"].trunk_vlans == (10, 20)
    assert not state.ports["p23"].enabled
    assert plan[0].creates == (("lags", "lag1", "members", "p8"),)
    assert plan[0].removes == (("lags", "lag1", "members", "p23"),)


def test_all_members_can_be_exchanged(bench):
    bench.apply(BUNDLE)
    bench.apply(goal(lags={"lag1": Lag(members=("p7", "p8"))}))
    assert bench.state.lags["lag1"].members == ("p7", "p8")


def test_a_lag_gets_another_name_and_its_links_stay_open(bench):
    bench.apply(BUNDLE_OPEN)
    renamed = goal(absent=["lag1"], lag2=TRUNK, lags={"lag2": Lag(members=("p23", "p24"), lacp="active")})
    bench.apply(renamed)
    state = bench.state
    assert set(state.lags) == {"lag2"}
    assert (state.ports["p23"].enabled, state.ports["p24"].enabled) == (True, True)


def test_a_member_moves_from_one_lag_to_another(bench):
    bench.apply(goal(lags={"lag1": Lag(members=("p7", "p8", "p6")), "lag2": Lag(members=("p4", "p5"))}))
    wanted = goal(lags={"lag1": Lag(members=("p7", "p8")), "lag2": Lag(members=("p4", "p5", "p6"))})
    bench.apply(wanted)
    assert compare(wanted, bench.state) == ()
    assert bench.state.ports["p6"].enabled


def test_descriptions_of_ports_survive_bundling_and_unbundling(bench):
    bench.apply(goal(p24=Port(description="to sw2")))
    bench.apply(BUNDLE)
    assert bench.state.ports["p24"].description == "to sw2"
    bench.apply(goal(p24=Port(description="to sw2, second")))
    bench.apply(goal(absent=["lag1"]))
    assert bench.state.ports["p24"].description == "to sw2, second"


def test_a_lag_is_enabled_while_any_member_is(bench):
    bench.apply(BUNDLE)
    assert bench.state.ports["lag1"].enabled
    bench.apply(goal(lag1=Port(enabled=False)))
    assert not bench.state.ports["p24"].enabled
    bench.apply(goal(lag1=Port(enabled=True), p23=Port(enabled=False)))
    assert (bench.state.ports["p23"].enabled, bench.state.ports["p24"].enabled) == (False, True)


def test_the_bridges_own_port_is_changed_only_when_declared(bench):
    assert bench.state.ports["br0"].access_vlan == 99
    for step in bench.plan(GOALS["LAG with everything"]):
        assert ("ports", "br0") not in {path[:2] for path in step.touches}
    bench.apply(goal(br0=Port(mode="access", access_vlan=98)))
    assert bench.state.ports["br0"].access_vlan == 98


@pytest.mark.parametrize(
    ("wanted", "leaf"),
    [
        (goal(p77=Port(mode="access", access_vlan=10)), r"ports\.p77 .*no port p77"),
        (goal(p1=Port(stp=Stp(bpdu_guard=True))), r"ports\.p1\.stp\.bpdu_guard"),
        (goal(lags={"lag1": Lag(members=("p1", "p2"), min_links=1)}), r"lags\.lag1\.min_links"),
        (goal(lags={"lag1": Lag(members=("p1", "p77"))}), r"lags\.lag1\.members\.p77"),
        (goal(lags={"lag1": Lag(members=())}), r"lags\.lag1\.members"),
        (goal(lags={"p3": Lag(members=("p1", "p2"))}), r"lags\.p3 "),
        (goal(lags={"lag1": Lag(members=("p1", "br0"))}), r"lags\.lag1\.members\.br0"),
        (goal(p1=Port(trunk_vlans=(10,))), r"ports\.p1\.trunk_vlans"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_the_leaf(bench, wanted, leaf):
    with pytest.raises(Unsupported, match=leaf):
        bench.plan(wanted)


def test_switching_on_a_member_is_refused_with_the_place_where_it_belongs(bench):
    bench.apply(BUNDLE)
    with pytest.raises(Unsupported, match=r"declare it at ports\.lag1"):
        bench.plan(goal(p23=Port(mode="access", access_vlan=10)))


vlans = st.sets(st.integers(1, 4094), max_size=4).map(lambda found: tuple(sorted(found)))
switched = st.one_of(
    st.builds(Port, mode=st.just("access"), access_vlan=st.integers(1, 4094)),
    st.builds(
        Port,
        mode=st.just("trunk"),
        native_vlan=st.one_of(st.none(), st.just("none"), st.integers(1, 4094)),
        trunk_vlans=st.one_of(st.none(), st.just("all"), vlans),
    ),
)


@given(ways=st.lists(switched, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_from_any_switching_to_any_other_and_back(ways):
    bench = Bench()
    for port in ways:
        observed = bench.state
        plan = bench.apply(goal(p1=port))
        assert bench.plan(goal(p1=port)) == ()
        for step in reversed(plan):
            bench.run(step.undo)
        assert bench.state == observed
        bench.apply(goal(p1=port))
