"""Which slots there are and what is in them, whatever shape a service gives to it."""

from dataclasses import replace

import pytest

from device_profiles.state import Slot
from drivers.errors import Garbled
from drivers.vendors.redfish.driver import Redfish
from drivers.vendors.redfish.machines import machines_of
from drivers.vendors.redfish.quirks import Quirks
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.service import ROOT, Direct, Refused, Service

pytestmark = pytest.mark.unit


def link(path):
    return {"@odata.id": path}


def system(name, chassis="", **more):
    around = {"Links": {"Chassis": [link(f"/c/{chassis}")]}} if chassis else {}
    return {"@odata.id": f"/s/{name}", "Id": name, "PowerState": "On", **around, **more}


def chassis(name, *, inside="", holds=(), systems=(), kind="Blade", **more):
    links = {"ComputerSystems": [link(f"/s/{each}") for each in systems]}
    if inside:
        links["ContainedBy"] = link(f"/c/{inside}/")
    if holds:
        links["Contains"] = [link(f"/c/{each}") for each in holds]
    return {"@odata.id": f"/c/{name}", "Id": name, "ChassisType": kind, "Links": links, **more}


def slots(systems, bodies, **quirks):
    found = machines_of(systems, bodies, Quirks(**quirks))
    return {name: (each.system or {}).get("Id") if each.present else "-" for name, each in found.items()}


def located(kind="Bay", **part):
    return {"Location": {"PartLocation": {"LocationType": kind, **part}}}


def test_a_lone_machine_is_in_slot_1():
    assert slots([system("Self", "Self")], [chassis("Self", kind="RackMount")]) == {"1": "Self"}
    assert slots([system("Self")], []) == {"1": "Self"}


def test_a_drive_cage_in_a_server_is_no_slot():
    cage = chassis("Cage", inside="1U", kind="StorageEnclosure")
    assert slots([system("A", "1U")], [chassis("1U", holds=["Cage"], kind="RackMount"), cage]) == {"1": "A"}


def test_a_dpu_in_a_server_is_no_slot():
    assert slots([system("A"), system("Bluefield", SystemType="DPU")], []) == {"1": "A"}


def test_blades_are_named_by_their_place_or_else_by_id():
    encl = chassis("E", kind="Enclosure", holds=["B1", "B2"])
    pair = [system("x", "B1"), system("y", "B2")]
    assert slots(pair, [encl, chassis("B1"), chassis("B2")]) == {"B1": "x", "B2": "y"}
    labels = [chassis("B1", **located(ServiceLabel="Slot 7")), chassis("B2", **located(ServiceLabel="Bay B/2"))]
    assert slots(pair, [encl, *labels]) == {"7": "x", "Bay-B-2": "y"}
    numbers = [chassis("B1", **located(LocationOrdinalValue=0)), chassis("B2", **located(LocationOrdinalValue=1))]
    assert slots(pair, [encl, *numbers]) == {"0": "x", "1": "y"}
    doubled = [chassis(name, **located(LocationOrdinalValue=0)) for name in ("B1", "B2")]
    assert slots(pair, [encl, *doubled]) == {"B1": "x", "B2": "y"}
    theirs = [chassis("B1", Oem={"X": {"Bay": 4}}), chassis("B2", Oem={"X": {"Bay": 5}})]
    assert slots(pair, [encl, *theirs], slot_at=("Oem/X/Bay",)) == {"4": "x", "5": "y"}


def test_blades_of_two_enclosures_are_told_apart():
    bodies = [chassis(name, kind="Enclosure", holds=[f"{name}B"]) for name in ("E1", "E2")]
    blades = [{**chassis(f"{name}B", inside=name), "Id": "Blade1"} for name in ("E1", "E2")]
    pair = [system("x", "E1B"), system("y", "E2B")]
    assert slots(pair, [*bodies, *blades]) == {"E1.Blade1": "x", "E2.Blade1": "y"}


def test_several_machines_in_one_blade_are_told_apart():
    blade = chassis("B1", inside="E", systems=["n0", "n1"])
    assert slots([system("n0"), system("n1")], [chassis("E", kind="Enclosure"), blade]) == {
        "B1.n0": "n0",
        "B1.n1": "n1",
    }


def test_several_machines_in_no_blade_are_slots_by_id():
    assert slots([system("a"), system("b")], [chassis("C", kind="RackMount")]) == {"a": "a", "b": "b"}
    assert slots([system("a"), system("a")], []) == {"a": "a", "a-2": "a"}


def test_blades_without_systems_are_slots_that_the_chassis_switches():
    blades = [chassis(f"B{number}", inside="E") for number in (0, 1)]
    found = machines_of([], [chassis("E", kind="Enclosure"), *blades], Quirks())
    assert [machine.path for machine in found.values()] == ["/c/B0", "/c/B1"]


def test_one_system_that_every_board_claims_is_one_machine():
    boards = [chassis(name, inside="E", kind="Component", systems=["x"]) for name in ("Board", "Riser", "Backplane")]
    assert slots([system("x")], [chassis("E", kind="RackMount", systems=["x"]), *boards]) == {"1": "x"}
    blades = [chassis(name, inside="E", systems=["x"]) for name in ("B1", "B2")]
    assert slots([system("x")], [chassis("E", kind="Enclosure"), *boards, *blades]) == {"B1": "x", "B2": None}


def test_the_only_blade_of_an_enclosure_is_in_its_place():
    encl, blade = chassis("E", kind="Enclosure"), chassis("B1", inside="E", **located(ServiceLabel="Bay 5"))
    assert slots([system("x", "B1")], [encl, blade]) == {"5": "x"}
    assert slots([system("x", "B1")], [blade]) == {"1": "x"}, "the BMC of a blade knows no enclosure"


def test_an_empty_place_is_a_slot():
    bodies = [
        chassis("E", kind="Enclosure"),
        chassis("B1", inside="E"),
        chassis("B2", inside="E", Status={"State": "Absent"}),
    ]
    assert slots([system("x", "B1")], bodies) == {"B1": "x", "B2": "-"}


@pytest.mark.parametrize("broken", [None, [], "x", 7, {"Contains": None, "ComputerSystems": "x", "ContainedBy": []}])
def test_broken_links_break_nothing(broken):
    body = {**chassis("E"), "Links": broken}
    assert slots([{**system("x"), "Links": broken}], [body]) == {"1": "x"}


async def test_a_blade_that_was_moved_is_the_same_blade(driver, twin):
    def places(links):
        return {each.port: each.serial for each in links}

    assert places(await driver.links()) == {"1": "TW1-B1", "2": "TW1-B2", "3": "TW1-B3"}
    twin.insert("4", serial=twin.remove("2"))
    assert places(await driver.links()) == {"1": "TW1-B1", "3": "TW1-B3", "4": "TW1-B2"}
    state = await driver.read(())
    assert state.slots["2"] == Slot()
    assert state.slots["4"].power == "on"


async def test_links_say_what_is_in_a_slot(driver):
    found = (await driver.links())[1]
    assert (found.kind, found.medium, found.port, found.name) == ("slot", "slot", "2", "blade-tw1-b2")
    assert found.macs == ("02:00:5e:01:00:7d",)
    assert found.uuid.startswith("5e0c1d2f")


async def test_macs_of_adapters_of_every_kind(twin, profile):
    blade = twin.resources[f"{ROOT}/Systems/TW1-B1"]
    bay = twin.resources[f"{ROOT}/Chassis/Bay1"]

    async def macs(quirks=None):
        told = replace(profile, quirks={**profile.quirks, **(quirks or {})})
        return (await Redfish(Direct(twin), told).facts())["chassis"]["slots"]["1"]["macs"]

    del blade["EthernetInterfaces"]
    assert await macs() == []
    own = f"{ROOT}/Systems/TW1-B1/BaseNetworkAdapters"
    blade["Oem"] = {"Hpe": {"Links": {"NetworkAdapters": {"@odata.id": own}}}}
    twin.add_collection(own, ["1"])
    twin.add(f"{own}/1", PhysicalPorts=[{"MacAddress": "02-00-5E-AA-00-01"}, {"MacAddress": None}])
    assert await macs({"adapters_at": ["Oem/Hpe/Links/NetworkAdapters"]}) == ["02:00:5e:aa:00:01"]
    cards = f"{ROOT}/Chassis/Bay1/NetworkAdapters"
    bay["NetworkAdapters"] = {"@odata.id": cards}
    twin.add_collection(cards, ["A", "B", "C"])
    twin.add(f"{cards}/A", NetworkDeviceFunctions={"@odata.id": f"{cards}/A/F"})
    twin.add_collection(f"{cards}/A/F", ["1"])
    twin.add(f"{cards}/A/F/1", Ethernet={"MACAddress": "02005EBB0001", "PermanentMACAddress": "02005EBB00FF"})
    twin.add(f"{cards}/B", NetworkPorts={"@odata.id": f"{cards}/B/P"})
    twin.add_collection(f"{cards}/B/P", ["1"])
    twin.add(f"{cards}/B/P/1", AssociatedNetworkAddresses=["02:00:5e:cc:00:01", "00:00:00:00:00:00", "x"])
    twin.add(f"{cards}/C", Ports={"@odata.id": f"{cards}/C/P"})
    twin.add_collection(f"{cards}/C/P", ["1"])
    twin.add(f"{cards}/C/P/1", Ethernet={"AssociatedMACAddresses": ["02:00:5e:dd:00:01"]})
    assert await macs() == ["02:00:5e:bb:00:01", "02:00:5e:cc:00:01", "02:00:5e:dd:00:01"]


async def test_an_unchanged_service_is_read_with_few_requests_and_nothing_is_parsed(driver, twin):
    first = await driver.read(())
    asked, parsed = twin.asked, driver._service.session.parsed
    assert await driver.read(()) is first
    assert twin.asked - asked == 2
    assert driver._service.session.parsed == parsed


async def test_what_a_service_promises_and_does_not_do_is_done_without(profile):
    twin = Enclosure()
    twin.expands = False
    driver = Redfish(Direct(twin), profile)
    assert set((await driver.read(())).slots) == {"1", "2", "3", "4"}


async def test_collections_may_come_in_pages_and_lead_in_a_circle(profile):
    twin = Enclosure()
    twin.expands = False
    systems = twin.resources[f"{ROOT}/Systems"]
    further = f"{ROOT}/Systems/More"
    twin.resources[further] = {"Members": systems["Members"][1:], "Members@odata.nextLink": f"{ROOT}/Systems"}
    systems["Members"] = systems["Members"][:1]
    systems["Members@odata.nextLink"] = further
    slots = (await Redfish(Direct(twin), profile).read(())).slots
    assert [slot.power for slot in slots.values()] == ["on", "on", "on", None]


async def test_holes_are_said_and_left_out(driver, twin):
    del twin.resources[f"{ROOT}/Systems/TW1-B3"]
    twin.expands = False
    twin.resources[f"{ROOT}/Systems"]["Members"] += [{}, None, "x"]
    state = await driver.read(())
    assert state.slots["3"].power is None
    assert any("TW1-B3" in sentence for sentence in driver.unread)


async def test_what_this_user_may_not_see_is_said_and_facts_go_on(driver, twin):
    answer = twin._get

    def refuse(path, query, headers):
        if "UpdateService" in path:
            raise Refused("InsufficientPrivilege", status=403)
        if "Thermal" in path:
            raise Refused("InternalError", status=500)
        return answer(path, query, headers)

    twin._get = refuse
    assert (await driver.facts())["dmi"]["system"]["serial_number"] == "TW1"
    assert (await driver.operation(())).sensors["Encl/Total"].value == 611
    assert {"403" in each or "500" in each for each in driver.unread} == {True}


async def test_a_service_without_machines_is_told(profile):
    empty = Service()
    empty.add(ROOT, RedfishVersion="1.6.0")
    with pytest.raises(Garbled, match="neither Systems nor Chassis"):
        await Redfish(Direct(empty), profile).read(())


async def test_facts_and_operation(driver):
    facts = await driver.facts()
    assert facts["hostname"] == "chassis1"
    assert facts["platform_version"] == "2.1"
    assert facts["dmi"]["system"]["serial_number"] == "TW1"
    assert facts["chassis"]["slots"]["4"] == {"present": False}
    assert facts["chassis"]["slots"]["1"]["macs"] == ["02:00:5e:01:00:7c"]
    assert facts["bmc"]["firmware"] == {"Enclosure firmware": "2.1"}
    operation = await driver.operation(())
    assert operation.slots["1"].on is True
    assert operation.slots["4"].present is False
    assert operation.sensors["Encl/Intake"].value == 23
    assert operation.sensors["Encl/Fan 1"].kind == "fan"
