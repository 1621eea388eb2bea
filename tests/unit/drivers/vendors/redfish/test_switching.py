"""Machines are switched by what they say they take, and are done when they show it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from device_profiles.compare import Goal
from device_profiles.state import BootOnce, Slot, State
from drivers.errors import Busy, Rejected, Unsupported
from drivers.rest.messages import Response
from drivers.vendors.redfish.driver import Redfish
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.service import ROOT, Direct

pytestmark = pytest.mark.unit

BLADE = f"{ROOT}/Systems/TW1-B2"


def goal(**values):
    return Goal(State(slots={"2": Slot(**values)}))


async def converge(driver, wanted):
    for step in driver.plan(wanted, await driver.read(())):
        await driver.apply(step)
    return (await driver.read(())).slots["2"]


async def test_power_goes_off_and_on_and_boots_once(driver, twin):
    assert (await converge(driver, goal(power="off", off="hard"))).power == "off"
    assert (await converge(driver, goal(power="on"))).power == "on"
    assert twin.boots_of("2") == ["None"]


async def test_what_is_done_later_is_awaited(profile):
    twin = Enclosure(late=2, tasks=True)
    assert (await converge(Redfish(Direct(twin), profile), goal(power="off", off="hard"))).power == "off"


async def test_a_step_may_be_repeated(driver, twin):
    (step,) = driver.plan(goal(power="off", off="hard"), await driver.read(()))
    await driver.apply(step)
    await driver.apply(step)
    assert twin.writes == 1


async def test_a_step_is_undone(driver, twin):
    (step,) = driver.plan(goal(power="off", off="hard"), await driver.read(()))
    await driver.apply(step)
    await driver.undo(step)
    assert twin.resources[BLADE]["PowerState"] == "On"


async def test_an_operating_system_is_asked_and_not_waited_for(driver, twin):
    twin.deaf.add(BLADE)
    assert (await converge(driver, goal(power="off"))).power == "on"
    assert (await converge(driver, goal(power="off", off="soft"))).power == "on"
    assert (await converge(driver, goal(power="off", off="hard"))).power == "off"


async def test_a_machine_that_takes_the_command_and_stays_off_is_named(driver, twin):
    await converge(driver, goal(power="off", off="hard"))
    twin.lazy.add(BLADE)
    with pytest.raises(Rejected, match=r"slot 2: power on: was accepted, and is not done after 0.2 s: .* shows Off"):
        await converge(driver, goal(power="on"))


async def test_a_task_that_never_ends_is_named(profile):
    twin = Enclosure(tasks=True, stuck=True)
    with pytest.raises(Rejected, match=r"slot 2: power off: the task .*TaskMonitors/1 has not ended after 0.2 s"):
        await converge(Redfish(Direct(twin), profile), goal(power="off", off="hard"))


async def test_a_reset_type_that_it_does_not_have_is_named_before_anything_is_sent(profile):
    twin = Enclosure(resets=["On", "ForceRestart"])
    with pytest.raises(Unsupported, match=r"slots\.2\.power: .*takes none of .*ForceOff .*it takes On, ForceRestart"):
        await converge(Redfish(Direct(twin), profile), goal(power="off", off="hard"))
    assert twin.writes == 0


async def test_reset_types_may_stand_in_a_resource_of_their_own(profile):
    twin = Enclosure(resets=["ForceOff", "On"])
    action = twin.resources[BLADE]["Actions"]["#ComputerSystem.Reset"]
    del action["ResetType@Redfish.AllowableValues"]
    action["@Redfish.ActionInfo"] = f"{BLADE}/ResetActionInfo"
    twin.add(f"{BLADE}/ResetActionInfo", Parameters=[{"Name": "ResetType", "AllowableValues": ["On"]}])
    driver = Redfish(Direct(twin), profile)
    with pytest.raises(Unsupported, match="it takes On"):
        await converge(driver, goal(power="off", off="hard"))


async def test_what_the_device_refuses_is_told_in_its_own_words(driver, twin):
    (step,) = driver.plan(goal(power="off", off="hard"), await driver.read(()))
    twin.allowed.remove("ForceOff")
    with pytest.raises(Rejected, match="ActionParameterValueNotInList ForceOff"):
        await driver.apply(step)


async def test_boot_devices_are_set_for_all_boots_or_for_one(driver, twin):
    assert (await converge(driver, goal(boot_device="disk"))).boot_device == "disk"
    once = BootOnce(device="pxe", at=datetime(2026, 11, 20, tzinfo=UTC))
    shown = await converge(driver, goal(boot_once=once))
    assert twin.resources[BLADE]["Boot"]["BootSourceOverrideEnabled"] == "Once"
    assert shown.boot_device == "disk", "what is set for one boot says nothing of the others"
    await converge(driver, goal(power="off", off="hard"))
    await converge(driver, goal(power="on"))
    assert twin.boots_of("2") == ["Pxe"]
    assert (await driver.read(())).slots["2"].boot_device == "none"


async def test_a_boot_source_that_it_does_not_take_is_named(driver, twin):
    targets = twin.resources[BLADE]["Boot"]
    targets["BootSourceOverrideTarget@Redfish.AllowableValues"] = ["None", "Hdd"]
    with pytest.raises(Unsupported, match=r"slots\.2\.boot_device: the machine does not take Pxe \(it takes None, Hdd"):
        await converge(driver, goal(boot_device="pxe"))


async def test_the_light_is_switched_in_either_spelling(driver, twin):
    assert (await converge(driver, goal(identify=True))).identify is True
    assert twin.resources[BLADE]["IndicatorLED"] == "Lit"
    twin.resources[BLADE]["LocationIndicatorActive"] = False
    (step,) = driver.plan(goal(identify=True), await driver.read(()))
    assert "LocationIndicatorActive" in step.commands[0]


async def test_off_comes_first_and_on_last(driver):
    await converge(driver, goal(power="off", off="hard"))
    wanted = Goal(
        State(
            slots={
                "2": Slot(power="on", boot_device="pxe"),
                "1": Slot(power="off", off="hard"),
                "3": Slot(identify=True),
            }
        )
    )
    steps = driver.plan(wanted, await driver.read(()))
    assert [step.text for step in steps] == [
        "slot 1: power off",
        "slot 2: boot from pxe",
        "slot 3: identify on",
        "slot 2: power on",
    ]
    assert [step.impact for step in steps] == ["outage", "none", "none", "none"]


async def test_somebody_else_was_faster(driver, twin):
    (step,) = driver.plan(goal(identify=True), await driver.read(()))
    answer, twin.patches = twin.patches, None

    class Meddled(Direct):
        async def exchange(self, request):
            if request.method == "PATCH":
                twin.resources[BLADE]["AssetTag"] = "somebody's"
                twin.patches = answer
            return await super().exchange(request)

    with pytest.raises(Busy, match="somebody else"):
        await Redfish(Meddled(twin), driver._profile).apply(step)


async def test_a_service_that_refuses_its_own_tag_is_told_without(driver, twin):
    (step,) = driver.plan(goal(identify=True), await driver.read(()))

    class Strict(Direct):
        async def exchange(self, request):
            if request.headers.get("if-match"):
                return Response(status=412)
            return await super().exchange(request)

    await Redfish(Strict(twin), driver._profile).apply(step)
    assert twin.resources[BLADE]["IndicatorLED"] == "Lit"


@pytest.mark.parametrize("key", ["4", "9"])
async def test_an_empty_slot_and_one_that_is_none_are_named(driver, key):
    with pytest.raises(Unsupported, match=rf"slots\.{key}: "):
        driver.plan(Goal(State(slots={key: Slot(power="on")})), await driver.read(()))


async def test_what_the_profile_does_not_declare_is_not_planned(twin, profile):
    driver = Redfish(Direct(twin), replace(profile, capabilities=("slots.power",)))
    with pytest.raises(Unsupported):
        driver.plan(goal(identify=True), await driver.read(()))
