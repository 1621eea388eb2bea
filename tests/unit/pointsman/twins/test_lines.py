"""Twins with nothing but a serial line: found, read and changed over a pseudo-terminal, as the demo has them."""

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Port, State, Vlan
from drivers.access import parse_access
from drivers.registry import make_driver
from drivers.transports import open_connection
from pointsman.twins.lines import console_router, console_switch

pytestmark = pytest.mark.unit

UPLINK = Port(mode="trunk", native_vlan="none", trunk_vlans=(30,))


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setattr("drivers.cli.login._QUIET_S", 0.01)
    monkeypatch.setattr("pointsman.twins.lines.SPEED", 4_000_000)


async def opened(twin):
    connection = await open_connection(parse_access(twin.access), credential=None, pin=None, timeout_s=5)
    return connection, make_driver(connection, load_profiles()[twin.profile])


async def test_a_switch_becomes_what_is_declared_and_is_then_left_alone():
    async with console_switch("con1") as twin:
        connection, driver = await opened(twin)
        goal = Goal(state=State(vlans={30: Vlan()}, ports={"24": UPLINK}))
        for step in driver.plan(goal, await driver.read(())):
            await driver.apply(step)
        assert twin.device.tagged[30] == {24}
        writes = twin.writes
        assert driver.plan(goal, await driver.read(())) == ()
        assert twin.writes == writes > 0
        await driver.close()
        await connection.close()


async def test_a_router_tells_what_it_is_and_is_found_as_it_was_left():
    async with console_router("rt1") as twin:
        for _ in range(2):
            connection, driver = await opened(twin)
            assert (await driver.facts())["platform_version"] == "8.4.4"
            assert (await driver.read(())).ports == {"eth0": Port(enabled=True)}
            await driver.close()
            await connection.close()
        assert twin.writes == 0
