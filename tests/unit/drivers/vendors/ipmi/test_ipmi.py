"""What only this driver does: bad controllers are told, boot devices are read as what they are, machines as neighbours.

The promises that all drivers share are tried by the conformance suite.
"""

import asyncio

import pytest

from device_profiles.catalogue import all_profiles
from device_profiles.compare import Goal
from device_profiles.state import Slot, State
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.ipmi.messages import Answer, Request
from drivers.vendors.ipmi.driver import Ipmi
from pointsman.twins.ipmi.controller import Controller
from pointsman.twins.ipmi.direct import Direct

pytestmark = pytest.mark.unit

PROFILE = all_profiles()["ipmi"]


def goal(**values) -> Goal:
    return Goal(State(slots={"1": Slot(**values)}))


@pytest.fixture
def controller() -> Controller:
    return Controller()


@pytest.fixture
def driver(controller) -> Ipmi:
    return Ipmi(Direct(controller), PROFILE)


@pytest.fixture
async def hurried(monkeypatch):
    """Time passes as fast as anybody waits for it."""
    loop = asyncio.get_running_loop()
    ahead, real = [0.0], loop.time
    monkeypatch.setattr(loop, "time", lambda: real() + ahead[0])
    sleep = asyncio.sleep

    async def hurry(delay_s):
        ahead[0] += delay_s
        await sleep(0)

    monkeypatch.setattr("drivers.vendors.ipmi.driver.asyncio.sleep", hurry)


async def converge(driver, wanted):
    for step in driver.plan(wanted, await driver.read(())):
        await driver.apply(step)
    return (await driver.read(())).slots["1"]


async def test_a_controller_that_answers_on_and_stays_off_is_told(hurried, driver, controller):
    controller.switch("off")
    controller.lazy = {"power on"}
    with pytest.raises(Rejected, match="was accepted, and is not done after 15 s: it shows off"):
        await converge(driver, goal(power="on"))


async def test_a_boot_device_that_is_not_kept_is_told(driver, controller):
    controller.lazy = {"boot"}
    with pytest.raises(Rejected, match="the controller shows none"):
        await converge(driver, goal(boot_device="pxe"))


async def test_an_operating_system_that_hears_nothing_is_no_error_of_the_driver(hurried, driver, controller):
    controller.is_deaf = True
    assert (await converge(driver, goal(power="off"))).power == "on"
    assert (await converge(driver, goal(power="off", off="hard"))).power == "off"
    assert controller.told == ["power soft", "power off"]


async def test_a_boot_device_for_one_boot_is_not_read_as_one_that_stays(driver, controller):
    controller.flags, controller.selector = 0x80, 1
    assert (await driver.read(())).slots["1"].boot_device == "none"


async def test_a_boot_device_is_set_before_what_boots_from_it(driver, controller):
    controller.switch("off")
    await converge(driver, goal(power="on", boot_device="pxe"))
    assert controller.boots == ["pxe"]
    steps = driver.plan(goal(power="off", boot_device="disk"), await driver.read(()))
    assert [step.capability for step in steps] == ["slots.power", "slots.boot_device"]


async def test_another_slot_is_refused_by_name(driver):
    with pytest.raises(Unsupported, match=r"slots\.3"):
        driver.plan(Goal(State(slots={"3": Slot(power="on")})), await driver.read(()))


async def test_a_light_that_nobody_tells_of_is_not_set(driver, controller, monkeypatch):
    monkeypatch.setattr(Controller, "_status", lambda self, _: Answer(0, bytes((1, 0, 0))))
    assert (await driver.read(())).slots["1"].identify is None
    with pytest.raises(Unsupported, match="identify"):
        driver.plan(goal(identify=True), await driver.read(()))


async def test_a_garbled_inventory_is_said_and_the_rest_is_told(driver, controller):
    controller.fru = controller.fru[:20] + b"\x55" + controller.fru[21:]
    facts = await driver.facts()
    assert facts["dmi"]["system"]["serial_number"] == "TWIN-B1"
    assert driver.unread == ("FRU 0: the board area has a wrong checksum",)


async def test_facts_and_links_name_the_machine_alike(driver, controller):
    facts = await driver.facts()
    (link,) = await driver.links()
    slot = facts["chassis"]["slots"]["1"]
    assert (link.kind, link.medium, link.port) == ("slot", "slot", "1")
    assert (link.serial, link.uuid) == (slot["serial_number"], slot["uuid"]) == ("TWIN-B1", controller.uuid)
    assert facts["network"]["interfaces"]["bmc"]["addresses"]["52:54:00:0b:0c:01"] == {"family": "lladdr"}
    assert facts["ipmi"]["sel"]["entries"] == 3
    assert facts["platform_version"] == "2.15"


async def test_sensors_have_units_and_say_how_well_they_are(driver, controller):
    controller.temperature = 95
    operation = await driver.operation({"sensors", "slots"})
    hot, absent, fan = (operation.sensors[name] for name in ("CPU Temp", "Inlet Temp", "Fan 1"))
    assert (hot.value, hot.unit, hot.health) == (95.0, "C", "critical")
    assert (absent.value, absent.kind) == (None, "temperature")
    assert (fan.value, fan.unit) == (5000.0, "RPM")
    assert operation.slots["1"].watts == 120.0


class Refusing(Direct):
    """A controller that answers some commands of power with a code before it takes one."""

    def __init__(self, controller, *codes) -> None:
        super().__init__(controller)
        self.codes = list(codes)

    async def exchange(self, request: Request) -> Answer:
        if (request.netfn, request.command) == (0, 2) and self.codes:
            return Answer(self.codes.pop(0))
        return await super().exchange(request)


async def test_a_controller_that_does_not_take_the_next_command_yet_is_asked_again(hurried, controller):
    controller.switch("off")
    driver = Ipmi(Refusing(controller, 0xD5, 0xC0), PROFILE)
    assert (await converge(driver, goal(power="on"))).power == "on"
    assert controller.boots == ["disk"]


async def test_one_that_never_does_is_told(hurried, controller):
    controller.switch("off")
    with pytest.raises(Rejected, match=r"0xd5\): not in its present state"):
        await converge(Ipmi(Refusing(controller, *[0xD5] * 99), PROFILE), goal(power="on"))


async def test_one_that_cannot_ask_an_operating_system_leaves_it_on(hurried, controller):
    driver = Ipmi(Refusing(controller, 0xCC), PROFILE)
    assert (await converge(driver, goal(power="off"))).power == "on"
    assert (await converge(driver, goal(power="off", off="hard"))).power == "off"


class Cut(Direct):
    """A controller whose answers are too short."""

    async def exchange(self, request: Request) -> Answer:
        answer = await super().exchange(request)
        return Answer(answer.code, answer.data[:1])


async def test_half_an_answer_is_no_state(controller):
    with pytest.raises(Garbled):
        await Ipmi(Cut(controller), PROFILE).read(())
