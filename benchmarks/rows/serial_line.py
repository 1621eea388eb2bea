"""A no-change pass over a real-time serial line of 9600 baud, beside the time that its bytes take on the line.

The lab's relay stands between a pseudo-terminal and an IOS-like twin of 24 ports, and carries bytes at 9600 baud and no
faster. The first reading logs in; what is measured is the next ones, over the session that is held: what a pass costs
that finds nothing to do.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from benchmarks.command_lines import switch_in_use
from benchmarks.figures import Figure, Result
from benchmarks.stage import Row, Stage
from device_profiles.profile import load_profiles
from drivers.access import parse_access
from drivers.cli.line import BITS_PER_BYTE
from drivers.registry import make_driver
from drivers.transports import open_connection
from pointsman.lab.relay import Relay, TalkingFar
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.terminal import Terminal

_BAUD: Final = 9600
_PORTS: Final = 24
_PASSES: Final = 2
_PROFILE: Final = "cisco_ios"


async def _measure(stage: Stage) -> Result:
    del stage
    terminal = Terminal(IosSession(switch_in_use(_PROFILE, ports=_PORTS)))
    relay = Relay(TalkingFar(terminal.feed), speed=_BAUD)
    running = asyncio.create_task(relay.run())
    try:
        opened_s, pass_s, line_s = await _passes(relay)
    finally:
        running.cancel()
        await asyncio.wait({running})
    return Result(
        figures=(
            Figure(name="opening and the first reading", value=opened_s, unit="s"),
            Figure(name="a no-change pass", value=pass_s, unit="s"),
            Figure(name="its bytes on the line", value=line_s, unit="s"),
            Figure(name="the pass, times its bytes' line time", value=pass_s / line_s, unit="", goal=1.3),
        ),
        remarks=(f"{line_s * _BAUD / BITS_PER_BYTE:.0f} bytes both ways, at {_BAUD} baud; {_PORTS} ports",),
    )


async def _passes(relay: Relay) -> tuple[float, float, float]:
    """Seconds to open and read first, of a pass after that, and of the pass's bytes on the line."""
    access = parse_access(f"serial:{relay.path}?baud={_BAUD}")
    begun = time.monotonic()
    connection = await open_connection(access, credential=None, pin=None, timeout_s=10.0)
    driver = make_driver(connection, load_profiles()[_PROFILE])
    try:
        first = await driver.read(())
        opened_s = time.monotonic() - begun
        begun, carried = time.monotonic(), relay.carried_bytes
        for _ in range(_PASSES):
            if await driver.read(()) is not first:
                raise RuntimeError("nothing changed, and the reading is another one")
        pass_s = (time.monotonic() - begun) / _PASSES
        line_s = (relay.carried_bytes - carried) / _PASSES * BITS_PER_BYTE / _BAUD
    finally:
        await driver.close()
        await connection.close()
    return opened_s, pass_s, line_s


ROW = Row(name="serial-line", sentence="a no-change pass over 9600 baud beside its bytes' line time", measure=_measure)
