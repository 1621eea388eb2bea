"""SSH for a twin: one asyncssh server each on 127.0.0.1, with sessions that are a shell or a watcher.

Cheap on purpose: hundreds of them share one process with nothing else in it, and what is measured then is the client.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Final

import asyncssh

from drivers.transports.ssh import without_empty_packets
from pointsman.twins import shell
from pointsman.twins.shell import Machine
from pointsman.twins.switch import Switch

_SHELLS: Final = frozenset({"exec sh", "sh", "/bin/sh"})
_WATCHES: Final = "ovsdb-client"
"""A command line with this program in it is one that waits for changes."""


HOST: Final = "127.0.0.1"


async def listen(
    machine: Switch | Machine,
    *,
    key: asyncssh.SSHKey,
    host_key: asyncssh.SSHKey,
    connections: set[asyncssh.SSHServerConnection],
    port: int = 0,
) -> asyncssh.SSHAcceptor:
    """Let whoever has ``key`` in to a twin; with ``port`` 0 the system chooses one."""
    return await asyncssh.listen(
        HOST,
        port,
        family=socket.AF_INET,
        server_factory=lambda: Server(machine, key, connections),
        server_host_keys=[host_key],
        config=None,
        encoding=None,
        line_editor=False,
        allow_pty=False,
        compression_algs=None,
        password_auth=False,
        kbdint_auth=False,
        gss_host=None,
        x11_forwarding=False,
        agent_forwarding=False,
        login_timeout=0,
    )


async def stop(acceptors: list[asyncssh.SSHAcceptor], connections: set[asyncssh.SSHServerConnection]) -> None:
    """Stop listening, and end what is open."""
    for acceptor in acceptors:
        acceptor.close()
    for connection in (open_now := tuple(connections)):
        connection.abort()
    for connection in open_now:
        await connection.wait_closed()
    for acceptor in acceptors:
        await acceptor.wait_closed()
    acceptors.clear()


class Server(asyncssh.SSHServer):
    """Who may log in to a twin: whoever has the rack's key. ``connections`` holds those that are open."""

    def __init__(
        self, machine: Switch | Machine, key: asyncssh.SSHKey, connections: set[asyncssh.SSHServerConnection]
    ) -> None:
        self._machine = machine
        self._key = key.convert_to_public()
        self._connections = connections
        self._gone = asyncio.Event()

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Somebody connected."""
        without_empty_packets(conn)
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody is gone."""
        del exc
        self._connections.discard(self._connection)
        self._gone.set()

    async def begin_auth(self, username: str) -> bool:
        """Every login needs the key."""
        del username
        if self._machine.faults.hang_in_login:
            await self._gone.wait()
        return True

    def public_key_auth_supported(self) -> bool:
        """Keys are taken, and nothing else."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether it is the rack's key, unless the twin is to refuse it."""
        del username
        return key == self._key and not self._machine.faults.refuse_login

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        """A new session."""
        return Session(self._machine)


class Session(asyncssh.SSHServerSession[bytes]):
    """One channel: framed commands for a shell, a command line to run, or one that watches."""

    def __init__(self, machine: Switch | Machine) -> None:
        self._machine = machine
        self._received = bytearray()
        self._command: str | None = None
        self._pending: set[asyncio.TimerHandle] = set()

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """The channel is there."""
        self._channel = chan

    def shell_requested(self) -> bool:
        """A login shell is the same shell."""
        return True

    def exec_requested(self, command: str) -> bool:
        """Any command is taken; what it is shows when it runs."""
        self._command = None if command in _SHELLS else command
        return True

    def session_started(self) -> None:
        """Run the command, where there is one."""
        if self._command is None:
            return
        if _WATCHES in self._command:
            self._machine.watchers.append(self._channel.write)
            self._channel.write(b'{"data":[],"headings":["row","action","name","tag"]}\n')
            return
        printed, status = shell.run(self._machine, self._command)
        self._channel.write(printed)
        self._channel.exit(status)

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """Input of the shell; a watcher's only matters when it ends."""
        del datatype
        if self._command is not None or self._machine.faults.silent:
            return
        self._received += data
        for command, nonce in shell.frames(self._received):
            self._answer(command, nonce)

    def eof_received(self) -> bool:
        """The end of its input ends a shell, and a watcher."""
        self._stop()
        self._channel.exit(0)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone."""
        del exc
        self._stop()

    def _stop(self) -> None:
        if self._channel.write in self._machine.watchers:
            self._machine.watchers.remove(self._channel.write)
        for handle in self._pending:
            handle.cancel()
        self._pending.clear()

    def _answer(self, command: str, nonce: str) -> None:
        faults = self._machine.faults
        printed, status = shell.run(self._machine, command)
        if faults.garbage is not None:
            printed = faults.garbage
        answer = printed + shell.mark(nonce, status)
        if faults.hang_in_reply or faults.drop_in_reply:
            self._channel.write(answer[: len(answer) // 2])
            if faults.drop_in_reply:
                self._channel.get_connection().abort()
        elif faults.delay_s:
            self._later(faults.delay_s, answer)
        else:
            self._channel.write(answer)

    def _later(self, delay_s: float, answer: bytes) -> None:
        def write() -> None:
            self._pending.discard(handle)
            if not self._channel.is_closing():
                self._channel.write(answer)

        handle = asyncio.get_running_loop().call_later(delay_s, write)
        self._pending.add(handle)
