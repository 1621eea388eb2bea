"""Connecting: who is asked what, and how each way to fail shows."""

import asyncio
import dataclasses
import time

import asyncssh
import pytest

from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, Garbled, SecretRefused, Unreachable, Unsupported, WrongDevice
from drivers.transports import open_connection, schemes
from pointsman.twins import server as twin_servers

pytestmark = pytest.mark.unit

OTHER = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


async def opened(twin, credential, *, pin=None, timeout_s=5.0):
    return await open_connection(parse_access(twin.access), credential=credential, pin=pin, timeout_s=timeout_s)


async def test_a_scheme_that_nobody_speaks_names_those_there_are():
    assert "ssh" in schemes()
    with pytest.raises(Unsupported, match=r"gopher:// cannot be opened here: use one of .*ssh"):
        await open_connection(parse_access("gopher://192.0.2.1:70"), credential=None, pin=None, timeout_s=1.0)


async def test_first_contact_accepts_and_says_who_it_was(twin, credential):
    connection = await opened(twin, credential)
    assert connection.identity == twin.host_key
    assert not connection.closed
    await connection.close()
    assert connection.closed


async def test_another_host_key_is_refused_before_anything_is_said_of_us(twin, credential, monkeypatch):
    asked = []
    monkeypatch.setattr(twin_servers.Server, "begin_auth", lambda self, username: asked.append(username) or True)
    with pytest.raises(WrongDevice) as refused:
        await opened(twin, credential, pin=OTHER)
    assert OTHER in str(refused.value)
    assert twin.host_key in str(refused.value)
    assert asked == []


async def test_a_refused_key_is_auth_failed_and_shows_no_secret(twin, credential):
    twin.faults.refuse_login = True
    with pytest.raises(AuthFailed) as refused:
        await opened(twin, credential, pin=twin.host_key)
    assert "PRIVATE KEY" not in str(refused.value)


async def test_a_password_where_keys_are_needed_is_auth_failed(twin):
    with pytest.raises(AuthFailed) as refused:
        await opened(twin, Credential(name="env:POINTSMAN_SECRET_X", text="hunter2\n"), pin=twin.host_key)
    assert "hunter2" not in str(refused.value)


async def test_a_key_that_cannot_be_read_is_named_not_shown(twin):
    text = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
    with pytest.raises(SecretRefused, match=r"^file:broken\.key is no private key") as refused:
        await opened(twin, Credential(name="file:broken.key", text=text))
    assert "AAAA" not in str(refused.value)


async def test_a_hung_login_ends_in_time_and_closes_the_socket(twin, credential, rack):
    twin.faults.hang_in_login = True
    started = time.monotonic()
    with pytest.raises(Unreachable, match=r"within 0\.2 s"):
        await opened(twin, credential, timeout_s=0.2)
    assert time.monotonic() - started < 2.0


async def test_a_cancelled_login_leaves_nothing(twin, credential, rack, until):
    twin.faults.hang_in_login = True
    task = asyncio.create_task(opened(twin, credential))
    await until(lambda: rack.connected)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not rack.connected)


async def test_nothing_listening_is_unreachable(credential, unused_port):
    twin = parse_access(f"ssh://root@127.0.0.1:{unused_port}")
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1"):
        await open_connection(twin, credential=credential, pin=None, timeout_s=2.0)


@pytest.mark.parametrize("host", ["x" * 64 + ".example", "a..b"])
async def test_a_name_that_can_be_none_is_said_to_be_none(credential, host):
    with pytest.raises((Unsupported, Unreachable), match=host[:40]):
        await open_connection(parse_access(f"ssh://x@{host}"), credential=credential, pin=None, timeout_s=5.0)


async def test_a_server_that_counts_tries_is_auth_failed_as_well(twin, credential, monkeypatch):
    def give_up(self, username, key):
        raise asyncssh.ProtocolError("Too many authentication failures")

    monkeypatch.setattr(twin_servers.Server, "validate_public_key", give_up)
    with pytest.raises(AuthFailed):
        await opened(twin, credential)


@pytest.fixture
async def unused_port():
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


@pytest.mark.parametrize(
    ("said", "expected"),
    [(b"HTTP/1.1 400 Bad Request\r\n\r\n", Unreachable), (b"", Unreachable), (b"\xff" * 50000, Garbled)],
    ids=["http", "nothing", "noise"],
)
async def test_what_is_no_ssh_server_is_said_to_be_none(credential, said, expected):
    async def answer(reader, writer):
        writer.write(said)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(expected):
        await open_connection(parse_access(f"ssh://x@127.0.0.1:{port}"), credential=credential, pin=None, timeout_s=3)
    server.close()
    await server.wait_closed()


async def test_streams_are_many_and_close_alone(connect, twin):
    connection = await connect(twin)
    one, other = await connection.stream("exec sh"), await connection.stream("exec sh")
    await one.close()
    await other.send(b"{ uname -n\n} </dev/null 2>&1; printf '\\n#%s %d\\n' ab $?\n")
    assert await other.receive() == b"sw1\n\n#ab 0\n"
    assert not connection.closed


async def test_no_empty_packet_goes_before_each_of_ours(connect, twin, monkeypatch):
    ignored = []
    seen = asyncssh.connection.SSHConnection._process_ignore

    def process(self, kind, number, packet):
        if self.is_server():
            ignored.append(kind)
        return seen(self, kind, number, packet)

    handlers = asyncssh.connection.SSHConnection._packet_handlers
    monkeypatch.setitem(handlers, asyncssh.constants.MSG_IGNORE, process)
    stream = await (await connect(twin)).stream("exec sh")
    await stream.send(b"{ true\n} </dev/null 2>&1; printf '\\n#%s %d\\n' 0a $?\n")
    assert await stream.receive() == b"\n#0a 0\n"
    assert ignored == []


async def test_the_end_of_a_command_is_the_end_of_its_stream(connect, twin):
    stream = await (await connect(twin)).stream("uname -n")
    assert await stream.receive() == b"sw1\n"
    assert await stream.receive() == b""
    with pytest.raises(Unreachable):
        await stream.send(b"more")


async def test_a_lost_connection_ends_its_streams(connect, twin, rack):
    connection = await connect(twin)
    stream = await connection.stream("exec sh")
    await rack.__aexit__(None, None, None)
    assert await stream.receive() == b""
    with pytest.raises(Unreachable):
        await stream.send(b"x")
    with pytest.raises(Unreachable):
        await connection.stream("exec sh")


async def test_a_reader_that_does_not_read_stops_the_device(connect, twin):
    """What is held for a slow reader is bounded; afterwards all of it arrives."""
    twin.faults.garbage = b"z" * 4_000_000
    stream = await (await connect(twin)).stream("exec sh")
    await stream.send(b"{ uname -n\n} </dev/null 2>&1; printf '\\n#%s %d\\n' ab $?\n")
    got = 0
    while got < 4_000_000:
        got += len(await stream.receive())


def test_a_credential_never_shows_itself():
    secret = Credential(name="file:x", text="hunter2")
    assert "hunter2" not in repr(secret)
    assert "hunter2" not in str(dataclasses.replace(secret, name="y"))
