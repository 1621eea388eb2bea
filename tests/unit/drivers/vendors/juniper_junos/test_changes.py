"""Changes on a Junos-like twin: what is planned, what a commit is, and what is waited for."""

from dataclasses import replace

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Lag, Port, State, Stp, Vlan
from drivers.conformance.memory import MemoryConnection
from drivers.contract import Confirming
from drivers.errors import Busy, Rejected, Unsupported
from drivers.vendors.juniper_junos import DRIVER
from pointsman.subjects.juniper_junos import switch
from pointsman.twins.languages.junos import Held
from pointsman.twins.languages.junos_session import JunosSession
from tests.unit.drivers.vendors.on_twins import OnTwin

pytestmark = pytest.mark.unit

PROFILE = load_profiles()["juniper_junos"]


class Bench(OnTwin):
    """A twin, a driver on it, and a clock that stands still."""

    def __init__(self, user="admin"):
        self.user = user
        self.now_s = 0.0
        self.switch = switch()
        self.switch._clock = lambda: self.now_s
        super().__init__("juniper_junos", lambda: JunosSession(self.switch, user=self.user))

    def lines(self):
        return {" ".join(words) for words in self.switch.committed}


@pytest.fixture
async def bench():
    made = Bench()
    yield made
    await made.driver.close()


def goal(*, absent=(), **sections):
    return Goal(State(**sections), frozenset(absent))


async def test_root_is_led_from_its_shell_to_the_command_line():
    made = Bench(user="root")
    assert (await made.driver.read(())).vlans[10] == Vlan(name="servers")
    await made.driver.close()


async def test_members_are_written_by_number_whatever_they_were_spelt_like(bench):
    await bench.converge(goal(ports={"ge-0/0/5": Port(mode="trunk", native_vlan=20, trunk_vlans=(1, 10, 11, 12))}))
    place = "interfaces ge-0/0/5 unit 0 family ethernet-switching vlan members"
    assert {line for line in bench.lines() if line.startswith(place)} == {
        f"{place} default", f"{place} 10-12", f"{place} 20",
    }  # fmt: skip
    assert "interfaces ge-0/0/5 native-vlan-id 20" in bench.lines()


async def test_a_vlan_without_a_name_gets_one_and_one_with_another_keeps_its_members(bench):
    await bench.converge(goal(vlans={100: Vlan()}))
    assert "vlans vlan100 vlan-id 100" in bench.lines()
    member = {"ge-0/0/3": Port(mode="access", access_vlan=20)}
    state = await bench.converge(goal(vlans={20: Vlan(name="voices")}, ports=member))
    assert state.vlans[20].name == "voices"
    assert "vlans phones vlan-id 20" not in bench.lines()


async def test_a_renamed_vlan_is_still_that_of_ports_that_named_it(bench):
    words = "interfaces {} unit 0 family ethernet-switching vlan members servers"
    bench.switch.committed[tuple(words.format("ge-0/0/4").split())] = None
    (step,) = await bench.plan(goal(vlans={10: Vlan(name="hosts")}))
    with pytest.raises(Rejected, match="servers is not defined"):
        await bench.driver.apply(step)  # a phone's port, of which the schema has no words, names it as well
    bench.switch.committed.pop(tuple(words.format("ge-0/0/1").split()))
    for _ in range(2):
        await bench.driver.apply(step)
    state = await bench.driver.read(())
    assert (state.vlans[10].name, state.ports["ge-0/0/4"].access_vlan) == ("hosts", 10)


@pytest.mark.parametrize("name", ["100", "all", "default", "10-20", "servers"])
async def test_names_that_mean_something_else_are_refused(bench, name):
    with pytest.raises(Unsupported, match=r"vlans\.100\.name"):
        await bench.plan(goal(vlans={100: Vlan(name=name)}))


async def test_the_switch_s_own_vlan_is_left_alone(bench):
    with pytest.raises(Unsupported):
        await bench.plan(goal(absent=[("vlans", "1")]))


async def test_a_port_that_routes_is_not_taken(bench):
    with pytest.raises(Unsupported, match="has an address"):
        await bench.plan(goal(ports={"ge-0/0/2": Port(mode="access", access_vlan=10)}))


async def test_room_for_lags_is_made_and_never_taken(bench):
    lag = goal(lags={"ae3": Lag(members=("ge-0/0/6",), lacp="active")})
    place = "chassis aggregated-devices ethernet device-count"
    await bench.converge(lag)
    assert f"{place} 4" in bench.lines()
    await bench.converge(goal(lags={"ae1": Lag(members=("ge-0/0/7",), lacp="off")}))
    assert f"{place} 4" in bench.lines()


async def test_steps_taken_together_are_one_commit_and_one_session(bench):
    wanted = goal(
        vlans={number: Vlan() for number in range(100, 110)},
        ports={f"ge-0/0/{number}": Port(mode="access", access_vlan=100 + number) for number in range(3, 10)},
    )
    steps = await bench.plan(wanted)
    assert issubclass(DRIVER, Confirming)
    await bench.driver.apply_all(steps)
    assert bench.switch.commits == 1
    assert await bench.plan(wanted) == ()
    assert bench.driver._session.opened == 1


async def test_what_changes_nothing_is_not_committed(bench):
    (step,) = await bench.plan(goal(vlans={100: Vlan(name="blue")}))
    await bench.driver.apply(step)
    await bench.driver.apply(step)
    assert bench.switch.commits == 1


async def test_all_or_nothing(bench):
    before = bench.lines()
    good, bad = await bench.plan(goal(vlans={100: Vlan(name="blue"), 101: Vlan(name="red")}))
    bench.switch.committed[("vlans", "other", "vlan-id", "101")] = None
    with pytest.raises(Rejected, match="used by another VLAN"):
        await bench.driver.apply_all((good, bad))
    assert bench.lines() - {"vlans other vlan-id 101"} == before
    assert bench.switch.held is None


async def test_somebody_s_session_is_waited_for(bench):
    (step,) = await bench.plan(goal(vlans={100: Vlan(name="blue")}))
    bench.switch.held = Held("bob")
    with pytest.raises(Busy, match="held by bob"):
        await bench.driver.apply(step)
    bench.switch.held = None
    await bench.driver.apply(step)
    assert "vlans blue vlan-id 100" in bench.lines()


async def test_a_confirmed_change_stays(bench):
    await bench.driver.apply_all(await bench.plan(goal(vlans={100: Vlan(name="blue")})), within_s=90)
    assert bench.switch.waits_minutes() == 2
    await bench.driver.confirm()
    bench.now_s = 1000.0
    assert "vlans blue vlan-id 100" in {" ".join(words) for words in bench.switch.config()}
    with pytest.raises(Rejected, match="no commit waits"):
        await bench.driver.confirm()


async def test_a_change_that_nobody_confirms_is_taken_back_by_the_switch(bench):
    before = await bench.driver.read(())
    await bench.driver.apply_all(await bench.plan(goal(vlans={100: Vlan(name="blue")})), within_s=60)
    bench.now_s = 61.0
    assert await bench.driver.read(()) == before
    await bench.driver.revert()
    assert await bench.driver.read(()) == before


async def test_a_change_that_waits_can_be_taken_back_at_once(bench):
    before = await bench.driver.read(())
    await bench.driver.apply_all(await bench.plan(goal(vlans={100: Vlan(name="blue")})), within_s=60)
    assert 100 in (await bench.driver.read(())).vlans
    await bench.driver.revert()
    assert await bench.driver.read(()) == before
    assert bench.switch.waits_minutes() is None


def test_older_switches_are_told_in_their_own_words():
    older = replace(PROFILE, quirks=dict(PROFILE.quirks) | {"els": False, "options": "gigether-options"})
    driver = DRIVER(MemoryConnection(lambda command, stream: None), older)
    shown = State(ports={f"ge-0/0/{number}": Port(enabled=True) for number in range(3)})
    wanted = goal(
        ports={"ge-0/0/0": Port(mode="trunk", native_vlan=20, trunk_vlans=(10,), stp=Stp(bpdu_guard=True))},
        lags={"ae0": Lag(members=("ge-0/0/1",), lacp="off")},
    )
    lines = {line for step in driver.plan(wanted, shown) for line in step.commands}
    family = "set interfaces ge-0/0/0 unit 0 family ethernet-switching"
    assert {f"{family} port-mode trunk", f"{family} vlan members 10", f"{family} native-vlan-id 20"} <= lines
    assert f"{family} vlan members 20" not in lines
    assert "set interfaces ge-0/0/1 gigether-options 802.3ad ae0" in lines
    assert "set ethernet-switching-options bpdu-block interface ge-0/0/0" in lines
