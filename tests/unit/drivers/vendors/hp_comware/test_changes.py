"""Changes on twins of Comware and VRP: the lines that are told, and what is there after them."""

import pytest

from device_profiles.compare import Goal
from device_profiles.state import Lag, Port, State, Stp, Vlan
from drivers.errors import Rejected, Unsupported
from pointsman.subjects.hp_comware import switch
from pointsman.twins.languages import comware_session
from pointsman.twins.languages.comware_session import ComwareSession
from tests.unit.drivers.vendors.on_twins import OnTwin

pytestmark = pytest.mark.unit


class Bench(OnTwin):
    """A twin, and a driver on it."""

    def __init__(self, profile):
        self.switch = switch(profile)
        self.ports = [name for name in self.switch.config.interfaces if name.startswith("Gigabit")]
        self.bundle = self.switch.dialect.bundle
        super().__init__(profile, lambda: ComwareSession(self.switch))


@pytest.fixture(params=["hp_comware", "huawei_vrp"])
async def bench(request):
    made = Bench(request.param)
    yield made
    await made.driver.close()


def goal(*, absent=(), **sections):
    return Goal(State(**sections), frozenset(absent))


async def test_long_lists_go_in_several_lines_and_come_back(bench):
    vlans = tuple(range(100, 160, 2))
    wanted = goal(ports={bench.ports[5]: Port(mode="trunk", trunk_vlans=vlans)})
    (step,) = await bench.plan(wanted)
    assert sum(" vlan 1" in line and "undo" not in line for line in step.commands) >= 3
    shown = (await bench.converge(wanted)).ports[bench.ports[5]]
    assert (shown.trunk_vlans, shown.native_vlan) == (vlans, "none")


async def test_a_trunk_is_changed_by_element(bench):
    port = bench.ports[5]
    await bench.converge(goal(ports={port: Port(mode="trunk", trunk_vlans=(10, 20, 30))}))
    (step,) = await bench.plan(goal(ports={port: Port(mode="trunk", trunk_vlans=(10, 30, 40))}))
    permit = bench.switch.dialect.permit
    # Nobody knows which VLAN that is not permitted takes the untagged frames, so it is said again before others are.
    drops = "port trunk pvid vlan 1"
    assert step.commands == (f"interface {port}", drops, f"{permit} 40", f"undo {permit} 20", "quit")


async def test_a_port_is_shut_while_its_link_type_changes(bench):
    port = bench.ports[5]
    (step,) = await bench.plan(goal(ports={port: Port(mode="trunk", trunk_vlans=(10,))}))
    assert (step.commands[1], step.commands[-2]) == ("shutdown", "undo shutdown")
    shut = goal(ports={port: Port(mode="trunk", trunk_vlans=(10,), enabled=False)})
    lines = [line for step in await bench.plan(shut) for line in step.commands]
    assert "undo shutdown" not in lines


async def test_a_hybrid_port_that_is_a_trunk_is_changed_by_way_of_a_new_one(bench):
    port = bench.ports[2]
    before = await bench.driver.read(())
    assert (before.ports[port].mode, before.ports[port].native_vlan) == ("trunk", 10)
    wanted = goal(ports={port: Port(mode="trunk", trunk_vlans=(20, 30))})
    (step,) = await bench.plan(wanted)
    state = await bench.converge(wanted)
    assert (state.ports[port].trunk_vlans, state.ports[port].native_vlan) == ((20, 30), 10)
    assert state.ports[port].native is None
    await bench.driver.undo(step)
    assert await bench.driver.read(()) == before


async def test_a_phone_s_port_is_other_and_can_be_put_back(bench):
    port = bench.ports[1]
    before = await bench.driver.read(())
    assert before.ports[port].mode == "other"
    wanted = goal(ports={port: Port(mode="access", access_vlan=20)})
    (step,) = await bench.plan(wanted)
    assert (await bench.converge(wanted)).ports[port].access_vlan == 20
    await bench.driver.undo(step)
    assert await bench.driver.read(()) == before


async def test_a_refusal_leaves_the_view_it_happened_in(bench):
    port = bench.ports[5]
    (step,) = await bench.plan(goal(ports={port: Port(mode="access", access_vlan=999)}))
    with pytest.raises(Rejected, match="VLAN does not exist"):
        await bench.driver.apply(step)
    state = await bench.converge(goal(vlans={30: Vlan(name="new")}, ports={port: Port(stp=Stp(edge=True))}))
    assert (state.vlans[30].name, state.ports[port].stp.edge) == ("new", True)


async def test_members_carry_what_their_lag_carries(bench):
    lag, members = f"{bench.bundle}7", tuple(sorted(bench.ports[-2:]))
    carrying = Port(mode="trunk", trunk_vlans=(10,))
    await bench.converge(goal(lags={lag: Lag(members=members, lacp="active", min_links=2)}, ports={lag: carrying}))
    await bench.converge(goal(ports={lag: Port(mode="trunk", trunk_vlans=(10, 20))}))
    operation = await bench.driver.operation({"ports"})
    assert [operation.ports[name].bundled for name in (lag, *members)] == [True, True, True]


async def test_vrp_has_no_passive_lacp():
    made = Bench("huawei_vrp")
    with pytest.raises(Unsupported, match=r"lags\.Eth-Trunk7\.lacp is passive"):
        await made.plan(goal(lags={"Eth-Trunk7": Lag(members=made.ports[-1:], lacp="passive")}))
    await made.driver.close()


async def test_an_mtu_that_cannot_be_said_is_refused():
    made = Bench("hp_comware")
    with pytest.raises(Unsupported, match="1500 or 1514 to 9978"):
        await made.plan(goal(ports={made.ports[5]: Port(mtu=1510)}))
    await made.driver.close()


async def test_saving_answers_what_it_asks(bench):
    await bench.converge(goal(vlans={30: Vlan(name="new")}))
    await bench.driver.save()
    assert bench.switch.saves == 1
    assert bench.switch.startup.vlans[30] == "new"


async def test_an_older_switch_is_asked_for_its_neighbours_in_its_own_words(monkeypatch):
    made = Bench("hp_comware")
    shows = dict(comware_session._SHOWS["comware"])
    shows["lldp neighbor-information"] = shows.pop("lldp neighbor-information verbose")
    monkeypatch.setitem(comware_session._SHOWS, "comware", shows)
    assert [link.name for link in await made.driver.links()] == ["sw2.example.net"]
    await made.driver.close()
