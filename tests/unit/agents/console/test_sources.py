"""Which way to a node is its console, and what a session of its own can do."""

import asyncio
from dataclasses import replace

import asyncssh
import pytest

from agents.console.slots import NoConsole
from agents.console.sources import OwnSession, source_of
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.transports import open_connection
from tests.unit.agents.console.assigned import ASSIGNMENT, a_desk

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("access", "kind", "way"),
    [
        (("ssh://admin@192.0.2.1", "serial:/dev/ttyUSB0"), "line", "serial:/dev/ttyUSB0"),
        (("snmp://192.0.2.1", "rfc2217://192.0.2.9:2001"), "line", "rfc2217://192.0.2.9:2001"),
        (("snmp://192.0.2.1", "ssh://admin@192.0.2.1"), "shell", "ssh://admin@192.0.2.1:22"),
        (("ssh://admin@192.0.2.1", "telnet://192.0.2.1"), "line", "telnet://192.0.2.1:23"),
        (("ssh://192.0.2.1", "sol+ipmi://192.0.2.9"), "line", "sol+ipmi://192.0.2.9:623"),
        (("ipmi://192.0.2.9",), "line", "sol+ipmi://192.0.2.9:623"),
        (("redfish+https://192.0.2.9",), "line", "sol+redfish+https://192.0.2.9:443"),
    ],
)
async def test_a_line_goes_before_a_shell(tmp_path, access, kind, way):
    found = await source_of(replace(ASSIGNMENT, access=access), a_desk(tmp_path))
    assert (found.kind, found.access) == (kind, way)


async def test_what_has_neither_has_no_console(tmp_path):
    with pytest.raises(NoConsole, match="sw1 has no console: it is reached by snmp, and by no line and no shell"):
        await source_of(replace(ASSIGNMENT, access=("snmp://192.0.2.1",)), a_desk(tmp_path))


async def test_a_terminal_over_ssh_has_the_size_of_who_writes():
    sizes: asyncio.Queue[tuple[int, int]] = asyncio.Queue()

    async def serve(process: asyncssh.SSHServerProcess) -> None:
        try:
            await process.stdin.read()
        except asyncssh.TerminalSizeChanged as size:
            sizes.put_nowait((size.width, size.height))
        process.exit(0)

    class Server(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return username != "admin"

    key = asyncssh.generate_private_key("ssh-ed25519")
    server = await asyncssh.listen("127.0.0.1", 0, server_factory=Server, server_host_keys=[key], process_factory=serve)
    access = parse_access(f"ssh://admin@127.0.0.1:{server.get_port()}")
    secret = Credential(name="file:x", text="hunter2")
    connection = await open_connection(access, credential=secret, pin=None, timeout_s=5)
    session = OwnSession(connection, await connection.stream(""), name=str(access))
    session.resize(132, 43)
    async with asyncio.timeout(5):
        assert await sizes.get() == (132, 43)
    await session.give_back()
    server.close()
    await server.wait_closed()
