"""Telnet: plain characters in both directions, whatever the far end would like to negotiate."""

import asyncio
import contextlib
import os
import pty
import subprocess

import pytest

from device_profiles.profile import load_profiles
from drivers.access import parse_access
from drivers.cli import CliSession
from drivers.cli.login import shell_stream
from drivers.contract import login_of
from drivers.credentials import Credential
from drivers.errors import Unreachable, Unsupported
from drivers.line.negotiation import Negotiation, escaped
from drivers.session import ShellSession
from drivers.transports import open_connection, schemes
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password

pytestmark = pytest.mark.unit


@contextlib.asynccontextmanager
async def telnet_server(talk):
    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"telnet://admin@127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def connect(url):
    return await open_connection(
        parse_access(url), credential=Credential(name="x", text="pw"), pin="SHA256:of-another-access", timeout_s=2.0
    )


def test_telnet_is_a_scheme():
    assert "telnet" in schemes()


@pytest.mark.parametrize(
    ("sent", "text", "answer"),
    [
        (b"login: ", b"login: ", b""),
        (b"\xff\xfb\x01\xff\xfb\x03hi", b"hi", b"\xff\xfd\x01\xff\xfd\x03"),
        (b"\xff\xfd\x18\xff\xfd\x1f", b"", b"\xff\xfc\x18\xff\xfc\x1f"),
        (b"\xff\xfb\x22x", b"x", b"\xff\xfe\x22"),
        (b"\xff\xfd\x00\xff\xfb\x00", b"", b"\xff\xfb\x00\xff\xfd\x00"),
        (b"\xff\xfa\x18\x01\xff\xf0y", b"y", b""),
        (b"a\xff\xffb", b"a\xffb", b""),
        (b"\xff\xf1z", b"z", b""),
        (b"a\r\0b", b"a\rb", b""),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 100])
def test_options_are_refused_but_echo_and_no_go_ahead(sent, text, answer, size):
    side = Negotiation()
    got = [side.take(sent[start : start + size]) for start in range(0, len(sent), size)]
    assert b"".join(part for part, _ in got).replace(b"\r\0", b"\r") == text
    assert b"".join(part for _, part in got) == answer


def test_the_same_offer_is_answered_once():
    side = Negotiation()
    assert side.take(b"\xff\xfb\x01")[1]
    assert not side.take(b"\xff\xfb\x01")[1]


def test_what_is_sent_ends_lines_as_the_key_does_and_doubles_255():
    assert escaped(b"a\nb\r\nc\r\xff", binary=False) == b"a\r\0b\r\0c\r\0\xff\xff"
    assert escaped(b"a\nb\r\nc\r\xff", binary=True) == b"a\rb\rc\r\xff\xff"


def test_a_far_end_that_wants_bytes_as_they_are_gets_them():
    side = Negotiation()
    assert not side.sends_binary
    side.take(b"\xff\xfd\x00")
    assert side.sends_binary


async def test_a_stream_carries_bytes_and_a_second_one_dials_again():
    async def echo(reader, writer):
        writer.write(b"\xff\xfb\x01hello")
        while data := await reader.read(100):
            writer.write(data.replace(b"\xff\xfd\x01", b""))

    async with telnet_server(echo) as url:
        connection = await connect(url)
        assert connection.login.asked
        assert connection.login.user == "admin"
        for _ in range(2):
            stream = await connection.stream("")
            assert await stream.receive() == b"hello"
            await stream.send(b"x\n")
            assert await stream.receive() == b"x\r"
            await stream.close()
        await connection.close()
        with pytest.raises(Unreachable):
            await connection.stream("")


async def test_a_command_without_a_login_is_not_run_and_nobody_there_is_unreachable():
    async def silent(reader, writer):
        await reader.read()

    async with telnet_server(silent) as url:
        connection = await connect(url)
        with pytest.raises(Unsupported):
            await connection.stream("ls")
        await connection.close()
    with pytest.raises(Unreachable):
        await connect(url)


async def test_the_end_of_the_connection_is_the_end_of_the_stream():
    async def leave(reader, writer):
        writer.write(b"bye")

    async with telnet_server(leave) as url:
        connection = await connect(url)
        stream = await connection.stream("")
        assert await stream.receive() == b"bye"
        with pytest.raises(Unreachable, match="was lost"):
            await stream.receive()
        await connection.close()


async def test_who_logs_out_for_another_leaves_them_a_line_that_is_dialled_anew(monkeypatch):
    monkeypatch.setattr("drivers.giving_way.QUIET_S", 0.01)
    switch, who = Switch("cisco_ios"), Password(user="admin", password="pw")
    cli = load_profiles()["cisco_ios"].cli
    async with LanguageServer(lambda: IosSession(switch), password=who) as server:
        connection = await connect(server.telnet_access)
        one, two = (
            CliSession(lambda: connection.stream(""), cli=cli, timeout_s=2, login=login_of(connection)) for _ in "12"
        )
        for session in (one, two, one):
            assert "Cisco IOS" in (await session.run("show version")).text
        await one.close()
        await connection.close()


async def shell_on_a_terminal(reader, writer):
    """What a telnet daemon does: a login, then a shell on a terminal of its own."""
    writer.write(b"\xff\xfb\x01\xff\xfb\x03Debian\r\nsw1 login: ")
    data = b""
    for asks in (b"\r\nPassword: ", b"\r\n"):
        data = b""
        while not data.endswith(b"\r\0"):
            data += (await reader.read(100)).replace(b"\xff\xfd\x01", b"").replace(b"\xff\xfd\x03", b"")
        writer.write(asks)
    near, far = pty.openpty()
    with subprocess.Popen(  # noqa: ASYNC220 -- it returns at once
        ["sh", "-i"], stdin=far, stdout=far, stderr=far, start_new_session=True, env={"PATH": os.environ["PATH"]}
    ) as shell:
        os.close(far)
        loop = asyncio.get_running_loop()
        loop.add_reader(near, lambda: writer.write(os.read(near, 4096)))
        while data := await reader.read(4096):
            os.write(near, data.replace(b"\r\0", b"\r"))
        loop.remove_reader(near)
        os.close(near)
        shell.kill()


async def test_a_shell_session_runs_behind_a_login_on_a_terminal():
    profile = load_profiles()["openvswitch"]
    async with telnet_server(shell_on_a_terminal) as url:
        connection = await connect(url)
        assert profile.shell is not None
        session = ShellSession(lambda: shell_stream(connection, profile), shell=profile.shell, timeout_s=5.0)
        reply = await session.run("echo one; echo two")
        assert reply.data == b"one\ntwo\n"
        assert reply.status == 0
        long = "x" * 6000  # longer than a terminal takes of a line
        assert (await session.run(f"echo {long}")).data == f"{long}\n".encode()
        assert (await session.run("false")).status == 1
        await session.close()
        await connection.close()
