"""Who may send to a device right now: asked by every transport, right before bytes leave.

A step may be many commands, and the process that takes it may be stopped between two of them, for hours (``SIGSTOP``, a
laptop that sleeps). So it is not enough to ask before a step. Whoever writes under a condition puts it into the context
of what it does; a transport asks it before each send, and what it raises ends the step. What only reads has none.

Threads of blocking libraries take the context of their call with them (:mod:`drivers.libraries.pool`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final


class _Condition:
    """A condition as long as it counts: tasks that were begun under it and outlive it are bound no more."""

    def __init__(self, check: Callable[[], None]) -> None:
        self.check = check
        self.ended = False


_CONDITION: Final[ContextVar[_Condition | None]] = ContextVar("condition", default=None)


@contextmanager
def only_while(check: Callable[[], None]) -> Iterator[None]:
    """For the length of a block nothing is sent unless ``check`` returns; it raises a ``DeviceError`` else."""
    condition = _Condition(check)
    token = _CONDITION.set(condition)
    try:
        yield
    finally:
        condition.ended = True
        _CONDITION.reset(token)


def may_send() -> None:
    """Raise where nothing may be sent any more. Every transport calls it before each send."""
    condition = _CONDITION.get()
    if condition is not None and not condition.ended:
        condition.check()
