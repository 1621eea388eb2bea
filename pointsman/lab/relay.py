"""A serial line of the lab: what a pseudo-terminal lacks of a cable, its speed and its faults.

A pty has no speed: it passes bytes at once, whatever speed is set. So this process keeps the near end of a line, looks
which speed the program at it has set (the master sees the slave's termios), and carries bytes no faster than that, both
ways; at another speed than the device's they come out garbled, as they do on a cable. While nobody has the port open,
what the device says is lost. It can also play noise (flipped bits) and a device that takes bytes slower than the line
brings them, and loses what does not fit into its buffer.

``--whole-lines`` hands over a line at a time: vde's console takes each write for a whole command, and a console's
driver would have put the line together.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import os
import random
import select
import termios
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from drivers.cli.line import BITS_PER_BYTE
from drivers.line.tty import SPEEDS

_CHUNK_BYTES: Final = 16
"""What is carried at a time: the buffer of a UART."""
_LARGEST_BYTES: Final = 1 << 16
_LOOK_S: Final = 0.02
"""How often it is looked whether somebody has opened the port: a pty does not tell."""
_BAUD: Final = {constant: speed for speed, constant in SPEEDS.items()}


class Far(Protocol):
    """The device's end of a line."""

    async def write(self, data: bytes) -> None:
        """The device gets bytes."""

    async def read(self) -> bytes:
        """The device says something; ``b""`` where it is gone."""

    async def close(self) -> None:
        """Pull the cable."""


class Pace:
    """Lets bytes pass at a speed, on the whole: an early wake-up is made good by the next."""

    def __init__(self) -> None:
        self._free_at = 0.0

    async def carry(self, count: int, baud: int) -> None:
        """Wait as long as a line takes for ``count`` bytes."""
        loop = asyncio.get_running_loop()
        self._free_at = max(self._free_at, loop.time()) + count * BITS_PER_BYTE / baud
        await asyncio.sleep(self._free_at - loop.time())


class Faults:
    """What a line does to bytes: garbles them at another speed, and flips some bits."""

    def __init__(self, *, noise: float = 0.0, seed: int = 0) -> None:
        self._noise = noise
        self._random = random.Random(seed)  # noqa: S311 -- noise, and the same again in a test

    def on(self, data: bytes, *, same_speed: bool) -> bytes:
        """``data`` as it comes out at the other end."""
        if not same_speed:
            return bytes(0x80 | self._random.randrange(0x80) for _ in data[::2])
        if self._noise:
            return bytes(
                byte ^ 1 << self._random.randrange(8) if self._random.random() < self._noise else byte for byte in data
            )
        return data


class Relay:
    """A line whose near end is :attr:`path`, and whose far end is a device at ``speed`` bits a second."""

    def __init__(
        self,
        far: Far,
        *,
        speed: int = 9600,
        faults: Faults | None = None,
        takes_bytes_s: int = 0,
        buffer_bytes: int = 256,
    ) -> None:
        self._far = far
        self.speed = speed
        self.faults = faults or Faults()
        self.takes_bytes_s = takes_bytes_s
        self.buffer_bytes = buffer_bytes
        self.overrun_bytes = 0
        """Bytes that the device's buffer had no place for."""
        self.carried_bytes = 0
        """Bytes that came to the end of the line, both ways together, whether or not somebody took them there."""
        self._buffer = bytearray()
        self._filled = asyncio.Event()
        self._master, slave = os.openpty()
        self.path = Path(os.ttyname(slave))
        tty.setraw(slave)
        settings = termios.tcgetattr(slave)
        settings[4] = settings[5] = SPEEDS[speed]
        termios.tcsetattr(slave, termios.TCSANOW, settings)
        os.close(slave)
        os.set_blocking(self._master, False)

    async def run(self) -> None:
        """Carry bytes until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._outward())
                group.create_task(self._taken())
                group.create_task(self._inward())
        finally:
            await self._far.close()
            os.close(self._master)

    @property
    def near_speed(self) -> int:
        """The speed that the program at the near end has set."""
        return _BAUD.get(termios.tcgetattr(self._master)[5], 0) or self.speed

    @property
    def is_open(self) -> bool:
        """Whether some program has the near end open."""
        poll = select.poll()
        poll.register(self._master, select.POLLIN)
        return not any(event & select.POLLHUP for _, event in poll.poll(0))

    async def _outward(self) -> None:
        pace = Pace()
        while True:
            try:
                data = os.read(self._master, _CHUNK_BYTES)
            except BlockingIOError:
                await self._readable()
                continue
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                await asyncio.sleep(_LOOK_S)
                continue
            near = self.near_speed
            await pace.carry(len(data), near)
            self._arrive(self.faults.on(data, same_speed=near == self.speed))
            self.carried_bytes += len(data)

    def _arrive(self, data: bytes) -> None:
        room = self.buffer_bytes - len(self._buffer)
        self.overrun_bytes += max(len(data) - room, 0)
        self._buffer += data[:room]
        self._filled.set()

    async def _taken(self) -> None:
        """The device takes what came, at its own pace."""
        pace = Pace()
        while True:
            await self._filled.wait()
            self._filled.clear()
            while self._buffer:
                data = bytes(self._buffer[:_CHUNK_BYTES])
                if self.takes_bytes_s:
                    await pace.carry(len(data), self.takes_bytes_s * BITS_PER_BYTE)
                del self._buffer[: len(data)]
                await self._far.write(data)

    async def _inward(self) -> None:
        pace = Pace()
        while data := await self._far.read():
            for start in range(0, len(data), _CHUNK_BYTES):
                piece = data[start : start + _CHUNK_BYTES]
                near = self.near_speed
                await pace.carry(len(piece), self.speed)
                if self.is_open:
                    with contextlib.suppress(BlockingIOError):  # a program that does not read loses it
                        os.write(self._master, self.faults.on(piece, same_speed=near == self.speed))
                self.carried_bytes += len(piece)

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        came: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._master, lambda: None if came.done() else came.set_result(None))
        try:
            await came
        finally:
            loop.remove_reader(self._master)


class TalkingFar:
    """A device in this process: a function from what it gets to what it says."""

    def __init__(self, talk: Callable[[bytes], bytes]) -> None:
        self._talk = talk
        self._said: asyncio.Queue[bytes] = asyncio.Queue()

    def say(self, data: bytes) -> None:
        """Let the device say something by itself."""
        self._said.put_nowait(data)

    async def write(self, data: bytes) -> None:
        """It answers at once."""
        if said := self._talk(data):
            self.say(said)

    async def read(self) -> bytes:
        """What it says next."""
        return await self._said.get()

    async def close(self) -> None:
        """Nothing is held."""


class UnixFar:
    """A device behind a Unix socket."""

    def __init__(self, path: Path, *, whole_lines: bool, typed: Path | None) -> None:
        self._path = path
        self._whole_lines = whole_lines
        self._typed = typed
        self._line = bytearray()
        self._opening = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def write(self, data: bytes) -> None:
        """What the device gets is kept in a file, too, for whoever counts."""
        if self._typed is not None:
            with self._typed.open("ab") as file:
                file.write(data)
        for piece in self._pieces(data):
            _, writer = await self._open()
            with contextlib.suppress(ConnectionError):
                writer.write(piece)
                await writer.drain()

    def _pieces(self, data: bytes) -> list[bytes]:
        if not self._whole_lines:
            return [data]
        self._line += data
        *whole, rest = bytes(self._line).replace(b"\r", b"\n").split(b"\n")
        self._line = bytearray(rest)
        return [line + b"\n" for line in whole]

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with self._opening:
            if self._streams is None:
                self._streams = await asyncio.open_unix_connection(self._path)
            return self._streams

    async def read(self) -> bytes:
        """What the device says; a session that it ended begins anew, as behind a getty."""
        while True:
            reader, _ = await self._open()
            if data := await reader.read(_LARGEST_BYTES):
                return data
            await self.close()

    async def close(self) -> None:
        """Hang up."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()


async def _serve(given: argparse.Namespace) -> None:
    far = UnixFar(given.far, whole_lines=given.whole_lines, typed=given.typed)
    relay = Relay(
        far,
        speed=given.speed,
        faults=Faults(noise=given.noise, seed=given.seed),
        takes_bytes_s=given.takes,
        buffer_bytes=given.buffer,
    )
    given.near.unlink(missing_ok=True)
    given.near.symlink_to(relay.path)
    await relay.run()


def main() -> None:
    """Keep one line until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("near", type=Path, help="a link to the near end that is made")
    parser.add_argument("far", type=Path, help="the device's Unix socket")
    parser.add_argument("--speed", type=int, default=9600, help="the device's speed")
    parser.add_argument("--whole-lines", action="store_true", help="the device takes a line at a time")
    parser.add_argument("--typed", type=Path, help="a file that gets what is typed")
    parser.add_argument("--noise", type=float, default=0.0, help="how likely a byte comes with a flipped bit")
    parser.add_argument("--seed", type=int, default=0, help="of the noise")
    parser.add_argument("--takes", type=int, default=0, help="how many bytes a second the device takes; 0: all")
    parser.add_argument("--buffer", type=int, default=256, help="how many bytes wait in the device")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
