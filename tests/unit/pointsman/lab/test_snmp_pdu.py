"""The SNMP PDU over the wire, on loopback: who may read, who may write, what comes back."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    Integer32,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    get_cmd,
    set_cmd,
    usmAesCfb128Protocol,
    usmHMACSHAAuthProtocol,
)

from pointsman.lab import commands, layout
from pointsman.lab.outlets import RPDU_CONTROL, RPDU_STATUS, Command, Outlet, Tables
from pointsman.lab.snmp_pdu import Instrument, Switcher, make_engine

pytestmark = pytest.mark.unit

V3 = UsmUserData(
    layout.SNMP_USER,
    layout.SNMP_AUTH_KEY,
    layout.SNMP_PRIV_KEY,
    authProtocol=usmHMACSHAAuthProtocol,
    privProtocol=usmAesCfb128Protocol,
)
READER = CommunityData("public")
WRITER = CommunityData("private")
OLD_WRITER = CommunityData("private", mpModel=0)


@pytest.fixture
def events(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """The FIFO that a PDU writes what it switches into, and our end of it."""
    path = tmp_path / "events"
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    yield path, descriptor
    os.close(descriptor)


@pytest.fixture
async def switcher(events: tuple[Path, int]) -> AsyncIterator[Switcher]:
    made = Switcher(asyncio.get_running_loop(), events[0])
    yield made
    made.close()


@pytest.fixture
async def pdu(
    tmp_path: Path, switcher: Switcher, unused_udp_port: int, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[int]:
    """A PDU of two outlets on a port of the loopback."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # pysnmp keeps its boot counter there
    outlets = [Outlet(number, f"Outlet {number}") for number in (1, 2)]
    tables = Tables(name="pdu", serial="S1", outlets=outlets, act=switcher.act, uptime=lambda: 1)
    engine = make_engine(("127.0.0.1", unused_udp_port), Instrument(tables, tmp_path))
    yield unused_udp_port
    engine.close_dispatcher()


async def ask(port: int, auth: object, oid: tuple[int, ...], value: int | None = None) -> tuple[str, object]:
    """One GET, or SET with a value: (error status, value)."""
    engine = SnmpEngine()
    try:
        target = await UdpTransportTarget.create(("127.0.0.1", port), timeout=2, retries=0)
        name = ObjectIdentity(oid)
        bound = ObjectType(name) if value is None else ObjectType(name, Integer32(value))
        command = get_cmd if value is None else set_cmd
        lost, status, _, found = await command(engine, auth, target, ContextData(), bound, lookupMib=False)
        word = "noError" if not status else status.prettyPrint()
        return str(lost or word), found[0][1] if found else None
    finally:
        engine.close_dispatcher()


@pytest.mark.parametrize("auth", [V3, WRITER, OLD_WRITER], ids=["v3", "v2c", "v1"])
async def test_whoever_may_write_switches_an_outlet(
    pdu: int, events: tuple[Path, int], tmp_path: Path, auth: object
) -> None:
    assert await ask(pdu, auth, (*RPDU_CONTROL, 2), 2) == ("noError", 2)
    assert await ask(pdu, auth, (*RPDU_STATUS, 2)) == ("noError", 2)
    assert os.read(events[1], 100) == b"off 2\n"
    assert commands.count(tmp_path) == 1


async def test_the_reading_community_writes_nothing(pdu: int, events: tuple[Path, int], tmp_path: Path) -> None:
    assert (await ask(pdu, READER, (*RPDU_STATUS, 1))) == ("noError", 1)
    assert (await ask(pdu, READER, (*RPDU_CONTROL, 1), 2))[0] == "noAccess"
    assert (await ask(pdu, READER, (*RPDU_STATUS, 1))) == ("noError", 1)
    with suppress(BlockingIOError):
        assert os.read(events[1], 100) == b""
    assert commands.count(tmp_path) == 0


async def test_a_wrong_value_or_cell_is_refused_and_not_counted(pdu: int, tmp_path: Path) -> None:
    assert (await ask(pdu, V3, (*RPDU_CONTROL, 1), 9))[0] == "wrongValue"
    assert (await ask(pdu, V3, (*RPDU_STATUS, 1), 2))[0] == "notWritable"
    assert commands.count(tmp_path) == 0


async def test_a_newer_command_takes_the_place_of_a_waiting_one(switcher: Switcher) -> None:
    outlet = Outlet(1, "Outlet 1")
    switcher.act(outlet, Command.OFF_LATER)
    assert outlet.on
    assert outlet.pending
    switcher.act(outlet, Command.ON)
    assert not outlet.pending
    switcher.act(outlet, Command.REBOOT)
    assert not outlet.on
    assert outlet.pending
    switcher.act(outlet, Command.CANCEL)
    assert not outlet.pending
    assert not outlet.on
