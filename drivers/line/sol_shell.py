"""A system's console behind SSH to its manager as the near end of a line.

Where the port leads to the manager's own command line, the command that leads on is typed there once that shows a
prompt. The prompt is what tells that it did not lead on: then the manager has refused, and its words are the reason.
When the prompt comes back later, somebody or something ended the console, and the line is lost; what is meant for the
device must never be typed at its manager.
"""

from __future__ import annotations

import asyncio
import re
from typing import Final

from device_profiles.names import printable
from drivers.access import Access
from drivers.credentials import Credential
from drivers.errors import LineBusy, Rejected, Unreachable, Unsupported
from drivers.line.endpoint import opening
from drivers.line.sol_proofs import pinned
from drivers.transports import ssh
from drivers.transports._channels import Channel
from drivers.transports.ssh import Connection

_QUIET_S: Final = 0.4
"""A manager that said nothing more for so long has said all."""
_FIRST_S: Final = 8.0
_SHORTEST_PROMPT: Final = 4
"""A prompt that is shorter may be the device's as well."""
_BUSY: Final = re.compile(r"(?i)\b(in use|busy|already|another|other (user|session)|too many|maximum)\b")
_CONTROL: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")


class ShellPort:
    """A :class:`drivers.line.endpoint.Endpoint` over a session with a manager. ``proof`` is its SSH host key."""

    speed: int | None = None

    def __init__(self, connection: Connection, stream: Channel, *, name: str) -> None:
        self._connection = connection
        self._stream = stream
        self._name = name
        self._prompt = ""
        self._ahead = b""
        self._last_line = ""
        self.proof = connection.identity

    async def enter(self, command: str, *, timeout_s: float) -> None:
        """Have the manager lead on to the console. Raises ``Rejected``, ``LineBusy``, ``Unreachable``."""
        before = _plain(await self._settled(min(_FIRST_S, timeout_s)))
        prompt = before.rpartition("\n")[2].strip()
        if not prompt:
            raise Unreachable(f"{self._name}: its manager shows no prompt at which {command} could be typed")
        await self._stream.send(command.encode() + b"\r")
        shown = await self._settled(_QUIET_S * 2)
        lines = [line.strip() for line in _plain(shown).split("\n")]
        if lines[-1] == prompt:
            said = printable(" ".join(line for line in lines[:-1] if line and command not in line), most=120)
            sentence = f"{self._name}: its manager does not lead on by {command}: {said or 'it says nothing'}"
            raise LineBusy(sentence) if _BUSY.search(said) else Rejected(sentence)
        self._prompt, self._ahead = prompt if len(prompt) >= _SHORTEST_PROMPT else "", shown

    async def _settled(self, first_s: float) -> bytes:
        """What comes until nothing more does."""
        text, limit_s = b"", first_s
        while True:
            try:
                async with asyncio.timeout(limit_s):
                    data = await self._stream.receive()
            except TimeoutError:
                return text
            if not data:
                raise Unreachable(f"{self._name}: its manager ended the session: {printable(_plain(text), most=120)}")
            text, limit_s = text + data, _QUIET_S

    async def read(self) -> bytes:
        """The next characters of the console; nothing where the manager ended the session."""
        data, self._ahead = self._ahead, b""
        if not data:
            data = await self._stream.receive()
            self._look(data)
        return data

    def _look(self, data: bytes) -> None:
        self._last_line = _plain((self._last_line.encode() + data)[-256:]).rpartition("\n")[2]
        if self._prompt and self._last_line.strip() == self._prompt:
            raise Unreachable(f"the line {self._name} was lost: its manager's own prompt came back")

    async def write(self, data: bytes) -> None:
        """Send characters."""
        await self._stream.send(data)

    async def set_speed(self, baud: int) -> None:
        """Refused: it is a setting of the manager."""
        raise Unsupported(f"the speed of {self._name} is a setting of its manager: {baud} baud is set there")

    async def send_break(self, seconds: float) -> None:
        """SSH's own break (RFC 4335); whether it reaches the console is the manager's affair."""
        self._stream.send_break(seconds)

    async def close(self) -> None:
        """End the session, and the console with it."""
        await self._stream.close()
        await self._connection.close()


async def open_shell(
    there: Access, *, credential: Credential | None, pin: str | None, name: str, timeout_s: float
) -> ShellPort:
    """Log in at ``there``, whose host key is held against ``pin`` before; ``name`` is what people are told.

    Raises what :func:`drivers.transports.open_connection` says.
    """
    connection = await ssh.connect(there, credential=credential, pin=pinned(pin, "host key"), timeout_s=timeout_s)
    async with opening(connection):
        stream = await connection.stream("")
        assert isinstance(stream, Channel)  # noqa: S101 -- what SSH gives
        return ShellPort(connection, stream, name=name)


def _plain(data: bytes) -> str:
    return _CONTROL.sub("", data.decode("utf-8", "replace").replace("\r", ""))
