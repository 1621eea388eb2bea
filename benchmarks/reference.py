"""How fast a core is at the moment: the CPU time of one fixed piece of work.

CPU milliseconds are only as long as the core is fast: on a machine whose cores are shared (a virtual one, or one where
other work runs), the same work took from 13 to 30 ms of CPU within a minute. Each row shows this figure from before and
after it, so that two runs can be compared.
"""

import asyncio
import json
import os
import time
from collections.abc import Iterable
from typing import Final

from benchmarks.figures import median

_ROUNDS: Final = 7


async def reference_ms(cores: Iterable[int]) -> float:
    """Median CPU milliseconds of the work on one of ``cores``."""
    return await asyncio.to_thread(_measure, frozenset(cores))


def _measure(cores: frozenset[int]) -> float:
    before = os.sched_getaffinity(0)  # of this thread alone, as is what follows
    os.sched_setaffinity(0, cores)
    try:
        return median([_once() for _ in range(_ROUNDS)])
    finally:
        os.sched_setaffinity(0, before)


def _once() -> float:
    began = time.thread_time()
    rows = [{"a": number, "b": str(number), "c": [number] * 5} for number in range(2000)]
    for _ in range(5):
        json.loads(json.dumps(rows))
    return (time.thread_time() - began) * 1000
