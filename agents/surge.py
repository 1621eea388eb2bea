"""One after the other: what is switched on in a location comes a while apart, so that no breaker goes again.

After an outage everything that shall be on is to be switched on at once, and each supply draws many times its current
in its first moments. All nodes of an agent share one of these; who comes first does not wait (semantics, section 4).
"""

from __future__ import annotations

from agents.clock import Clock
from agents.elements import lookup
from device_profiles.state import State
from drivers.contract import Step


def switches_on(step: Step, observed: State) -> bool:
    """Whether a step gives power to what did not show that it has any."""
    return any(
        path[2:] == ("power",) and (item := lookup(observed, path[0], path[1])) is not None and item.power != "on"
        for path in step.touches
        if path[0] in {"outlets", "slots"}
    )


class Surge:
    """Turns of a location, ``gap_s`` apart."""

    def __init__(self, clock: Clock, *, gap_s: float) -> None:
        self._clock = clock
        self._gap_s = gap_s
        self._next_at = clock.monotonic()

    async def turn(self) -> float:
        """Come back when the next may be switched on; how many seconds that took."""
        now = self._clock.monotonic()
        wait_s = max(0.0, self._next_at - now)
        self._next_at = now + wait_s + self._gap_s
        if wait_s:
            await self._clock.sleep(wait_s)
        return wait_s
