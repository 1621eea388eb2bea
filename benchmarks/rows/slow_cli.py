"""A reading and a change of 60 ports on a slow command line, on a clock of its own.

The twin takes 2 s to open a session and 0.3 s for each line that it is sent, over a serial line of 9600 baud. Nothing
waits for that: it is booked on a virtual clock, and the session is told its time. The least that it can take is
opening, the lines of the change and the bytes on the line.
"""

from typing import Final

from benchmarks.command_lines import switch_in_use
from benchmarks.figures import Figure, Result
from benchmarks.stage import Row, Stage
from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Port, State
from drivers.cli.line import BITS_PER_BYTE, TimedLine, VirtualClock
from drivers.contract import ByteStream
from drivers.registry import make_driver
from pointsman.twins.languages.bench import connected
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession

_PORTS: Final = 60
_BAUD: Final = 9600
_OPEN_S: Final = 2.0
_LINE_S: Final = 0.3


class _SlowConnection:
    """The twin, each of whose streams is slow."""

    identity = ""
    closed = False

    def __init__(self, switch: Switch) -> None:
        self._inner = connected(lambda: IosSession(switch))
        self.clock = VirtualClock()
        self.lines: list[TimedLine] = []

    async def stream(self, command: str) -> ByteStream:
        """A slow stream."""
        inner = await self._inner.stream(command)
        line = TimedLine(inner, self.clock, baud=_BAUD, open_s=_OPEN_S, per_line_s=_LINE_S)
        self.lines.append(line)
        return line

    async def close(self) -> None:
        """Close it."""
        await self._inner.close()

    @property
    def on_the_line_s(self) -> float:
        """What the bytes took."""
        return sum(line.sent_bytes + line.received_bytes for line in self.lines) * BITS_PER_BYTE / _BAUD


async def _measure(stage: Stage) -> Result:
    del stage
    switch = switch_in_use("cisco_xe", ports=_PORTS)
    saves = switch.saves
    connection = _SlowConnection(switch)
    driver = make_driver(connection, load_profiles()["cisco_xe"])
    wanted = Port(mode="access", access_vlan=10, description="a port of sixty")
    names = [name for name in switch.config.interfaces if name.startswith("Gig")]
    observed = await driver.read(())
    read_s = connection.clock.now_s
    goal = Goal(State(ports=dict.fromkeys(names, wanted)))
    steps = driver.plan(goal, observed)
    for step in steps:
        await driver.apply(step)
    left = driver.plan(goal, await driver.read(()))
    await driver.save()
    await driver.close()
    took_s = connection.clock.now_s
    needed = sum(len(step.commands) for step in steps)
    least_s = _OPEN_S + _LINE_S * needed + connection.on_the_line_s
    return Result(
        figures=(
            Figure(name="sessions opened", value=len(connection.lines), unit="", goal=1),
            Figure(name="saves", value=switch.saves - saves, unit="", goal=1),
            Figure(name="the first reading", value=read_s, unit="s of the device"),
            Figure(name=f"reading, {len(names)} ports changed, verified, saved", value=took_s, unit="s of the device"),
            Figure(name="over its line time", value=100 * (took_s / least_s - 1), unit="%", goal=10),
        ),
        remarks=(
            (
                f"line time {least_s:.1f} s: {_OPEN_S:g} s to open, {needed} lines of the change at {_LINE_S:g} s, "
                f"{connection.on_the_line_s:.1f} s for the bytes at {_BAUD} baud; {len(left)} steps were left"
            ),
        ),
    )


ROW = Row(name="slow-cli", sentence="a slow CLI: a reading and a change of 60 ports", measure=_measure)
