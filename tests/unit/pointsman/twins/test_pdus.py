"""PDU twins answer on loopback, by every protocol, to our own transports."""

import asyncio

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Outlet, State
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.errors import Unreachable
from drivers.registry import make_driver
from drivers.transports import open_connection
from pointsman.twins.pdus import PduRack, powermand, secret_pdu

pytestmark = pytest.mark.unit


async def switch_off(twin, key):
    """What the twin shows once an outlet of it was switched off over its access."""
    credential = Credential(name="file:twin", text=twin.secret) if twin.secret else None
    connection = await open_connection(parse_access(twin.access), credential=credential, pin=None, timeout_s=5)
    driver = make_driver(connection, load_profiles()[twin.profile])
    try:
        goal = Goal(State(outlets={key: Outlet(power="off")}))
        for step in driver.plan(goal, await driver.read(())):
            await driver.apply(step)
        return await driver.read(())
    finally:
        await driver.close()
        await connection.close()


async def test_a_rack_of_them_is_asked_by_snmp_each_at_its_own_port():
    async with PduRack(3) as rack:
        assert [twin.name for twin in rack.nodes] == ["pdu1", "pdu2", "pdu3"]
        assert len({twin.access for twin in rack.nodes}) == 3
        shown = await switch_off(rack.nodes[1], "4")
        assert [key for key, outlet in shown.outlets.items() if outlet.power == "off"] == ["4"]
        assert [twin.writes for twin in rack.nodes] == [0, 1, 0]
    assert rack.nodes == ()


async def test_one_is_asked_in_secret():
    async with secret_pdu("pdu2") as twin:
        assert twin.secret not in repr(twin)
        shown = await switch_off(twin, "1")
        assert (shown.outlets["1"].power, shown.outlets["2"].power) == ("off", "on")
        assert twin.writes == 1


async def test_one_is_a_powermand_that_hangs_up_when_it_goes():
    async with powermand("pdu1") as twin:
        shown = await switch_off(twin, "outlet15")
        assert (shown.outlets["outlet15"].power, len(shown.outlets)) == ("off", 16)
        reader, writer = await asyncio.open_connection("127.0.0.1", parse_access(twin.access).port)
        assert await reader.readline() == b"001 2.3.27\r\n"
    assert await reader.read() in (b"", b"powerman> ")
    writer.close()
    await writer.wait_closed()
    with pytest.raises(Unreachable):
        await switch_off(twin, "outlet1")
