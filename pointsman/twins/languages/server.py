"""A twin's terminals behind SSH (with a password) and telnet, on 127.0.0.1."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import asyncssh

from pointsman.twins.languages.terminal import Language, Password, Terminal

HOST: Final = "127.0.0.1"
_IAC_WILL_ECHO: Final = b"\xff\xfb\x01\xff\xfb\x03"
_CHUNK_BYTES: Final = 65536


class LanguageServer:
    """Serves sessions of a device, made by ``session``; an asynchronous context manager.

    Over SSH whoever has the password is in; over telnet the line asks for user and password. Ports are chosen by the
    system where they are 0.
    """

    def __init__(
        self,
        session: Callable[[], Language],
        *,
        password: Password,
        banner: str = "",
        ssh_port: int = 0,
        telnet_port: int = 0,
        keys: Callable[[str, bytes], bool] | None = None,
    ) -> None:
        self._session = session
        self._password = password
        self._banner = banner
        self._keys = keys
        self._ports = (ssh_port, telnet_port)
        self._key = asyncssh.generate_private_key("ssh-ed25519")
        self._ssh: asyncssh.SSHAcceptor | None = None
        self._telnet: asyncio.Server | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._lines: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def host_key(self) -> str:
        """The fingerprint of its host key."""
        return self._key.get_fingerprint()

    @property
    def public_key(self) -> str:
        """Its host key as text: kind and base64."""
        return " ".join(self._key.export_public_key().decode().split()[:2])

    @property
    def ssh_access(self) -> str:
        """Where it is reached by SSH."""
        assert self._ssh is not None  # noqa: S101 -- only asked while it serves
        return f"ssh://{self._password.user}@{HOST}:{self._ssh.get_port()}"

    @property
    def telnet_access(self) -> str:
        """Where it is reached by telnet."""
        assert self._telnet is not None  # noqa: S101
        return f"telnet://{self._password.user}@{HOST}:{self._telnet.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        try:
            self._ssh = await asyncssh.listen(
                HOST,
                self._ports[0],
                family=socket.AF_INET,
                server_factory=lambda: _Server(self._terminal, self._password, self._connections, self._keys),
                server_host_keys=[self._key],
                config=None,
                encoding=None,
                line_editor=False,
                allow_pty=True,
                compression_algs=None,
                gss_host=None,
                x11_forwarding=False,
                agent_forwarding=False,
                login_timeout=0,
            )
            self._telnet = await asyncio.start_server(self._line, HOST, self._ports[1])
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    def _terminal(self, *, asks: bool) -> Terminal:
        return Terminal(self._session(), banner=self._banner, password=self._password if asks else None)

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One telnet connection; what the client says of options is taken out, and not answered."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 -- a server's callback is a task
        self._lines[task] = writer
        terminal = self._terminal(asks=True)
        try:
            writer.write(_IAC_WILL_ECHO + terminal.greet())
            while not terminal.ended and (data := await reader.read(_CHUNK_BYTES)):
                writer.write(terminal.feed(_characters(data)))
                await writer.drain()
        except ConnectionError:
            return
        finally:
            terminal.hang_up()
            del self._lines[task]
            writer.close()

    async def _stop(self) -> None:
        lines = dict(self._lines)
        for writer in lines.values():
            writer.transport.abort()
        await asyncio.gather(*lines)
        if self._telnet is not None:
            self._telnet.close()
            await self._telnet.wait_closed()
        if self._ssh is not None:
            self._ssh.close()
        for connection in (open_now := tuple(self._connections)):
            connection.abort()
        for connection in open_now:
            await connection.wait_closed()
        if self._ssh is not None:
            await self._ssh.wait_closed()


def _characters(data: bytes) -> bytes:
    """What was typed, without telnet's three-byte commands and the zero after a carriage return."""
    text = bytearray()
    position = 0
    while position < len(data):
        if data[position] == 0xFF and data[position + 1 : position + 2] != b"\xff":
            position += 3
            continue
        position += data[position] == 0xFF
        text.append(data[position])
        position += 1
    return bytes(text).replace(b"\r\0", b"\r")


class _Server(asyncssh.SSHServer):
    def __init__(
        self,
        terminal: Callable[..., Terminal],
        password: Password,
        connections: set[asyncssh.SSHServerConnection],
        keys: Callable[[str, bytes], bool] | None,
    ) -> None:
        self._keys = keys
        self._terminal = terminal
        self._password = password
        self._connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Somebody connected."""
        self._connection = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody is gone."""
        del exc
        self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        """Every login needs the password."""
        del username
        return True

    def password_auth_supported(self) -> bool:
        """Passwords are taken."""
        return True

    def public_key_auth_supported(self) -> bool:
        """Keys are taken where the device knows any."""
        return self._keys is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether the user has it."""
        return self._keys is not None and self._keys(username, key.public_data)

    def validate_password(self, username: str, password: str) -> bool:
        """Whether it is the right one."""
        return (username, password) == (self._password.user, self._password.password)

    def session_requested(self) -> asyncssh.SSHServerSession[bytes]:
        """A new session."""
        return _Session(self._terminal(asks=False))


class _Session(asyncssh.SSHServerSession[bytes]):
    """One channel; a command line of its own is refused, as such devices do."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """The channel is there."""
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        """A terminal is what it is."""
        del term_type, term_size, term_modes
        return True

    def shell_requested(self) -> bool:
        """A login shell is its command line."""
        return True

    def session_started(self) -> None:
        """Say hello."""
        self._channel.write(self._terminal.greet())

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        """What was typed."""
        del datatype
        self._channel.write(self._terminal.feed(data))
        if self._terminal.ended:
            self._channel.exit(0)

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone."""
        del exc
        self._terminal.hang_up()
