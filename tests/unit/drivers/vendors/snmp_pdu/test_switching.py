"""Each PDU profile's outlets are found, switched, awaited and named on a device that is as the profile says."""

from dataclasses import replace

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Outlet, State
from drivers.errors import Busy, Garbled, Rejected, Unsupported
from drivers.snmp.values import Integer, oid
from drivers.vendors.snmp_pdu.driver import SnmpPdu
from pointsman.twins.snmp.agent import Direct
from pointsman.twins.snmp.outlets import Pdu

pytestmark = pytest.mark.unit

PDUS = {name: profile for name, profile in load_profiles().items() if profile.driver == "snmp_pdu"}
SWITCHED = sorted(name for name, profile in PDUS.items() if "outlets.power" in profile.capabilities)
PENDING = oid("1.3.6.1.4.1.318.1.1.26.9.2.3.1.6.3")
COMMAND = oid("1.3.6.1.4.1.318.1.1.26.9.2.4.1.5.3")


def opened(name, **values):
    device = Pdu(PDUS[name], **values)
    return device, SnmpPdu(Direct(device), PDUS[name])


def impatient(device):
    return SnmpPdu(Direct(device), replace(device.profile, quirks={"done_within_s": 0.05}))


def power(key, wanted):
    return Goal(State(outlets={key: Outlet(power=wanted)}))


async def converge(driver, goal):
    for step in driver.plan(goal, await driver.read(())):
        await driver.apply(step)
    return await driver.read(())


@pytest.mark.parametrize("name", SWITCHED)
async def test_an_outlet_goes_off_and_on_and_the_others_stay(name):
    device, driver = opened(name, late=1)
    key = list((await driver.read(())).outlets)[2]
    state = await converge(driver, power(key, "off"))
    assert [other for other, outlet in state.outlets.items() if outlet.power == "off"] == [key]
    assert [place for place, outlet in device.outlets.items() if not outlet.on] == [3]
    state = await converge(driver, power(key, "on"))
    assert {outlet.power for outlet in state.outlets.values()} == {"on"}
    assert driver.plan(power(key, "on"), state) == ()


@pytest.mark.parametrize("name", sorted(PDUS))
async def test_outlets_have_names_and_the_device_tells_what_feeds_them(name):
    _, driver = opened(name)
    state, operation, facts = await driver.read(()), await driver.operation(()), await driver.facts()
    assert len(state.outlets) == 8
    assert set(operation.outlets) == set(state.outlets) == set(facts["power"]["outlets"])
    assert driver.unread == ()
    assert ("outlets.power" in PDUS[name].capabilities) == all(each.power for each in state.outlets.values())


async def test_what_is_off_goes_first():
    _, driver = opened("apc_pdu")
    await converge(driver, power("1", "off"))
    goal = Goal(State(outlets={"1": Outlet(power="on"), "2": Outlet(power="off")}))
    assert [step.text for step in driver.plan(goal, await driver.read(()))] == [
        "outlet 2: power off",
        "outlet 1: power on",
    ]


async def test_a_command_that_is_accepted_and_not_done_is_told():
    device, _ = opened("apc_pdu")
    device.lazy.add(COMMAND)
    driver = impatient(device)
    with pytest.raises(Rejected, match="was accepted, and is not done"):
        await converge(driver, power("3", "off"))


async def test_an_outlet_that_has_a_command_under_way_is_not_given_another():
    device, _ = opened("apc_pdu")
    driver = impatient(device)
    (step,) = driver.plan(power("3", "off"), await driver.read(()))
    device.outlets[3].left, device.outlets[3].wanted = 10_000, True
    writes = device.writes
    with pytest.raises(Busy, match=r"1\.3\.6\.1\.4\.1\.318\.1\.1\.26\.9\.2\.3\.1\.6\.3"):
        await driver.apply(step)
    assert device.writes == writes


async def test_an_outlet_that_is_only_measured_is_not_tried():
    device, _ = opened("apc_pdu")
    device.profile = PDUS["apc_pdu_metered"]
    driver = SnmpPdu(Direct(device), PDUS["apc_pdu_metered"])
    with pytest.raises(Unsupported, match=r"outlets\.3\.power"):
        driver.plan(power("3", "off"), await driver.read(()))


async def test_an_outlet_that_is_not_there_is_named():
    _, driver = opened("apc_pdu")
    with pytest.raises(Unsupported, match=r"outlets\.77"):
        driver.plan(power("77", "off"), await driver.read(()))


async def test_a_device_that_shows_nothing_of_a_pdu_is_no_pdu_without_outlets():
    device, driver = opened("apc_pdu", count=0)
    device.variables = dict
    with pytest.raises(Garbled, match="shows nothing of a PDU"):
        await driver.read(())


async def test_a_state_that_nobody_knows_is_told_with_its_variable_and_not_guessed():
    device, driver = opened("apc_pdu")
    whole, strange = device.variables, (*oid("1.3.6.1.4.1.318.1.1.26.9.2.3.1.5"), 3)
    device.variables = lambda: whole() | {strange: Integer(77)}
    state = await driver.read(())
    assert [key for key, outlet in state.outlets.items() if outlet.power is None] == ["3"]
    (said,) = driver.unread
    assert said.startswith("1.3.6.1.4.1.318.1.1.26.9.2.3.1.5.3 ")
    assert "77" in said
    with pytest.raises(Unsupported, match=r"outlets\.3\.power"):
        driver.plan(power("3", "off"), state)


@pytest.mark.parametrize("unit", [1, 2])
async def test_outlets_of_a_further_unit_bear_its_number(unit):
    device, driver = opened("raritan_px2", count=1)
    whole, table = device.variables, oid("1.3.6.1.4.1.13742.6")
    places = {len(table) + 5}
    device.variables = lambda: {
        (*name[:-2], unit, name[-1]) if name[: len(table)] == table and len(name) - 2 in places else name: value
        for name, value in whole().items()
    }
    assert list((await driver.read(())).outlets) == [{1: "1", 2: "2-1"}[unit]]


@pytest.mark.parametrize("name", SWITCHED)
async def test_what_shows_as_before_is_the_same_state_and_what_is_switched_by_hand_is_seen(name):
    device, driver = opened(name)
    state = await driver.read(())
    assert await driver.read(()) is state
    device.outlets[2].on = device.outlets[2].wanted = False
    shown = await driver.read(())
    assert [outlet.power for outlet in shown.outlets.values()].count("off") == 1
    device.outlets[2].on = device.outlets[2].wanted = True
    assert await driver.read(()) == state
