"""Who owns what is settled in one place: sets, new trunks, releases, what a device cannot do or does not have."""

from dataclasses import replace

import pytest

from agents.goal import settle
from device_profiles.compare import compare
from device_profiles.desired import Desired, Held
from device_profiles.state import Export, Lag, Port, State, Vlan, Volume
from tests.unit.agents.devices import CAPABILITIES, PROFILE

pytestmark = pytest.mark.unit


def settled(state, observed, *, ledger=(), profile=PROFILE, **more):
    desired = Desired(node="sw1", generation=1, state=state, **more)
    return settle(desired, observed, ledger=set(ledger), profile=profile, capabilities=frozenset(profile.capabilities))


def reasons(found):
    return [(item.path, item.reason) for item in found]


def trunk(*vlans, **more):
    return State(ports={"p1": Port(mode="trunk", trunk_vlans=vlans, **more)})


def vlans_of(result, port="p1"):
    return result.goal.state.ports[port].trunk_vlans


class TestSets:
    def test_what_is_declared_joins_what_is_there(self):
        result = settled(State(ports={"p1": Port(trunk_vlans=(40,))}), trunk(10, 20))
        assert vlans_of(result) == (10, 20, 40)

    def test_what_we_made_and_nobody_declares_goes_and_what_we_found_stays(self):
        ours = [("ports", "p1", "trunk_vlans", "40"), ("ports", "p1", "trunk_vlans", "50")]
        result = settled(State(ports={"p1": Port(trunk_vlans=(50,))}), trunk(10, 40, 50), ledger=ours)
        assert vlans_of(result) == (10, 50)

    def test_the_last_of_ours_goes_when_the_set_is_declared_by_nobody(self):
        result = settled(State(), trunk(10, 40), ledger=[("ports", "p1", "trunk_vlans", "40")])
        assert vlans_of(result) == (10,)

    def test_an_exact_set_holds_what_is_declared(self):
        result = settled(
            State(ports={"p1": Port(trunk_vlans=(40,))}), trunk(10, 20), exclusive=("ports.p1.trunk_vlans",)
        )
        assert vlans_of(result) == (40,)

    def test_an_exact_set_never_removes_vlan_1_nor_the_reserved(self):
        profile = replace(PROFILE, reserved_vlans=(1002,))
        result = settled(
            State(ports={"p1": Port(trunk_vlans=(40,))}),
            trunk(1, 10, 1002),
            exclusive=("ports.p1.trunk_vlans",),
            profile=profile,
        )
        assert vlans_of(result) == (1, 40, 1002)

    def test_all_holds_what_is_declared_already(self):
        observed = State(ports={"p1": Port(mode="trunk", trunk_vlans="all")})
        result = settled(State(ports={"p1": Port(trunk_vlans=(40,))}), observed)
        assert compare(result.goal, observed) == ()

    def test_all_can_be_declared_and_goes_again(self):
        result = settled(State(ports={"p1": Port(trunk_vlans="all")}), trunk(10))
        assert vlans_of(result) == "all"
        observed = State(ports={"p1": Port(mode="trunk", trunk_vlans="all")})
        result = settled(
            State(ports={"p1": Port(trunk_vlans=(40,))}), observed, ledger=[("ports", "p1", "trunk_vlans", "all")]
        )
        assert vlans_of(result) == (40,)

    def test_held_sets_are_left_though_we_made_part_of_them(self):
        held = (Held(path="ports.p1.access_vlan", roles=("a", "b"), message=""),)
        result = settled(State(), trunk(10, 40), ledger=[("ports", "p1", "trunk_vlans", "40")], held=held)
        assert result.goal.state == State()

    def test_initiators_and_luns_are_owned_by_element_too(self):
        profile = replace(PROFILE, capabilities=("exports", "exports.initiators", "exports.luns"))
        observed = State(exports={"e": Export(initiators=("a", "b"), luns={1: "one", 2: "two"})})
        ours = [("exports", "e", "initiators", "b"), ("exports", "e", "luns", "2")]
        state = State(exports={"e": Export(initiators=("c",), luns={3: "three"})})
        item = settled(state, observed, ledger=ours, profile=profile).goal.state.exports["e"]
        assert (item.initiators, item.luns) == (("a", "c"), {1: "one", 3: "three"})


class TestTrunks:
    @pytest.mark.parametrize("shown", [Port(), Port(mode="access", access_vlan=7)])
    def test_a_new_trunk_has_only_what_is_declared(self, shown):
        result = settled(trunk(10), State(ports={"p1": shown}))
        assert vlans_of(result) == (10,)
        assert result.fresh == {("ports", "p1", "trunk_vlans")}

    def test_a_new_trunk_without_vlans_carries_none(self):
        assert vlans_of(settled(State(ports={"p1": Port(mode="trunk")}), State(ports={"p1": Port()}))) == ()

    def test_a_trunk_that_is_one_already_keeps_its_vlans(self):
        result = settled(State(ports={"p1": Port(mode="trunk")}), trunk(10))
        assert vlans_of(result) is None

    def test_while_its_mark_stands_a_trunk_is_exact_though_it_shows_all(self):
        observed = State(ports={"p1": Port(mode="trunk", trunk_vlans="all")})
        assert vlans_of(settled(trunk(10), observed, ledger=[("ports", "p1", "trunk_vlans")])) == (10,)

    @pytest.mark.parametrize(
        ("declared", "shown", "leaf"),
        [
            (Port(trunk_vlans=(10,)), Port(mode="access", access_vlan=1), "trunk_vlans"),
            (Port(native_vlan=10), Port(), "native_vlan"),
            (Port(access_vlan=10), Port(mode="trunk", trunk_vlans=()), "access_vlan"),
        ],
    )
    def test_vlans_without_a_mode_do_not_turn_a_port(self, declared, shown, leaf):
        result = settled(State(ports={"p1": declared}), State(ports={"p1": shown}))
        assert reasons(result.problems) == [(f"ports.p1.{leaf}", "ModeNotDeclared")]
        assert result.goal.state == State()

    def test_an_access_port_needs_its_vlan(self):
        result = settled(State(ports={"p1": Port(mode="access", description="x")}), State(ports={"p1": Port()}))
        assert reasons(result.problems) == [("ports.p1.access_vlan", "Incomplete")]
        assert result.goal.state.ports["p1"] == Port(description="x")

    def test_a_port_in_a_mode_that_is_not_modelled_is_written_over_only_by_leave(self):
        observed = State(ports={"p1": Port(mode="other", native="switchport voice vlan 5")})
        result = settled(trunk(10), observed)
        assert [reason for _, reason in reasons(result.problems)] == ["Unmodelled"]
        assert result.goal.state == State()
        assert vlans_of(settled(trunk(10), observed, allow=("unmodelled",))) == (10,)


class TestLacks:
    def test_what_the_device_cannot_do_is_named_and_the_rest_converges(self):
        state = State(lags={"lag1": Lag(members=("p1",), min_links=2)}, ports={"p1": Port(description="x")})
        result = settled(state, State(ports={"p1": Port()}))
        assert reasons(result.problems) == [("lags.lag1.min_links", "Unsupported")]
        assert result.goal.state == State(lags={"lag1": Lag(members=("p1",))}, ports={"p1": Port(description="x")})

    def test_a_group_with_a_part_that_is_unsupported_is_left_out_whole(self):
        capabilities = tuple(name for name in CAPABILITIES if name != "ports.native_vlan")
        result = settled(
            trunk(10, native_vlan=5, description="x"),
            State(ports={"p1": Port()}),
            profile=replace(PROFILE, capabilities=capabilities),
        )
        assert reasons(result.problems) == [("ports.p1.native_vlan", "Unsupported")]
        assert {note.path for note in result.notes} == {"ports.p1.mode", "ports.p1.trunk_vlans"}
        assert result.goal.state.ports["p1"] == Port(description="x")

    def test_vlans_that_are_there_by_use_ask_nothing(self):
        capabilities = tuple(name for name in CAPABILITIES if not name.startswith("vlans"))
        profile = replace(PROFILE, capabilities=capabilities, implicit=("vlans", "vlans.name"))
        result = settled(State(vlans={10: Vlan(name="ten")}), State(), profile=profile)
        assert (result.goal.state, result.problems) == (State(), ())

    def test_a_port_that_is_not_there_is_named(self):
        result = settled(State(ports={"p9": Port(description="x")}), State(ports={"p1": Port()}))
        assert reasons(result.problems) == [("ports.p9", "NoSuchPort")]

    def test_the_port_of_a_bundle_is_there_when_the_bundle_will_be(self):
        state = State(lags={"lag1": Lag(members=("p1",))}, ports={"lag1": Port(mode="trunk", trunk_vlans=(10,))})
        result = settled(state, State(ports={"p1": Port()}))
        assert result.problems == ()
        assert vlans_of(result, "lag1") == (10,)

    def test_members_that_are_not_there_are_named_and_left_out(self):
        result = settled(State(lags={"lag1": Lag(members=("p1", "p9"))}), State(ports={"p1": Port()}))
        assert reasons(result.problems) == [("lags.lag1.members.p9", "NoSuchPort")]
        assert result.goal.state.lags["lag1"].members == ("p1",)

    def test_a_bundle_of_nothing_is_not_made_and_nor_is_its_port(self):
        state = State(lags={"lag1": Lag(members=("p9",))}, ports={"lag1": Port(description="x")})
        result = settled(state, State(ports={"p1": Port()}))
        assert result.goal.state == State()
        assert reasons(result.problems) == [("lags.lag1.members.p9", "NoSuchPort"), ("ports.lag1", "NoSuchPort")]


class TestReleases:
    def test_objects_that_we_made_go_and_found_ones_stay(self):
        observed = State(
            lags={"lag1": Lag(members=("p1",)), "lag2": Lag(members=("p2",))}, vlans={10: Vlan(), 20: Vlan()}
        )
        result = settled(
            State(), observed, ledger=[("lags", "lag1"), ("lags", "lag1", "members", "p1"), ("vlans", "10")]
        )
        assert result.goal.absent == {("lags", "lag1"), ("vlans", "10")}
        assert result.goal.state == State()

    @pytest.mark.parametrize(
        "port",
        [
            Port(mode="access", access_vlan=10),
            Port(mode="trunk", trunk_vlans=(10, 20)),
            Port(mode="trunk", native_vlan=10, trunk_vlans=()),
        ],
    )
    def test_a_vlan_that_something_uses_stays_until_nothing_does(self, port):
        observed = State(vlans={10: Vlan()}, ports={"p1": port})
        result = settled(State(), observed, ledger=[("vlans", "10")])
        assert result.goal.absent == frozenset()
        assert reasons(result.notes) == [("vlans.10", "InUse")]

    def test_a_vlan_goes_with_the_last_use_that_goes_in_the_same_pass(self):
        observed = State(vlans={10: Vlan()}, ports={"p1": Port(mode="trunk", trunk_vlans=(10, 20))})
        ours = [("vlans", "10"), ("ports", "p1", "trunk_vlans", "10")]
        result = settled(State(), observed, ledger=ours)
        assert result.goal.absent == {("vlans", "10")}
        assert vlans_of(result) == (20,)

    def test_a_trunk_of_all_vlans_keeps_none_of_them(self):
        observed = State(vlans={10: Vlan()}, ports={"p1": Port(mode="trunk", trunk_vlans="all")})
        assert settled(State(), observed, ledger=[("vlans", "10")]).goal.absent == {("vlans", "10")}

    def test_what_is_declared_anew_does_not_go(self):
        observed = State(vlans={10: Vlan()})
        assert settled(State(vlans={10: Vlan()}), observed, ledger=[("vlans", "10")]).goal.absent == frozenset()

    def test_volumes_are_never_removed(self):
        profile = replace(PROFILE, capabilities=("volumes", "volumes.size"))
        observed = State(volumes={"v": Volume(size=1)})
        assert settled(State(), observed, ledger=[("volumes", "v")], profile=profile).goal.absent == frozenset()

    def test_a_bundle_that_is_held_in_a_conflict_stays(self):
        held = (Held(path="lags.lag1.lacp", roles=("a", "b"), message=""),)
        observed = State(lags={"lag1": Lag(members=("p1",))})
        assert settled(State(), observed, ledger=[("lags", "lag1")], held=held).goal.absent == frozenset()

    def test_a_bundle_stays_whole_while_somebody_declares_its_port(self):
        observed = State(lags={"lag1": Lag(members=("p1",))}, ports={"p1": Port(), "lag1": Port()})
        ours = [("lags", "lag1"), ("lags", "lag1", "members", "p1")]
        result = settled(State(ports={"lag1": Port(description="x")}), observed, ledger=ours)
        assert result.goal.absent == frozenset()
        assert result.goal.state.lags == {}
        assert reasons(result.notes) == [("lags.lag1", "InUse")]


class TestPortsThatWereShutForAMoment:
    SHUT = State(ports={"p1": Port(enabled=False)})
    MARK = (("ports", "p1", "enabled"),)

    def test_whatever_is_declared_of_it_such_a_port_is_opened(self):
        assert settled(State(), self.SHUT, ledger=self.MARK).goal.state.ports["p1"] == Port(enabled=True)
        declared = State(ports={"p1": Port(description="x")})
        opened = settled(declared, self.SHUT, ledger=self.MARK).goal.state.ports["p1"]
        assert opened == Port(description="x", enabled=True)

    def test_one_that_shall_be_shut_stays_shut(self):
        assert settled(self.SHUT, self.SHUT, ledger=self.MARK).goal.state == self.SHUT

    def test_one_that_is_not_there_or_cannot_be_opened_is_left_alone(self):
        assert settled(State(), State(), ledger=self.MARK).goal.state == State()
        profile = replace(PROFILE, capabilities=tuple(set(CAPABILITIES) - {"ports.enabled"}))
        assert settled(State(), self.SHUT, ledger=self.MARK, profile=profile).goal.state == State()
