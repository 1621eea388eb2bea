"""A platform that netmiko speaks to, over our own SSH and telnet. Opening a session costs netmiko 0.3 s of waiting."""

import asyncio
import contextlib
import logging
from dataclasses import replace

import pytest
from netmiko.ssh_dispatcher import CLASS_MAPPER

from device_profiles.catalogue import all_profiles
from device_profiles.generic import NETMIKO, generic_profiles
from drivers.conformance.faults import Cancel, CutAfter, Silence
from drivers.conformance.memory import MemoryConnection
from drivers.conformance.wire import Clock, Wire
from drivers.contract import login_of
from drivers.errors import AuthFailed, Garbled, Rejected, Unreachable, WrongDevice
from drivers.libraries.netmiko_session import NetmikoSession
from drivers.libraries.pool import Pool
from drivers.registry import make_driver
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.terminal import Terminal
from tests.unit.drivers.libraries.twin import PASSWORD, PROFILE, dial, serving

pytestmark = [pytest.mark.unit, pytest.mark.usefixtures("brisk")]


@contextlib.asynccontextmanager
async def line_on(connection, *, pool=None, timeout_s=10.0):
    pool = pool or Pool("netmiko")
    session = NetmikoSession(
        lambda: connection.stream(""),
        device_type="cisco_ios",
        cli=PROFILE.cli,
        timeout_s=timeout_s,
        login=login_of(connection),
        pool=pool,
    )
    try:
        yield session
    finally:
        await session.close()
        await connection.close()
        while pool.usage.taken:  # noqa: ASYNC110 -- threads end when they like
            await asyncio.sleep(0)


def in_memory(switch=None, *, answers=None):
    """The twin in this process; ``answers`` changes what it says."""
    switch = switch or Switch("cisco_ios")

    def start(command, stream):
        terminal = Terminal(IosSession(switch))
        stream.talk = lambda data: (answers or (lambda _, said: said))(data, terminal.feed(data))
        stream.push(terminal.greet())

    return MemoryConnection(start)


@pytest.mark.parametrize("scheme", ["ssh_access", "telnet_access"])
async def test_a_device_is_read_as_by_our_own_session(scheme, monkeypatch):
    monkeypatch.setattr("drivers.giving_way.QUIET_S", 0.01)  # a telnet line is had once: each makes way for the other
    async with serving() as server:
        connection = await dial(getattr(server, scheme), pin=server.host_key)
        netmiko = make_driver(connection, PROFILE)
        ours = make_driver(connection, replace(PROFILE, quirks={**PROFILE.quirks, "netmiko": ""}))
        state, name = await netmiko.read(()), (await netmiko.facts())["hostname"]
        assert state.vlans
        assert state.ports
        assert state == await ours.read(())
        assert name == (await ours.facts())["hostname"]
        for driver in (netmiko, ours):
            await driver.close()
        await connection.close()


async def test_the_same_bytes_are_not_parsed_again():
    connection = in_memory()
    driver = make_driver(connection, PROFILE)
    assert await driver.read(()) is await driver.read(())
    await driver.close()


async def test_another_host_key_is_told_before_anything_is_said():
    async with serving() as server:
        with pytest.raises(WrongDevice, match="nothing was sent"):
            await dial(server.ssh_access, pin="SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")


async def test_a_wrong_password_is_said_once_on_a_telnet_line():
    async with serving() as server, line_on(await dial(server.telnet_access, password="wrong-one")) as line:
        with pytest.raises(AuthFailed):
            await line.run("show version")


async def test_enable_is_netmikos_and_its_password_is_ours():
    switch = Switch("cisco_ios")
    switch.enable_secret = "enable-secret"
    async with serving(switch) as server:
        secret = f"{PASSWORD.password}\nenable-secret"
        async with line_on(await dial(server.ssh_access, password=secret)) as line:
            assert (await line.run("show running-config")).data
        async with line_on(await dial(server.ssh_access)) as line:
            with pytest.raises(AuthFailed, match="line 2 of the credential"):
                await line.run("show version")


async def test_a_refusal_leaves_the_session_open():
    async with line_on(in_memory()) as line:
        with pytest.raises(Rejected):
            await line.run("show nonsense")
        assert (await line.run("show version")).data
        assert line.opened == 1
        assert line.host == "sw1"


async def test_a_prompt_within_an_answer_does_not_end_it():
    inside = b"sw1#\r\nmore of the answer\r\nsw1#"

    def answers(data, said):
        return said[: -len(b"sw1#")] + inside if data.startswith(b"show version") else said

    async with line_on(in_memory(answers=answers)) as line:
        assert "sw1#\nmore of the answer\n" in (await line.run("show version")).text


async def test_half_an_answer_that_ends_with_a_prompt_is_garbled():
    """The device prints its prompt, rests, and goes on when it is sent the next line."""
    held = []

    def answers(data, said):
        if data.startswith(b"show vlan"):
            at = said.index(b"10   ") if b"10   " in said else len(said) // 2
            held.append(said[at:])
            return said[:at].rstrip(b"\r\n") + b"\r\nsw1#"
        return (held.pop() if held else b"") + said

    async with line_on(in_memory(answers=answers)) as line:
        with pytest.raises(Garbled, match="did not end where its prompt stood"):
            await line.run("show vlan brief")
        assert (await line.run("show version")).data
        assert line.opened == 2


@pytest.mark.parametrize("at", [0, 300, 600])
async def test_a_device_that_falls_silent_is_told_in_time(at):
    clock = Clock()
    with clock.driving():
        fault = Silence(at=at, patience_s=300.0)
        wire = Wire(in_memory(), clock, fault)
        async with line_on(wire) as line:
            with pytest.raises(Unreachable, match="no answer to"):
                await line.run("show running-config")
            assert not fault.endless
            assert not wire.open_streams


async def test_a_cut_connection_is_told_and_the_next_command_opens_another():
    wire = Wire(in_memory(), Clock(), CutAfter(at=300))
    async with line_on(wire) as line:
        with pytest.raises(Unreachable):
            await line.run("show running-config")
        wire.fault = CutAfter(at=1 << 30)
        assert b"hostname" in (await line.run("show running-config")).data


async def test_a_cancelled_caller_leaves_a_closed_stream():
    fault = Cancel(at=9)
    wire = Wire(in_memory(), Clock(), fault)
    async with line_on(wire) as line:
        fault.task = task = asyncio.create_task(line.run("show version"))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not wire.open_streams


async def test_nothing_that_passes_is_logged(caplog):
    with caplog.at_level(logging.DEBUG):
        async with serving() as server, line_on(await dial(server.telnet_access)) as line:
            await line.run("show version")
    assert "show version" not in caplog.text
    assert PASSWORD.password not in caplog.text


def test_every_platform_that_netmiko_knows_and_no_file_describes_is_carried_by_it():
    assert set(NETMIKO.values()) <= set(CLASS_MAPPER)
    made = generic_profiles().keys() - all_profiles().keys()
    assert {name for name in made if name in CLASS_MAPPER} <= set(NETMIKO)
