"""A serial port of this machine: raw bytes at a speed, and nobody else on it.

The descriptor is watched by the event loop; nothing here blocks. Flow control is off unless the URL asks for it: most
console cables have three wires, and XON or XOFF typed by a device's boot message would stop us for ever.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import grp
import os
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from device_profiles.names import printable
from drivers.errors import LineBusy, Unreachable, Unsupported
from drivers.line.occupants import occupant

DEFAULT_SPEED: Final = 9600
SPEEDS: Final[dict[int, int]] = {
    int(name[1:]): value for name, value in vars(termios).items() if name[0] == "B" and name[1:].isdigit() and value
}
"""Bits a second to the constant of termios."""
_CHUNK_BYTES: Final = 4096
_DATA_BITS: Final = {"7": termios.CS7, "8": termios.CS8}
_PARITY: Final = {"N": 0, "E": termios.PARENB, "O": termios.PARENB | termios.PARODD}
_STOP_BITS: Final = {"1": 0, "2": termios.CSTOPB}
_CRTSCTS: Final = 0o20000000000
_FLOW: Final = {"none": (0, 0), "rtscts": (0, _CRTSCTS), "xonxoff": (termios.IXON | termios.IXOFF, 0)}
_SET_BREAK: Final = 0x5427
_CLEAR_BREAK: Final = 0x5428
"""TIOCSBRK and TIOCCBRK of Linux, which Python does not name."""


class Tty:
    """A :class:`drivers.line.endpoint.Endpoint` over an open descriptor that is ours alone."""

    def __init__(self, descriptor: int, path: Path, *, speed: int) -> None:
        self._descriptor = descriptor
        self._path = path
        self._closed = False
        self._waits: set[asyncio.Future[None]] = set()
        self.speed: int | None = speed

    async def read(self) -> bytes:
        """The next bytes; the port is lost where the adapter is gone."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                data = os.read(self._descriptor, _CHUNK_BYTES) if not self._closed else b""
            except BlockingIOError:
                await self._ready(loop.add_reader, loop.remove_reader)
            except OSError as error:
                raise self._gone(error) from None
            else:
                if not data:
                    raise self._gone(None)
                return data

    async def write(self, data: bytes) -> None:
        """Hand bytes to the port, as fast as it takes them."""
        loop = asyncio.get_running_loop()
        while data:
            try:
                data = data[os.write(self._descriptor, data) :] if not self._closed else b""
            except BlockingIOError:
                await self._ready(loop.add_writer, loop.remove_writer)
            except OSError as error:
                raise self._gone(error) from None

    async def set_speed(self, baud: int) -> None:
        """Go to another speed once what was written has gone out."""
        speed = _speed(baud)
        try:
            settings = termios.tcgetattr(self._descriptor)
            settings[4] = settings[5] = speed
            termios.tcsetattr(self._descriptor, termios.TCSANOW, settings)
        except termios.error as error:
            raise Unsupported(f"{self._path} does not go to {baud} baud: {error.args[1]}") from None
        self.speed = baud

    async def send_break(self, seconds: float) -> None:
        """Hold the line in its break state."""
        try:
            fcntl.ioctl(self._descriptor, _SET_BREAK)
            try:
                await asyncio.sleep(seconds)
            finally:
                fcntl.ioctl(self._descriptor, _CLEAR_BREAK)
        except OSError as error:
            raise self._gone(error) from None

    async def close(self) -> None:
        """Let the port go; what it could not send by now (flow control stops it) is forgotten."""
        if self._closed:
            return
        self._closed = True
        for waiting in self._waits:
            waiting.cancel()
        with contextlib.suppress(termios.error, OSError):
            if _unsent(self._descriptor):
                termios.tcflush(self._descriptor, termios.TCOFLUSH)  # or the kernel would wait for it, up to 30 s
        os.close(self._descriptor)

    async def _ready(self, add: Callable[..., Any], remove: Callable[[int], Any]) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waits.add(waiting)
        add(self._descriptor, _settle, waiting)
        try:
            await waiting
        finally:
            self._waits.discard(waiting)
            remove(self._descriptor)

    def _gone(self, error: OSError | None) -> Unreachable:
        why = f" ({error.strerror})" if error is not None and error.errno != errno.EIO else ""
        return Unreachable(f"{self._path} is gone{why}: plug the adapter in again")


def _settle(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


async def open_tty(path: Path, *, speed: int = DEFAULT_SPEED, framing: str = "8N1", flow: str = "none") -> Tty:
    """A serial port, exclusively. ``framing`` is data bits, parity and stop bits; ``flow`` none, rtscts or xonxoff.

    Raises :class:`~drivers.errors.Unreachable` where there is no such port, ``LineBusy`` naming who has it, and
    ``Unsupported`` where this user may not open it, or it cannot do what is asked.
    """
    descriptor = await asyncio.to_thread(_open, path, speed, framing, flow)
    return Tty(descriptor, path, speed=speed)


def _open(path: Path, speed: int, framing: str, flow: str) -> int:
    if holder := occupant(path):
        raise LineBusy(f"{path} is in use by {holder}: end that first")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _refused(path, error) from None
    try:
        _claim(path, descriptor)
        _configure(path, descriptor, speed, framing, flow)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _claim(path: Path, descriptor: int) -> None:
    """Keep others out: a lock for programs that ask for one, and the kernel's own exclusive mode for all but root."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.ioctl(descriptor, termios.TIOCEXCL)
    except BlockingIOError:
        raise LineBusy(f"{path} is in use by {occupant(path) or 'another program'}: end that first") from None
    except OSError:
        raise Unsupported(f"{path} is no serial port") from None


def _configure(path: Path, descriptor: int, speed: int, framing: str, flow: str) -> None:
    try:
        bits = _DATA_BITS[framing[0:1]] | _PARITY[framing[1:2].upper()] | _STOP_BITS[framing[2:]]
        soft, hard = _FLOW[flow]
    except KeyError:
        raise Unsupported(f"{path}: a port is set like framing=8N1 and flow=none, rtscts or xonxoff") from None
    try:
        settings = termios.tcgetattr(descriptor)
        settings[0], settings[1], settings[3] = termios.IGNBRK | soft, 0, 0
        settings[2] = bits | hard | termios.CREAD | termios.CLOCAL | termios.HUPCL
        settings[4] = settings[5] = _speed(speed)
        settings[6][termios.VMIN], settings[6][termios.VTIME] = 1, 0
        termios.tcsetattr(descriptor, termios.TCSANOW, settings)
    except termios.error as error:
        raise Unsupported(f"{path} is no serial port, or cannot do {speed} baud: {error.args[1]}") from None


def _speed(baud: int) -> int:
    speed = SPEEDS.get(baud)
    if speed is None:
        raise Unsupported(f"{baud} baud is no speed of a serial port")
    return speed


def _refused(path: Path, error: OSError) -> Unreachable | Unsupported | LineBusy:
    if error.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return Unreachable(
            f"there is no port {path}: plug the adapter in, or see `pointsman agent attach` for those here"
        )
    if error.errno == errno.EBUSY:
        return LineBusy(f"{path} is in use by {occupant(path) or 'another program'}: end that first")
    if error.errno in (errno.EACCES, errno.EPERM):
        group = _group(path)
        return Unsupported(f"{path} may not be opened by this user: join the group {group} (usermod -aG {group} USER)")
    return Unreachable(f"{path}: {printable(error.strerror or str(error))}")


def _group(path: Path) -> str:
    try:
        return grp.getgrgid(path.stat().st_gid).gr_name
    except (OSError, KeyError):
        return "dialout"


def _unsent(descriptor: int) -> int:
    """How many bytes wait in the port (tty_ioctl(4))."""
    return int.from_bytes(fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
