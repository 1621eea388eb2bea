"""Twins that are numbered from 1, each on a port of its own: started in order, and stopped together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AsyncExitStack
from typing import Generic, Self, TypeVar

TwinT = TypeVar("TwinT")


class Numbered(ABC, Generic[TwinT]):
    """``count`` twins; an asynchronous context manager. With ``port_base`` 0 the system chooses the ports."""

    def __init__(self, count: int, *, port_base: int) -> None:
        self._count = count
        self._port_base = port_base
        self._stack = AsyncExitStack()
        self.nodes: tuple[TwinT, ...] = ()

    async def __aenter__(self) -> Self:
        try:
            self.nodes = tuple([await self._start(number, self._port(number)) for number in range(1, self._count + 1)])
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        self.nodes = ()

    def _port(self, number: int) -> int:
        return self._port_base + number - 1 if self._port_base else 0

    @abstractmethod
    async def _start(self, number: int, port: int) -> TwinT:
        """Start the twin of a number on a port (0: any); what has to be stopped is entered in ``_stack``."""
