"""powermand's outlets are read, switched, proved, and what powermand says otherwise is told."""

from dataclasses import replace

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Outlet, State
from drivers.conformance.memory import MemoryConnection
from drivers.errors import Busy, Garbled, Rejected, Unsupported
from drivers.vendors.powerman.driver import Powerman
from pointsman.twins.powerman import Powermand

pytestmark = pytest.mark.unit

PROFILE = load_profiles()["powerman"]


def opened(daemon, *, done_within_s=5.0, answers=None):
    def start(_, stream):
        talk = daemon.talk()
        stream.push(talk.greeting())
        stream.talk = (lambda _: answers) if answers is not None else talk

    return Powerman(MemoryConnection(start), replace(PROFILE, quirks={"done_within_s": done_within_s}))


def power(key, wanted):
    return Goal(State(outlets={key: Outlet(power=wanted)}))


async def converge(driver, goal):
    for step in driver.plan(goal, await driver.read(())):
        await driver.apply(step)
    return await driver.read(())


async def test_an_outlet_is_switched_once_and_awaited():
    daemon = Powermand(late=2)
    driver = opened(daemon)
    state = await converge(driver, power("outlet7", "off"))
    assert [key for key, outlet in state.outlets.items() if outlet.power == "off"] == ["outlet7"]
    assert daemon.writes == 1
    assert driver.plan(power("outlet7", "off"), state) == ()


async def test_a_switch_that_is_answered_and_not_done_is_told():
    driver = opened(Powermand(lazy={"outlet7"}), done_within_s=0.05)
    with pytest.raises(Rejected, match="not done after"):
        await converge(driver, power("outlet7", "off"))


async def test_a_controller_that_does_not_answer_leaves_its_outlets_unknown():
    daemon = Powermand(dead=True)
    driver = opened(daemon)
    state = await driver.read(())
    assert {outlet.power for outlet in state.outlets.values()} == {None}
    (step,) = driver.plan(power("outlet1", "off"), state)
    with pytest.raises(Rejected, match="210 Command completed with errors; pdu1: action timed out"):
        await driver.apply(step)
    assert (await driver.facts())["power"]["devices"][0]["name"] == "pdu1"


async def test_another_command_under_way_is_waited_for():
    driver = opened(Powermand(busy=True))
    with pytest.raises(Busy):
        await driver.read(())


async def test_a_node_that_powermand_does_not_have_is_named():
    driver = opened(Powermand())
    with pytest.raises(Unsupported, match=r"outlets\.web-07"):
        driver.plan(power("web-07", "off"), await driver.read(()))


@pytest.mark.parametrize(
    "answers",
    [
        b"303 outlet1: on\r\n303 outlet1: off\r\n103 Query complete\r\npowerman> ",
        b"303 outlet1 is on\r\n103 Query complete\r\npowerman> ",
        b"Welcome to something else\r\npowerman> ",
        b"103 Query complete\r\nlogin: ",
    ],
)
async def test_what_is_no_answer_is_not_believed(answers):
    with pytest.raises(Garbled):
        await opened(Powermand(), answers=answers).read(())
