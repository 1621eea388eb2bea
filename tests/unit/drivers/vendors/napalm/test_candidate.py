"""Changes by NAPALM's candidate on EOS: what was begun over one connection is ended over another."""

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Port, State, Vlan
from drivers.errors import Rejected, Unsupported
from drivers.registry import make_driver
from tests.unit.drivers.libraries.eos_twin import EosBench

pytestmark = [pytest.mark.unit, pytest.mark.usefixtures("brisk")]

GOAL = Goal(State(vlans={30: Vlan(name="blue")}, ports={"Ethernet5": Port(description="web-05", enabled=False)}))


async def driver_on(bench):
    return make_driver(await bench.open(), load_profiles()["napalm_eos"])


async def begun(bench):
    """A change that waits, whose driver is gone."""
    driver = await driver_on(bench)
    await driver.apply_all(driver.plan(GOAL, await driver.read(())), within_s=60.0)
    await driver.close()


async def test_a_change_is_confirmed_after_a_new_login():
    bench = EosBench()
    await begun(bench)
    driver = await driver_on(bench)
    await driver.confirm()
    await bench.later(120.0)
    state = await driver.read(())
    assert (state.vlans[30].name, state.ports["Ethernet5"].description) == ("blue", "web-05")
    assert bench.candidates == {}
    await driver.close()


async def test_a_change_is_taken_back_after_a_new_login():
    bench = EosBench()
    await begun(bench)
    driver = await driver_on(bench)
    await driver.revert()
    assert 30 not in (await driver.read(())).vlans
    with pytest.raises(Rejected, match="no commit waits"):
        await driver.confirm()
    await driver.close()


async def test_a_refused_line_leaves_nothing():
    bench = EosBench()
    driver = await driver_on(bench)
    steps = driver.plan(Goal(State(vlans={31: Vlan(name="red")})), await driver.read(()))
    bad = type(steps[0])(
        capability="vlans", text="nonsense", commands=("vlan 31", "nonsense here"), undo=(), impact="none"
    )
    with pytest.raises(Rejected, match="refuses the change"):
        await driver.apply(bad)
    assert 31 not in bench.switch.config.vlans
    assert bench.candidates == {}
    await driver.close()


async def test_what_no_getter_tells_is_not_declared():
    driver = await driver_on(EosBench())
    observed = await driver.read(())
    with pytest.raises(Unsupported, match=r"ports\.Ethernet5\.mode is declared"):
        driver.plan(Goal(State(ports={"Ethernet5": Port(mode="access", access_vlan=10)})), observed)
    with pytest.raises(Unsupported, match="no such port"):
        driver.plan(Goal(State(ports={"Ethernet99": Port(enabled=False)})), observed)
    await driver.close()
