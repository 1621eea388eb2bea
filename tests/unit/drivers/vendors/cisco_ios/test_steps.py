"""Plans, tried on twins: they lead to their goal, repeat harmlessly, lead back, and are said in few lines."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_profiles.compare import Goal, compare
from device_profiles.state import Lag, Port, State, Stp, Vlan
from drivers.errors import Unsupported
from drivers.vendors.cisco_ios import reading, switching_lines
from drivers.vendors.cisco_ios.steps import plan
from pointsman.twins.languages import ios_like_shows
from pointsman.twins.languages.ios_like import Interface, Switch
from pointsman.twins.languages.ios_like_config import Configuring
from tests.unit.drivers.vendors.cisco_ios.ios_like_devices import PROFILES, dialect

pytestmark = pytest.mark.unit

IOS = dialect("cisco_ios")
LONG = tuple(range(100, 900, 2))


def state_of(switch):
    apart = ios_like_shows.vlan_brief(switch) if switch.dialect.late_vlans else None
    return reading.parse(ios_like_shows.running_config(switch), apart, dialect(switch.profile))


def type_in(switch, lines):
    place = Configuring(switch)
    for line in lines:
        if line == "exit":
            place.leave()
            continue
        said = place.run(line)
        assert said == "", f"{line}: {said}"
    place.leave()


def reach(switch, goal):
    """Plan and apply, each step twice, and see that nothing is left to do."""
    steps = plan(goal, state_of(switch), dialect(switch.profile))
    for step in steps:
        type_in(switch, step.commands)
        type_in(switch, step.commands)
    assert compare(goal, state_of(switch)) == ()
    assert plan(goal, state_of(switch), dialect(switch.profile)) == ()
    return steps


def lines_for(before, after, profile="cisco_xe"):
    return switching_lines.lines(before, after, dialect(profile))


def trunk(*vlans, native="none"):
    return Port(mode="trunk", native_vlan=native, trunk_vlans=vlans)


def test_a_trunk_grows_and_shrinks_by_what_differs():
    assert lines_for(trunk(10, 20), trunk(10, 30)) == (
        "switchport trunk allowed vlan add 30",
        "switchport trunk allowed vlan remove 20",
    )


def test_a_new_trunk_is_whole_before_it_is_one():
    assert lines_for(Port(mode="access", access_vlan=5), trunk(20, native=10)) == (
        "switchport trunk allowed vlan 10,20",
        "switchport trunk native vlan 10",
        "switchport mode trunk",
        "no switchport access vlan",
    )


def test_a_native_vlan_is_exchanged_without_a_gap():
    assert lines_for(trunk(20, native=10), trunk(20, native=30)) == (
        "switchport trunk allowed vlan add 30",
        "switchport trunk native vlan 30",
        "switchport trunk allowed vlan remove 10",
    )


def test_untagged_frames_are_dropped_in_a_vlan_that_is_not_carried():
    assert "switchport trunk native vlan 4094" in lines_for(Port(), trunk(1, 10))
    assert "switchport trunk native vlan tag" in lines_for(Port(), trunk(1, 10), "arista_eos")
    with pytest.raises(Unsupported, match="drops untagged"):
        lines_for(Port(), Port(mode="trunk", native_vlan="none", trunk_vlans="all"))


def test_a_long_list_is_said_in_lines_that_fit():
    found = lines_for(Port(), trunk(*LONG))
    listed = [line for line in found if "allowed" in line]
    assert len(listed) > 10
    assert listed[0].startswith("switchport trunk allowed vlan 100,")
    assert all(line.startswith("switchport trunk allowed vlan add ") for line in listed[1:])
    assert max(map(len, found)) <= 140


vlans = st.frozensets(st.integers(1, 40), max_size=12)
trunks = st.builds(
    lambda listed, native: Port(
        mode="trunk", native_vlan=native, trunk_vlans=tuple(sorted(listed - {native})) if listed is not None else "all"
    ),
    st.one_of(st.none(), vlans),
    st.integers(1, 40),
) | st.builds(lambda listed: trunk(*sorted(listed)), vlans)
ports = trunks | st.builds(lambda vlan: Port(mode="access", access_vlan=vlan), st.integers(1, 4094))


def carried(port):
    if port.mode == "access":
        return {port.access_vlan}
    if port.mode != "trunk":
        return set(range(1, 4095))
    native = {port.native_vlan} if isinstance(port.native_vlan, int) else set()
    return native | (set(range(1, 4095)) if port.trunk_vlans == "all" else set(port.trunk_vlans or ()))


@pytest.mark.parametrize("profile", PROFILES)
@given(way=st.lists(ports | st.just(Port()), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_any_way_through_modes_is_gone_without_carrying_what_nobody_wants(profile, way):
    """Nor is there a line behind which nobody could go on: a port with VLANs and no mode may not be written over."""
    switch = Switch(profile)
    name = next(iter(switch.config.interfaces))
    before = bare = state_of(switch).ports[name]
    for wanted in way:
        after = wanted if wanted.mode else bare
        allowed = carried(before) | carried(after)
        place = Configuring(switch)
        for line in (f"interface {name}", *lines_for(before, after, profile)):
            assert place.run(line) == ""
            shown = state_of(switch).ports[name]
            assert carried(shown) <= allowed, line
            assert shown.mode != "other", line
        shown = state_of(switch).ports[name]
        fields = ("mode", "access_vlan", "native_vlan", "trunk_vlans")
        assert all(getattr(shown, field) == getattr(after, field) for field in fields)
        before = shown


def lag_name(switch, number=1):
    return f"{switch.dialect.bundle}{number}"


def names(switch):
    return [name for name in switch.config.interfaces if not name.startswith("Vlan")]


def whole_goal(switch):
    first, second, third, fourth = names(switch)[:4]
    lag = lag_name(switch)
    return Goal(
        State(
            vlans={10: Vlan(name="blue"), 20: Vlan()},
            ports={
                first: Port(
                    mode="access", access_vlan=10, description="web-07 (rack 3)", stp=Stp(edge=True, bpdu_guard=True)
                ),
                second: Port(enabled=False, mode="trunk", native_vlan=10, trunk_vlans=(20,), stp=Stp(edge=True)),
                lag: Port(mode="trunk", native_vlan="none", trunk_vlans=(10, 20), description="to sw2"),
            },
            lags={lag: Lag(members=(third, fourth), lacp="active", min_links=2)},
        )
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_all_at_once_there_and_back(profile):
    switch = Switch(profile)
    found = state_of(switch)
    steps = reach(switch, whole_goal(switch))
    assert [step.capability for step in steps[:3]] == ["ports.enabled", "vlans", "vlans"]
    for step in reversed(steps):
        type_in(switch, step.undo)
    assert state_of(switch) == found


@pytest.mark.parametrize("profile", PROFILES)
def test_a_lag_is_changed_and_taken_apart_and_comes_back(profile):
    switch = Switch(profile)
    lag, (first, second, third) = lag_name(switch), names(switch)[:3]
    base = State(lags={lag: Lag(members=(first, second), lacp="active")}, ports={lag: trunk(10)})
    reach(switch, Goal(base))
    changed = replace(base, lags={lag: Lag(members=(second, third), lacp="passive")})
    before = state_of(switch)
    steps = reach(switch, Goal(changed))
    assert not switch.config.interfaces[third].shut
    assert switch.config.interfaces[first].shut
    type_in(switch, [line for step in reversed(steps) for line in step.undo])
    assert state_of(switch) == before
    steps = reach(switch, Goal(absent=frozenset({("lags", lag)})))
    assert all(switch.config.interfaces[name].shut for name in (first, second))
    type_in(switch, [line for step in reversed(steps) for line in step.undo])
    assert state_of(switch) == before


@pytest.mark.parametrize("profile", PROFILES)
def test_a_port_leaves_a_lag_for_a_life_of_its_own(profile):
    switch = Switch(profile)
    lag, (first, second) = lag_name(switch), names(switch)[:2]
    reach(switch, Goal(State(lags={lag: Lag(members=(first, second), lacp="active")}, ports={lag: trunk(10)})))
    alone = Port(mode="access", access_vlan=10, enabled=True)
    reach(switch, Goal(State(lags={lag: Lag(members=(second,))}, ports={first: alone})))
    assert not switch.config.interfaces[first].shut
    reach(switch, Goal(State(ports={second: alone}), frozenset({("lags", lag)})))
    assert not switch.config.interfaces[second].shut


def test_a_port_moves_from_one_lag_to_another():
    switch = Switch("cisco_xe")
    one, two = lag_name(switch), lag_name(switch, 2)
    first, second, third = names(switch)[:3]
    lags = {one: Lag(members=(first, second), lacp="active"), two: Lag(members=(third,), lacp="active")}
    reach(switch, Goal(State(lags=lags, ports={one: trunk(10), two: trunk(20)})))
    moved = {one: Lag(members=(first,)), two: Lag(members=(second, third))}
    reach(switch, Goal(State(lags=moved)))
    assert switch.is_bundled(switch.config.interfaces[second])


def test_members_carry_what_their_lag_does():
    switch = Switch("cisco_ios")
    lag, (first, second) = lag_name(switch), names(switch)[:2]
    type_in(switch, [f"interface {first}", "switchport access vlan 7", "switchport mode access"])
    reach(switch, Goal(State(lags={lag: Lag(members=(first, second), lacp="active")}, ports={lag: trunk(10, 20)})))
    assert switch.is_bundled(switch.config.interfaces[first])
    reach(switch, Goal(State(ports={lag: trunk(10, 30)})))
    assert switch.is_bundled(switch.config.interfaces[first])


def test_an_edge_stays_one_when_its_port_becomes_a_trunk():
    switch = Switch("cisco_ios")
    name = names(switch)[0]
    reach(switch, Goal(State(ports={name: Port(mode="access", access_vlan=10, stp=Stp(edge=True))})))
    reach(switch, Goal(State(ports={name: trunk(10)})))
    assert state_of(switch).ports[name].stp == Stp(edge=True, bpdu_guard=False)


def test_a_phone_leaves_no_voice_vlan_behind_and_comes_back_by_undo():
    switch = Switch("cisco_xe")
    name = names(switch)[0]
    switch.config.interfaces[name] = Interface(name, mode="access", access=10, others=["switchport voice vlan 20"])
    before = state_of(switch)
    steps = reach(switch, Goal(State(ports={name: Port(mode="access", access_vlan=30)})))
    assert switch.config.interfaces[name].others == []
    type_in(switch, steps[0].undo)
    assert state_of(switch) == before


def test_a_routed_port_becomes_one_that_switches_only_where_no_address_is_lost():
    switch = Switch("cisco_xe")
    name = names(switch)[0]
    switch.config.interfaces[name] = Interface(name, routed=True)
    before = state_of(switch)
    steps = reach(switch, Goal(State(ports={name: Port(mode="access", access_vlan=30)})))
    type_in(switch, steps[0].undo)
    assert state_of(switch) == before
    addressed = Port(mode="other", native="no switchport; ip address 192.0.2.1 255.255.255.0", enabled=True)
    goal = Goal(State(ports={name: Port(mode="access", access_vlan=30)}))
    with pytest.raises(Unsupported, match="address"):
        plan(goal, State(ports={name: addressed}), IOS)


@pytest.mark.parametrize(
    ("goal", "complaint"),
    [
        (Goal(State(vlans={1002: Vlan()})), "vlans.1002 is reserved"),
        (Goal(absent=frozenset({("vlans", "1")})), "vlans.1 is reserved"),
        (Goal(State(ports={"GigabitEthernet9/9": Port(enabled=False)})), "no port GigabitEthernet9/9"),
        (Goal(State(lags={"bond0": Lag(members=("GigabitEthernet0/1",))})), "names its LAGs like Port-channel1"),
        (Goal(State(lags={"Port-channel1": Lag(members=("Gi9",))})), "no port Gi9"),
        (Goal(State(ports={"GigabitEthernet0/1": Port(mtu=9000)})), "has nothing for it"),
        (Goal(State(ports={"GigabitEthernet0/1": Port(mode="access")})), "nobody declares"),
        (Goal(State(ports={"GigabitEthernet0/1": Port(trunk_vlans=(10,))})), "has no mode"),
        (Goal(State(ports={"GigabitEthernet0/1": Port(description="x?\nreload")})), "never sent"),
    ],
)
def test_what_cannot_be_is_refused_by_name(goal, complaint):
    shown = State(vlans={1: Vlan(name="default")}, ports={"GigabitEthernet0/1": Port(enabled=True, mtu=1500)})
    with pytest.raises(Unsupported, match=complaint):
        plan(goal, shown, IOS)


def test_what_could_not_be_put_back_is_not_touched():
    odd = Port(description="who? me", enabled=True)
    pagp = State(
        ports={"GigabitEthernet0/1": odd, "Port-channel1": trunk(10)},
        lags={"Port-channel1": Lag(members=("GigabitEthernet0/1",), lacp=None)},
    )
    with pytest.raises(Unsupported, match="put back"):
        plan(Goal(State(ports={"GigabitEthernet0/1": Port(description="mine")})), pagp, IOS)
    with pytest.raises(Unsupported, match="put back"):
        plan(Goal(absent=frozenset({("lags", "Port-channel1")})), pagp, IOS)


def test_changes_of_vlans_that_others_share_need_a_word():
    goal = Goal(State(vlans={10: Vlan(name="blue")}))
    (step,) = plan(goal, State(vlans={1: Vlan(name="default")}), IOS, vtp=True)
    assert step.needs == ("vtp",)
    (step,) = plan(goal, State(vlans={1: Vlan(name="default")}), IOS)
    assert step.needs == ()
