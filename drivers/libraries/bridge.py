"""A byte stream of the event loop as a thread sees it: what came is there to be taken, what is sent has been sent.

One task on the loop reads the stream into a buffer; the thread takes from it without waiting, as libraries that poll
do, or waits for more, as those that block do. Closing the bridge (from the loop) closes the stream, and whatever the
thread does next with it raises :class:`BridgeClosed`; so a call in a thread ends.

Libraries catch what they did not expect and go on. Therefore the first failure of the stream is remembered, and
:meth:`Bridge.check` raises it when the call is over, whatever the library made of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import CancelledError, Future
from typing import Final

from drivers.contract import ByteStream
from drivers.errors import DeviceError, Garbled, Unreachable

MOST_HELD_BYTES: Final = 8 << 20
"""What nobody takes and goes on coming has no end."""


class BridgeClosed(Exception):
    """The stream is gone; why is what :meth:`Bridge.check` raises."""


class Bridge:
    """A stream for one thread at a time. Made and closed on the loop; the rest is called by the thread."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._came = bytearray()
        self._news = threading.Condition()
        self._failure: DeviceError | None = None
        self._closed = False
        self._sending: Future[None] | None = None
        self._reading = asyncio.create_task(self._read())

    @property
    def is_open(self) -> bool:
        """Whether more can come."""
        return not self._closed and self._failure is None

    def check(self) -> None:
        """Raise what went wrong with the stream, where something did."""
        if self._failure is not None:
            raise self._failure

    async def close(self) -> None:
        """Close the stream; a thread that uses it is told. Never raises."""
        self._fail(Unreachable("the session was closed"))
        self._closed = True
        self._reading.cancel()
        await asyncio.wait({self._reading})
        if self._sending is not None:
            self._sending.cancel()
        await self._stream.close()

    # For the thread.

    def take(self) -> bytes:
        """All that came; nothing where nothing did. Raises :class:`BridgeClosed` when nothing more can come."""
        with self._news:
            if not self._came and not self.is_open:
                raise BridgeClosed
            data = bytes(self._came)
            self._came.clear()
            return data

    def wait(self, timeout_s: float) -> bool:
        """Wait until something came or nothing more can come; whether that happened in time."""
        with self._news:
            return self._news.wait_for(lambda: bool(self._came) or not self.is_open, timeout_s)

    def send(self, data: bytes) -> None:
        """Send all of ``data``. Raises :class:`BridgeClosed`."""
        if not self.is_open or threading.get_ident() == self._loop_thread:
            raise BridgeClosed  # a finalizer may run on the loop's thread, which must not wait for itself
        self._sending = asyncio.run_coroutine_threadsafe(self._stream.send(data), self._loop)
        try:
            self._sending.result()
        except CancelledError:
            raise BridgeClosed from None
        except DeviceError as error:
            self._fail(error)
            raise BridgeClosed from None

    # On the loop.

    async def _read(self) -> None:
        try:
            while data := await self._stream.receive():
                with self._news:
                    self._came += data
                    self._news.notify_all()
                if len(self._came) > MOST_HELD_BYTES:
                    raise Garbled(f"the device's answer has no end: {MOST_HELD_BYTES >> 20} MB were read")
            self._fail(Unreachable("the device ended the session"))
        except DeviceError as error:
            self._fail(error)
            with contextlib.suppress(DeviceError):
                await self._stream.close()

    def _fail(self, error: DeviceError) -> None:
        with self._news:
            self._failure = self._failure or error
            self._news.notify_all()
