"""Waiting for a condition, with a deadline and a sentence for the case that it never comes."""

import time
from collections.abc import Callable

from pointsman.lab.errors import LabError

_FIRST_PAUSE_S = 0.005
_LONGEST_PAUSE_S = 0.05


def until(condition: Callable[[], bool], *, what: str, timeout_s: float = 30.0) -> None:
    """Return as soon as the condition holds. Raises LabError("... did not ...") at the deadline."""
    deadline = time.monotonic() + timeout_s
    pause_s = _FIRST_PAUSE_S
    while not condition():
        if time.monotonic() > deadline:
            raise LabError(f"waited {timeout_s:g} s in vain: {what}")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
