"""Lines by their address: opened when the first one wants it, shared by all, closed when the last one leaves.

The console and the passes of a node meet on one line, since a serial port can be opened once. A line that was lost is
forgotten here at once, and the next one who wants it opens it anew: an adapter that was plugged in again comes back
that way, under its name in ``/dev/serial/by-id`` whatever number it got.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from device_profiles.console_server import SSH
from drivers.access import Access
from drivers.errors import Unsupported
from drivers.line.com_port import open_com_port
from drivers.line.console_server import through
from drivers.line.endpoint import Endpoint
from drivers.line.line import Line
from drivers.line.ports import line_name
from drivers.line.served_access import is_served
from drivers.line.sockets import TcpPort, TelnetPort, dial
from drivers.line.sol import open_sol
from drivers.line.tty import DEFAULT_SPEED, open_tty


class _Opened:
    """A line and how many have it; ``opening`` lets two who come at once open it once."""

    def __init__(self) -> None:
        self.opening = asyncio.Lock()
        self.line: Line | None = None
        self.users = 0

    def is_unused(self) -> bool:
        """Whether nobody has it now."""
        return self.users == 0


_OPENED: Final[dict[tuple[int, str], _Opened]] = {}
"""By event loop and address."""


class Borrowed:
    """A line that somebody has, until it is given back."""

    def __init__(self, line: Line, key: tuple[int, str], opened: _Opened) -> None:
        self.line = line
        self._key = key
        self._opened = opened
        self._back = False

    async def give_back(self) -> None:
        """Have it no more; the last one closes it. Never raises."""
        if not self._back:
            self._back = True
            await _leave(self._key, self._opened)


async def borrow(access: Access, *, timeout_s: float) -> Borrowed:
    """The line at ``access``. Raises :class:`~drivers.errors.DeviceError` as its kind of port does."""
    key = id(asyncio.get_running_loop()), line_name(access)
    opened = _OPENED.setdefault(key, _Opened())
    if opened.line is not None and opened.line.closed:
        opened = _OPENED[key] = _Opened()
    opened.users += 1
    try:
        async with opened.opening:
            if opened.line is None:
                line = Line(await open_endpoint(access, timeout_s=timeout_s), name=line_name(access))
                line.start()
                opened.line = line
    except BaseException:
        await _leave(key, opened)
        raise
    return Borrowed(opened.line, key, opened)


async def _leave(key: tuple[int, str], opened: _Opened) -> None:
    opened.users -= 1
    if not opened.is_unused():
        return
    async with opened.opening:  # who comes meanwhile opens it when it is closed
        if not opened.is_unused():
            return
        line, opened.line = opened.line, None
        if line is not None:
            await line.close()
    if opened.is_unused() and _OPENED.get(key) is opened:
        del _OPENED[key]


def speed_of(access: Access) -> int | None:
    """The speed that an access names. Raises ``Unsupported``."""
    text = access.option("baud")
    if text and not text.isdecimal():
        raise Unsupported(f"{access}: baud is a number, like ?baud=9600")
    return int(text) if text else None


async def _serial(access: Access, timeout_s: float) -> Endpoint:
    del timeout_s  # a port of this machine opens at once, or not
    framing, flow = access.option("framing", "8N1"), access.option("flow", "none")
    return await open_tty(Path(access.host), speed=speed_of(access) or DEFAULT_SPEED, framing=framing, flow=flow)


async def _rfc2217(access: Access, timeout_s: float) -> Endpoint:
    return await open_com_port(access, baud=speed_of(access), timeout_s=timeout_s)


async def _tcp(access: Access, timeout_s: float) -> Endpoint:
    return await _over(TcpPort, access, timeout_s)


async def _telnet(access: Access, timeout_s: float) -> Endpoint:
    return await _over(TelnetPort, access, timeout_s)


async def _over(kind: type[TcpPort], access: Access, timeout_s: float) -> Endpoint:
    async def connect(to: Access) -> Endpoint:
        return kind(*await dial(to, timeout_s=timeout_s), name=str(to))

    if is_served(access):
        return await through(access, connect, timeout_s=timeout_s)
    if access.option("login"):
        raise Unsupported(f"{access}: login= is who we are at a console server, and none is named: add ?server=")
    if access.path:
        raise Unsupported(f"{access} names a port in its path, and no console server that has it: add ?server=")
    return await connect(access)


async def _sol_redfish(access: Access, timeout_s: float) -> Endpoint:
    from drivers.line.sol_redfish import open_sol_redfish  # noqa: PLC0415 -- HTTP and SSH, which few lines need

    return await open_sol_redfish(access, timeout_s)


async def _ssh(access: Access, timeout_s: float) -> Endpoint:
    from drivers.line.served_shell import open_served_shell  # noqa: PLC0415 -- SSH, which few lines need

    return await open_served_shell(access, timeout_s)


Opener = Callable[[Access, float], Awaitable[Endpoint]]
"""Opens the near end of a line within a number of seconds."""
OPENERS: Final[Mapping[str, Opener]] = {
    "serial": _serial,
    "rfc2217": _rfc2217,
    "tcp": _tcp,
    "telnet": _telnet,
    SSH: _ssh,
    "sol+ipmi": open_sol,
    "sol+redfish+https": _sol_redfish,
    "sol+redfish+http": _sol_redfish,
}
"""How a line is opened, by the scheme of its access URL. A new kind of line is a row here."""
SCHEMES: Final = frozenset(OPENERS)
"""The schemes of access URLs that are lines."""


async def open_endpoint(access: Access, *, timeout_s: float) -> Endpoint:
    """The near end of the line at ``access``, open and not shared. Raises ``Unsupported`` for what is no line."""
    opener = OPENERS.get(access.scheme)
    if opener is None:
        raise Unsupported(f"{access.scheme}:// is no line: use one of {', '.join(sorted(SCHEMES))}")
    speed_of(access)  # a speed that is no number is refused whatever the line is
    return await opener(access, timeout_s)
