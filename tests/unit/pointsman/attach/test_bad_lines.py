"""Lines at which no device can be attached: one sentence for each, and nothing written to what is at their far end."""

import asyncio
import contextlib
import os
import sys

import pytest
import typer

from drivers.line import tty
from pointsman.attach import hearing
from pointsman.cli.app import run
from pointsman.lab.relay import Relay, TalkingFar
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.terminal import Password, Respawned, Terminal

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def brisk(monkeypatch, quiet):
    monkeypatch.setattr(hearing, "_FIRST_S", 0.02)
    monkeypatch.setattr(hearing, "_QUIET_S", 0.02)
    monkeypatch.setattr(hearing, "_SILENT_S", 0.5)
    monkeypatch.setattr("drivers.cli.login._QUIET_S", 0.01)


@pytest.fixture
def attach(capsys):
    """The command, as its user calls it: the code, and what it says."""

    async def attach(*words):
        code = await asyncio.to_thread(run, ["agent", "attach", *words])
        return code, capsys.readouterr().err

    return attach


@contextlib.asynccontextmanager
async def cable(talk):
    """A port of this machine, and all that was sent to what is at its far end."""
    got = bytearray()

    def heard(data):
        got.extend(data)
        return talk(data)

    relay = Relay(TalkingFar(heard), speed=115200)
    running = asyncio.create_task(relay.run())
    try:
        yield f"serial:{relay.path}?baud=115200", got
    finally:
        running.cancel()
        await asyncio.wait({running})


def said(answer):
    """The one sentence of a command that failed."""
    code, text = answer
    assert code == 1, text
    assert text.count("\n") == 1, text
    return text


async def test_no_such_port(attach):
    assert "there is no port /dev/ttyUSB97: plug the adapter in" in said(await attach("/dev/ttyUSB97", "--look"))


async def test_a_port_that_somebody_else_has(attach, monkeypatch):
    monkeypatch.setattr(tty, "occupant", lambda port: "minicom (process 4711)")
    async with cable(lambda data: b"") as (port, got):
        assert "is in use by minicom (process 4711): end that first" in said(await attach(port, "--look"))
        assert got == b""


async def test_a_port_that_this_user_may_not_open(attach, monkeypatch):
    opened = os.open

    def refuse(path, *more, **others):
        if str(path) in port:
            raise PermissionError(13, "Permission denied")
        return opened(path, *more, **others)

    async with cable(lambda data: b"") as (port, got):
        with monkeypatch.context() as patched:
            patched.setattr(os, "open", refuse)
            assert "may not be opened by this user: join the group " in said(await attach(port, "--look"))
        assert got == b""


async def test_no_answer_at_any_speed(attach, monkeypatch):
    monkeypatch.setattr(hearing, "_SILENT_S", 0.01)
    async with cable(lambda data: b"") as (port, got):
        sentence = said(await attach(port.partition("?")[0], "--look"))
        assert "nothing answers" in sentence
        places = [sentence.index(word) for word in ("at any speed", "cable", "power", "null-modem")]
        assert places == sorted(places)
        assert len(got) <= len(b"\x15\r") * len(hearing.SPEEDS), "Enter at each speed, and what erases it"


@pytest.mark.parametrize(
    ("last", "where"),
    [
        ("rommon 1 > ", "boot loader"),
        ("Would you like to enter the initial configuration dialog? [yes/no]: ", "set-up dialog"),
    ],
)
async def test_no_command_line(attach, last, where):
    async with cable(lambda data: b"\r\n" + last.encode()) as (port, got):
        sentence = said(await attach(port, "--look"))
        assert where in sentence
        assert "nothing was written to it" in sentence
        assert set(bytes(got)) <= set(b"\r")


async def test_a_login_that_is_refused_three_times(attach, monkeypatch):
    switch = Switch("cisco_ios")
    who = Password(user="admin", password="twin-pw")
    talk = Respawned(lambda: Terminal(IosSession(switch), password=who))
    asked = []

    def prompt(text, **more):
        asked.append(text)
        return "admin" if text == "user" else f"wrong-{len(asked)}"

    monkeypatch.setattr(typer, "prompt", prompt)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    async with cable(talk) as (port, got):
        code, text = await attach(port, "--look")
        assert code == 1
        assert "3 logins were refused: stopped before the account is locked" in text.splitlines()[-1]
        assert got.count(b"wrong-") == 3
        assert b"wrong" not in text.encode()
    assert asked == ["user", "password"] * 3
    assert switch.writes == 0
