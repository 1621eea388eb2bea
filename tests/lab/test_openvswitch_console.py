"""The Open vSwitch driver on sw1's serial line: no address, no SSH, one line that outlives its callers."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from device_profiles.compare import Goal, compare
from device_profiles.profile import load_profiles
from device_profiles.state import Port, State
from drivers.credentials import Login
from drivers.line.connection import LineConnection
from drivers.line.line import Line
from drivers.line.sockets import TelnetPort
from drivers.registry import make_driver
from pointsman.lab import layout, network, reach

pytestmark = pytest.mark.lab

LONG = tuple(range(100, 1000, 2))


class Has:
    """The line, for one connection alone."""

    def __init__(self, line):
        self.line = line

    async def give_back(self):
        await self.line.close()


@asynccontextmanager
async def console(lab, *, polite=True):
    """A driver on the line, from within the management network."""
    place = (layout.MGMT_ADDRESS, layout.SERIAL_LINES["sw1"])
    namespace = network.namespace_path(lab.namespace("mgmt"))
    sock = await asyncio.to_thread(reach.connect, namespace, place)
    sock.setblocking(False)
    line = Line(TelnetPort(*await asyncio.open_connection(sock=sock), name="sw1"), name="sw1")
    line.start()
    connection = LineConnection(Login(asked=True, line=True), first=Has(line), again=None, wait_s=5.0)
    driver = make_driver(connection, load_profiles()["openvswitch"])
    try:
        yield driver
    finally:
        if polite:
            await driver.close()
        await connection.close()


async def test_a_switch_is_driven_over_its_serial_line(fresh_lab):
    async with console(fresh_lab) as driver:
        before = await driver.read(())
        goal = Goal(State(ports={"p1": Port(mode="trunk", native_vlan="none", trunk_vlans=LONG)}))
        steps = driver.plan(goal, before)
        for step in steps:
            await driver.apply(step)
        assert compare(goal, await driver.read(())) == ()
        for step in reversed(steps):
            await driver.undo(step)
        assert await driver.read(()) == before


async def test_the_line_is_found_again_whoever_left_it_however(fresh_lab):
    states = []
    for polite in (False, True, True):
        async with console(fresh_lab, polite=polite) as driver:
            states.append(await driver.read(()))
    assert states[0] == states[1] == states[2]
