"""A PDU over Redfish: outlets are switched when they show it, and what only measures is said to."""

from dataclasses import replace

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import FOLDER, load_profile
from device_profiles.state import Outlet, State
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.vendors.redfish_pdu.driver import RedfishPdu
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.pdu import PDU, RackPdu
from pointsman.twins.redfish.service import ROOT, Direct

pytestmark = pytest.mark.unit


@pytest.fixture
def profile():
    return replace(load_profile(FOLDER / "redfish_pdu.toml"), quirks={"done_within_s": 0.2})


@pytest.fixture
def twin():
    return RackPdu()


@pytest.fixture
def driver(twin, profile):
    return RedfishPdu(Direct(twin), profile)


def goal(**values):
    return Goal(State(outlets={"B8": Outlet(**values)}))


async def converge(driver, wanted):
    for step in driver.plan(wanted, await driver.read(())):
        await driver.apply(step)
    return (await driver.read(())).outlets["B8"]


async def test_outlets_are_switched_and_named(driver):
    assert (await converge(driver, goal(power="off"))).power == "off"
    assert (await converge(driver, goal(power="on", name="web-07/psu1"))) == Outlet(power="on", name="web-07/psu1")


async def test_an_outlet_that_waits_for_its_delay_is_awaited(profile):
    driver = RedfishPdu(Direct(RackPdu(late=2)), profile)
    assert (await converge(driver, goal(power="off"))).power == "off"


async def test_an_outlet_that_takes_the_command_and_does_nothing_is_named(driver, twin):
    twin.lazy.add(f"{PDU}/Outlets/B8")
    with pytest.raises(Rejected, match="outlet B8: power off: was accepted, and is not done"):
        await converge(driver, goal(power="off"))


async def test_what_only_measures_says_so(profile):
    driver = RedfishPdu(Direct(RackPdu(switched=False)), profile)
    with pytest.raises(Unsupported, match=r"outlets\.B8\.power: the device measures this outlet"):
        await converge(driver, goal(power="off"))
    metered = RedfishPdu(Direct(RackPdu(switched=False)), load_profile(FOLDER / "redfish_pdu_metered.toml"))
    assert (await metered.read(())).outlets["B8"].power is None
    assert (await metered.facts())["power"]["switched_count"] == 0


async def test_a_name_that_cannot_be_written_is_said(driver, twin):
    del twin.resources[f"{PDU}/Outlets/B8"]["UserLabel"]
    with pytest.raises(Unsupported, match="takes no name"):
        await converge(driver, goal(name="web-07"))


async def test_labels_are_links(driver):
    (link,) = await driver.links()
    assert (link.port, link.kind, link.medium, link.name) == ("A1", "label", "power", "web-07/psu0")


async def test_what_is_measured(driver, twin):
    twin.resources[f"{PDU}/Outlets/A2"]["CurrentAmps"] = {"Reading": 0}
    operation = await driver.operation(())
    assert operation.outlets["A1"].on is True
    assert operation.outlets["A1"].volts == 230.1
    assert operation.outlets["A1"].energy_wh == 36250
    assert operation.outlets["A2"].amps == 0
    assert operation.inputs["unit-1"].watts == 1472.6
    assert operation.inputs["bank-A"].name == "Branch A"


async def test_facts(driver):
    facts = await driver.facts()
    assert facts["dmi"]["system"] == {
        "manufacturer": "Pointsman",
        "product_name": "Twin PDU",
        "serial_number": "TWPDU1",
    }
    assert facts["hostname"] == "pdu1"
    assert facts["power"]["outlet_count"] == facts["power"]["switched_count"] == 8
    assert facts["power"]["outlets"]["A1"] == {"name": "web-07/psu0", "switched": True, "type": "IEC_60320_C13"}


async def test_outlets_of_several_pdus_are_told_apart(driver, twin):
    other = f"{ROOT}/PowerEquipment/RackPDUs/2"
    twin.add_collection(f"{ROOT}/PowerEquipment/RackPDUs", ["1", "2"])
    twin.add(other, Outlets={"@odata.id": f"{other}/Outlets"})
    twin.add_collection(f"{other}/Outlets", ["A1"])
    twin.add(f"{other}/Outlets/A1", PowerState="Off")
    outlets = (await driver.read(())).outlets
    assert outlets["2.A1"].power == "off"
    assert outlets["1.A1"].power == "on"


async def test_a_service_of_something_else_is_told(profile):
    with pytest.raises(Garbled, match="no PDU"):
        await RedfishPdu(Direct(Enclosure()), profile).read(())
