"""How long to wait after a failure: twice as long each time, up to a limit, and never in step with others.

The jitter takes away up to half of a delay, so that two hundred agents that lost the same service do not come back
to it in the same moment.
"""

from __future__ import annotations

import random
from collections.abc import Callable


class Backoff:
    """Delays in seconds from ``low_s`` to ``high_s``."""

    def __init__(self, *, low_s: float, high_s: float, chance: Callable[[], float] = random.random) -> None:
        self._low_s = low_s
        self._high_s = high_s
        self._chance = chance
        self._failures = 0

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    def next(self) -> float:
        """The delay after one more failure."""
        # The exponent is bounded: 2.0**1100 is an OverflowError, and an outage can last that many tries.
        whole = min(self._high_s, self._low_s * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return whole * (1.0 - 0.5 * self._chance())

    def reset(self) -> None:
        """It went well: the next failure is the first again."""
        self._failures = 0
