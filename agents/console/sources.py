"""Where a node's console is: a line that automation uses too, or a shell of its own on the device.

A scheme that :mod:`drivers.line.shared` knows is a line. A management controller carries its machine's. Over
SSH a console is a session of its own, made a line by an endpoint over its stream, so that everything behind it (one
holder, many listeners) is the same; automation is not heard on it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol

from agents.console.over_lan import borrow_over_lan, carried, is_over_lan
from agents.console.slots import NoConsole, line_of
from agents.desk import Desk
from agents.identity import PROVED_BY
from device_profiles.wire import Assignment
from drivers.access import Access, parse_access
from drivers.contract import ByteStream, Connection, Sized
from drivers.credentials import Credential, Login
from drivers.errors import SecretRefused, Unsupported
from drivers.line.endpoint import opening
from drivers.line.line import Line
from drivers.line.shared import SCHEMES, borrow
from drivers.transports import open_connection

_SHELLS: Final = frozenset({"ssh"})


class OpenLine(Protocol):
    """A line that somebody has until it is given back."""

    @property
    def line(self) -> Line:
        """The line."""

    async def give_back(self) -> None:
        """Have it no more. Never raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A console that can be opened, again and again. ``slot``: of the machine in this slot; empty: the node's own.

    ``texts``: what must not be shown. ``silent``: what automation sends does not come back, so that who watches would
    see answers without their questions.
    """

    kind: Literal["line", "shell"]
    access: str
    slot: str = ""
    texts: tuple[str, ...]
    silent: bool = False
    open: Callable[[], Awaitable[OpenLine]]


async def source_of(assignment: Assignment, desk: Desk, *, slot: str = "") -> Source:
    """The console of a node, or of the machine in a slot of it.

    Raises :class:`~agents.console.slots.NoConsole`, :class:`~drivers.errors.DeviceError`.
    """
    if slot:
        return replace(await _line(await line_of(slot, assignment, desk), assignment, desk), slot=slot)
    ways = [parse_access(url) for url in assignment.access]
    lines = [access for access in ways if access.scheme in SCHEMES]
    shells = [access for access in ways if access.scheme in _SHELLS]
    if lines:
        return await _line(lines[0], assignment, desk)
    if shells:
        return await _shell(shells[0], assignment, desk)
    if (machines := carried(ways)) is not None:
        return await _line(machines, assignment, desk)
    schemes = ", ".join(sorted({access.scheme for access in ways})) or "nothing"
    raise NoConsole(f"{assignment.node} has no console: it is reached by {schemes}, and by no line and no shell")


async def _line(access: Access, assignment: Assignment, desk: Desk) -> Source:
    try:
        secret = await desk.secrets.resolve(assignment.credentials, host=access.host)
    except SecretRefused:
        secret = None  # nobody sends it on this line then
    served = await desk.secrets.equip(access)

    async def take() -> OpenLine:
        if is_over_lan(served):
            return await borrow_over_lan(served, secret, assignment, desk)
        return await borrow(served, timeout_s=assignment.profile.connect_timeout_s)

    profile = assignment.profile
    silent = profile.shell is not None or (profile.cli is not None and not profile.cli.echo)
    return Source(kind="line", access=str(access), texts=_texts(secret), silent=silent, open=take)


async def _shell(access: Access, assignment: Assignment, desk: Desk) -> Source:
    secret = await desk.secrets.resolve(assignment.credentials, host=access.host)

    async def dial() -> OpenLine:
        known = desk.pins.known(assignment.node, declared=assignment.identity, pinned=assignment.pinned)
        connection = await open_connection(
            access,
            credential=secret,
            pin=known.get(PROVED_BY.get(access.scheme, "")),
            timeout_s=assignment.profile.connect_timeout_s,
        )
        async with opening(connection):
            return OwnSession(connection, await connection.stream(""), name=str(access))

    return Source(kind="shell", access=str(access), texts=_texts(secret), open=dial)


def _texts(secret: Credential | None) -> tuple[str, ...]:
    return Login(secret=secret).texts


class OwnSession:
    """A session of our own as a line that nobody else has."""

    def __init__(self, connection: Connection, stream: ByteStream, *, name: str) -> None:
        self._connection = connection
        self._stream = stream
        self.line = Line(StreamEnd(stream), name=name)
        self.line.start()

    def resize(self, columns: int, rows: int) -> None:
        """Whoever writes has a terminal of this size."""
        if isinstance(self._stream, Sized):
            self._stream.resize(columns, rows)

    async def give_back(self) -> None:
        """End the session."""
        await self.line.close()
        await self._connection.close()


class StreamEnd:
    """A byte stream as the end of a line (see :class:`drivers.line.endpoint.Endpoint`)."""

    speed: int | None = None

    def __init__(self, stream: ByteStream) -> None:
        self.write = stream.send
        self.read = stream.receive
        self.close = stream.close

    async def set_speed(self, baud: int) -> None:
        """A session has no speed."""
        raise Unsupported(f"a session has no speed to set to {baud}")

    async def send_break(self, seconds: float) -> None:
        """A session has no break."""
        raise Unsupported(f"a session has no line to hold in its break state for {seconds:g} s")
