"""Sessions on a line that outlives them: found as somebody left it, and given away when somebody wants it."""

import asyncio
import dataclasses

import pytest

from device_profiles.profile import load_profiles
from drivers.cli import CliSession
from drivers.cli.login import shell_stream
from drivers.contract import login_of
from drivers.credentials import Credential
from drivers.errors import AuthFailed, Garbled, LineBusy, Unreachable
from drivers.line.holding import Holder
from drivers.session import ShellSession
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.terminal import Password, Respawned, Terminal
from tests.unit.drivers.line.console import console

pytestmark = pytest.mark.unit

ANA = Holder("ana", person=True)
WHO = Password(user="admin", password="twin-pw")
PROFILE = load_profiles()["cisco_ios"]


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setattr("drivers.cli.login._QUIET_S", 0.01)


def quick(profile=PROFILE):
    return dataclasses.replace(profile.cli, login=dataclasses.replace(profile.cli.login, wake_s=0.02))


async def until(check):
    async with asyncio.timeout(2):
        while not check():  # noqa: ASYNC110 -- a look at each turn of the loop
            await asyncio.sleep(0)


def terminal(*, password=None):
    switch = Switch("cisco_ios")
    made = Terminal(IosSession(switch), password=password)
    made.greet()
    return made, switch


def session_on(connection, cli=None):
    return CliSession(lambda: connection.stream(""), cli=cli or quick(), timeout_s=2, login=login_of(connection))


@pytest.mark.parametrize(
    "left",
    [
        b"",
        b"configure terminal\rinterface GigabitEthernet1/0/1\r",
        b"half a comm",
        b"enable\r",
        b"terminal length 5\rshow running-config\r",
    ],
    ids=["at its prompt", "configuring", "with half a command", "logged in", "at its pager"],
)
async def test_a_line_is_used_however_it_was_left(left):
    made, switch = terminal()
    made.feed(left)
    async with console(made.feed) as (_, connection):
        session = session_on(connection)
        assert "Cisco IOS" in (await session.run("show version")).text
        await session.close()
    assert switch.writes == 0


@pytest.mark.parametrize("left", [b"", b"ana\r", b"an"], ids=["at its login", "at a password", "with half a name"])
async def test_a_line_that_asks_who_is_there(left):
    made, _ = terminal(password=WHO)
    made.feed(left)
    async with console(made.feed, user="admin", password="twin-pw") as (_, connection):
        session = session_on(connection)
        assert "Cisco IOS" in (await session.run("show version")).text
        await session.close()


async def test_a_password_is_said_once_and_no_more():
    made, _ = terminal(password=WHO)
    async with console(made.feed, user="admin", password="wrong") as (line, connection):
        heard = line.listen()
        session = session_on(connection)
        with pytest.raises(AuthFailed):
            await session.run("show version")
        heard.close()
        assert b"".join([each.data async for each in heard if each.direction == "out"]).count(b"wrong") == 1


@pytest.mark.parametrize(
    ("last", "says"),
    [
        ("switch: ", "stands at its boot loader: boot it"),
        ("rommon 1 > ", "stands at its boot loader"),
        ("=> ", "stands at its boot loader"),
        ("Marvell>> ", "stands at its boot loader"),
        ("loader> ", "stands at its boot loader"),
        ("Would you like to enter the initial configuration dialog? [yes/no]: ", "stands at its set-up dialog"),
        ("Would you like to terminate autoinstall? [yes]: ", "stands at its set-up dialog"),
        (
            "Abort Power On Auto Provisioning and continue with normal setup ?(yes/no)[n]: ",
            "stands at its set-up dialog",
        ),
        ("Hit any key to stop autoboot:  3 ", "is starting"),
        ("Press Ctrl+B to enter extended boot menu...", "is starting"),
    ],
)
@pytest.mark.parametrize("name", ["cisco_ios", "openvswitch", "hp_comware"])
async def test_a_device_without_a_command_line_is_told_in_a_sentence_and_gets_a_key_at_most(last, says, name):
    profile = load_profiles()[name]
    async with console(lambda _: f"\r\n{last}".encode(), user="admin", password="pw") as (line, connection):
        heard = line.listen()
        session = session_on(connection, quick(profile))
        with pytest.raises(Unreachable, match=f"{says}.*; nothing was written to it"):
            await session.run("x")
        heard.close()
        sent = b"".join([each.data async for each in heard if each.direction == "out"])
        assert sent.strip(b"\r\n\x15\x03\x04\x11 ") == b""


async def test_a_device_that_starts_is_not_even_woken():
    async with console(lambda _: b"") as (line, connection):
        session = session_on(connection)
        asking = asyncio.ensure_future(session.run("x"))
        await until(lambda: line.holder is not None)
        line._endpoint.say(b"U-Boot 2019.07\r\nHit any key to stop autoboot:  3 ")
        with pytest.raises(Unreachable, match="is starting"):
            await asking
        assert line._endpoint.sent == b""


async def test_a_line_on_which_nothing_answers_says_where_to_look_and_in_which_order():
    async with console(lambda _: b"") as (_, connection):
        with pytest.raises(Unreachable, match=r"cable, then at the device's power, then .* null-modem"):
            await session_on(connection).run("show version")


async def test_noise_is_no_prompt():
    async with console(lambda _: b"\x80\xfe\x07~x") as (_, connection):
        with pytest.raises(Garbled, match="no prompt that its profile knows: look at speed"):
            await session_on(connection).run("show version")


async def test_a_session_waits_for_a_person_and_says_who():
    made, _ = terminal()
    async with console(made.feed, wait_s=0.01) as (line, connection):
        session = session_on(connection)
        async with line.hold(ANA, wait_s=1):
            with pytest.raises(LineBusy, match="ana has held the line con1"):
                await session.run("show version")
        await session.run("show version")
        await session.close()


async def test_a_session_that_is_idle_logs_out_and_makes_way():
    switch = Switch("cisco_ios")
    talk = Respawned(lambda: Terminal(IosSession(switch), password=WHO))
    async with console(talk, user="admin", password="twin-pw") as (line, connection):
        session = session_on(connection)
        session._way._quiet_s = 0.05
        await session.run("show version")
        async with line.hold(ANA, wait_s=2):
            assert line.holder == ANA
            assert talk.terminal._asked is not None, "whoever comes next must log in"
        await session.run("show version")  # and comes back by itself
        assert session.opened == 2
        await session.close()


async def test_a_session_makes_way_between_passes_and_not_between_its_commands():
    made, _ = terminal()
    order = []
    async with console(made.feed) as (line, connection):
        session = session_on(connection)
        session._way._quiet_s = 0.1

        async def person():
            async with line.hold(ANA, wait_s=5):
                order.append("ana")

        await session.run("show version")
        waiting = asyncio.ensure_future(person())
        for _ in range(4):
            await asyncio.sleep(0.02)
            await session.run("show version")
            order.append("agent")
        await waiting
        assert order == ["agent"] * 4 + ["ana"]
        await session.close()


async def test_a_session_that_was_taken_over_while_idle_opens_another():
    made, _ = terminal()
    async with console(made.feed) as (line, connection):
        session = session_on(connection)
        await session.run("show version")
        async with line.take_over(ANA) as stream:
            await stream.send(b"\r")
        await session.run("show version")
        await session.close()


async def test_a_command_that_is_taken_over_says_by_whom():
    async with console(lambda data: b"\r\nsw1#") as (line, connection):
        session = session_on(connection)
        asking = asyncio.ensure_future(session.run("show version"))
        await until(lambda: line.holder is not None)
        async with line.take_over(ANA):
            with pytest.raises(Unreachable, match="ana took the line over"):
                await asking


SHELL = load_profiles()["openvswitch"]


@pytest.mark.parametrize("secret", [None, Credential(name="typed", text="pw")])
async def test_a_shell_on_a_line_is_left_when_somebody_waits(secret):
    typed = bytearray()
    shell = dataclasses.replace(SHELL, cli=quick(SHELL))

    def talk(data):
        typed.extend(data)
        whole = bytes(typed).rpartition(b"\n")[0].decode()
        marks = [line.split()[-2] for line in whole.splitlines() if line.startswith("}") and "$?" in line]
        if typed.endswith(b"$?\n"):
            return f"\n#{marks[-1]} 0\n".encode()
        return b"" if b"stty -echo" in typed else data.replace(b"\x03", b"^C").replace(b"\r", b"\r\nsw1# ")

    async with console(talk) as (line, connection):
        connection.login = dataclasses.replace(connection.login, secret=secret)
        session = ShellSession(lambda: shell_stream(connection, shell), shell=SHELL.shell, timeout_s=2)
        session._way._quiet_s = 0.02
        await session.run("true")
        async with line.hold(ANA, wait_s=2):
            assert typed.endswith(b"\x03")
            assert (b"stty sane); exit\r" in typed) == (secret is not None), "who has a password logs out"
        await session.close()
