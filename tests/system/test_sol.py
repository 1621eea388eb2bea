"""Serial over LAN as a line: a controller in another process, with a switch at the far end of its port."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from drivers.access import parse_access
from drivers.contract import login_of
from drivers.credentials import Credential
from drivers.errors import LineBusy, SecretRefused, Unreachable, Unsupported, WrongDevice
from drivers.ipmi.children import children
from drivers.line.holding import Holder
from drivers.line.shared import borrow, open_endpoint
from drivers.transports import open_connection
from pointsman.twins.ipmi.controller import Controller
from pointsman.twins.ipmi.users import PASSWORD, USER
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.service import ROOT
from pointsman.twins.web import Web
from tests.plugins import leaks

pytestmark = pytest.mark.system

ME = Holder("ana", person=True)
SECRET = Credential(name="file:bmc", text=f"{USER}:{PASSWORD}")
UUID = Controller(number=1).uuid
NOBODY = "00000000-0000-4000-8000-00000000abcd"


class Bmc:
    """A controller in a process of its own, and what it tells of its line."""

    def __init__(self, process):
        self._process = process
        self.access = parse_access("sol+" + json.loads(process.stdout.readline())["urls"][0])

    def ask(self, **values):
        self._process.stdin.write(json.dumps({"bmc": 0, "set": values}).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def bmc():
    """One for all: starting its process takes longer than most tests."""
    argv = [sys.executable, "-m", "pointsman.twins.ipmi", "--serial"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        with leaks.owning(lambda: [process.pid]):
            yield Bmc(process)
        process.stdin.close()


@pytest.fixture
def access(bmc):
    return replace(bmc.access, secret=SECRET)


async def until(stream, word):
    text = b""
    async with asyncio.timeout(5):
        while word not in text:
            text += await stream.receive()
    return text


async def test_characters_go_both_ways_and_the_line_is_given_back(access, bmc):
    has = await borrow(access, timeout_s=5)
    async with has.line.hold(ME, wait_s=1) as stream:
        await stream.send(b"vlan/create 30\r")
        assert b"1000 Success" in await until(stream, b"vde$ ")
        await stream.send(b"vlan/allprint\r")
        assert b"VLAN 0030" in await until(stream, b"vde$ ")
    told = bmc.ask()
    assert (told["writes"], told["is_open"]) == (1, True)
    await has.give_back()
    assert not bmc.ask()["is_open"]
    assert children().pids == ()


async def test_what_is_longer_than_a_packet_arrives_whole(access):
    has = await borrow(access, timeout_s=5)
    async with has.line.hold(ME, wait_s=1) as stream:
        await stream.send(b"# " + b"x" * 300 + b"\r" + b"vlan/create 31\r" * 2)
        said = await until(stream, b"1017 File exists")
    assert said.count(b"1000 Success") == 1
    await has.give_back()


async def test_a_break_reaches_the_port_and_the_speed_is_the_controllers(access, bmc):
    has = await borrow(access, timeout_s=5)
    await has.line.send_break()
    assert bmc.ask()["breaks"] == 1
    with pytest.raises(Unsupported, match="a setting of its controller"):
        await has.line.set_speed(9600)
    await has.give_back()


async def test_a_line_that_somebody_has_is_not_taken_and_it_is_said_who_has_it(access, bmc):
    has = await borrow(access, timeout_s=5)
    with pytest.raises(LineBusy, match=r"in use by admin from 127\.0\.0\.1: wait, or ask them"):
        await open_endpoint(access, timeout_s=5)
    assert bmc.ask()["is_open"]
    async with has.line.hold(ME, wait_s=1) as stream:
        await stream.send(b"\r")
        await until(stream, b"vde$ ")
    await has.give_back()


async def test_a_line_that_was_ended_there_is_lost_and_opens_anew(access, bmc):
    has = await borrow(access, timeout_s=5)
    async with has.line.hold(ME, wait_s=1) as stream:
        bmc.ask(serial="cut")
        with pytest.raises(Unreachable, match="somebody else, or the controller itself, ended"):
            await stream.receive()
    again = await borrow(access, timeout_s=5)
    async with again.line.hold(ME, wait_s=1) as stream:
        await stream.send(b"\r")
        await until(stream, b"vde$ ")
    await has.give_back()
    await again.give_back()


async def test_a_child_that_dies_takes_the_line_with_it(access, bmc):
    has = await borrow(access, timeout_s=5)
    async with has.line.hold(ME, wait_s=1) as stream:
        (pid,) = children().pids
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(Unreachable, match="the process for IPMI ended"):
            await stream.receive()
        with pytest.raises(Unreachable):
            await stream.send(b"\r")
    await has.give_back()
    bmc.ask(serial="cut")  # as a controller does that misses the session


async def test_what_is_switched_off_is_said_with_how_to_switch_it_on(access, bmc):
    bmc.ask(serial="off")
    try:
        with pytest.raises(Unsupported, match="switched off there: `ipmitool sol set enabled true`"):
            await open_endpoint(access, timeout_s=5)
    finally:
        bmc.ask(serial="on")
    assert children().pids == ()


async def test_a_controller_is_who_it_was_or_is_not_told_the_secret(access):
    connection = await open_connection(access, credential=None, pin=None, timeout_s=5)
    assert connection.identity == UUID
    await connection.close()
    with pytest.raises(WrongDevice):
        await open_connection(access, credential=None, pin=NOBODY, timeout_s=5)
    has = await borrow(access, timeout_s=5)
    with pytest.raises(WrongDevice, match="shall show"):  # somebody else has opened it already
        await open_connection(access, credential=None, pin=NOBODY, timeout_s=5)
    await has.give_back()


async def test_the_nodes_credential_is_the_devices_where_the_controller_has_its_own(access, bmc):
    device = Credential(name="file:switch", text="for-the-switch")
    connection = await open_connection(access, credential=device, pin=UUID, timeout_s=5)
    assert login_of(connection).secret == device
    await connection.close()
    connection = await open_connection(bmc.access, credential=SECRET, pin=UUID, timeout_s=5)
    assert login_of(connection).secret is None
    await connection.close()
    with pytest.raises(SecretRefused):
        await open_connection(bmc.access, credential=None, pin=None, timeout_s=5)


async def test_redfish_may_tell_that_it_is_by_ipmi(access):
    service = Enclosure(blades=1, places=1)
    console = {"IPMI": {"ServiceEnabled": True, "Port": access.port}, "SSH": {"ServiceEnabled": False}}
    service.resources[f"{ROOT}/Systems/TW1-B1"]["SerialConsole"] = console
    async with Web(service, secure=True) as web:
        has = await borrow(
            replace(parse_access(f"sol+redfish+https://{web.address}?auth=basic"), secret=SECRET), timeout_s=5
        )
        assert has.line.proof == f"{web.identity} {UUID}"
        async with has.line.hold(ME, wait_s=1) as stream:
            await stream.send(b"\r")
            await until(stream, b"vde$ ")
        await has.give_back()
