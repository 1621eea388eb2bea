"""A result on its way from another thread to the event loop where it is waited for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Handover(Generic[T]):
    """Made in the loop that waits; settled once, in any thread. ``future`` may be cancelled: nobody hears it then."""

    __slots__ = ("_loop", "future")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self._loop.create_future()

    def give(self, answer: T) -> None:
        """Hand over an answer."""
        self._tell(self._answered, answer)

    def fail(self, error: BaseException) -> None:
        """Hand over an error."""
        self._tell(self._failed, error)

    def _tell(self, what: Callable[[Any], None], value: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(what, value)

    def _answered(self, answer: T) -> None:
        if not self.future.done():
            self.future.set_result(answer)

    def _failed(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)
