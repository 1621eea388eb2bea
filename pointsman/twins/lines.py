"""Twins with nothing but a serial line: a vde_switch, and a router's vtysh, each at a pseudo-terminal of its own.

The line is the one that the lab has before its console (:mod:`pointsman.lab.relay`): it has a speed, needs no
privilege, and outlives whoever uses it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from pointsman.lab.relay import Relay, TalkingFar
from pointsman.twins.frr import BANNER, Router, Vtysh
from pointsman.twins.languages.terminal import Respawned, Terminal
from pointsman.twins.vde import Console, Seat, Vde

SPEED: Final = 115200
"""Bits a second, as consoles are set today; the lab shows a slow one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTwin:
    """One device on a line, as whoever manages it needs to know it."""

    name: str
    profile: str
    access: str
    """``serial:/dev/pts/N?baud=115200``."""
    device: Vde | Router
    host_key: str = ""

    @property
    def writes(self) -> int:
        """How many commands that change state have reached it, from whomever."""
        return self.device.writes


@asynccontextmanager
async def console_switch(name: str) -> AsyncIterator[LineTwin]:
    """A vde_switch that two hosts and an uplink were plugged into."""
    device = Vde(ports={port: Seat(plugged=True) for port in (1, 2, 24)})
    async with _line(Console(lambda: device).feed) as port:
        yield LineTwin(name=name, profile="vde_switch", access=port, device=device)


@asynccontextmanager
async def console_router(name: str) -> AsyncIterator[LineTwin]:
    """A router with one network."""
    device = Router(name=name)
    async with _line(Respawned(lambda: Terminal(Vtysh(device), banner=BANNER))) as port:
        yield LineTwin(name=name, profile="frr", access=port, device=device)


@asynccontextmanager
async def _line(talk: Callable[[bytes], bytes]) -> AsyncIterator[str]:
    """The access URL of a line to ``talk``, for as long as the block lasts."""
    relay = Relay(TalkingFar(talk), speed=SPEED)
    carrying = asyncio.create_task(relay.run(), name=f"line at {relay.path}")
    try:
        yield f"serial:{relay.path}?baud={SPEED}"
    finally:
        carrying.cancel()
        await asyncio.wait({carrying})
