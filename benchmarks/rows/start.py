"""Seconds until the command line answers."""

import asyncio
import sys
import time

from benchmarks.figures import Figure, Result, median
from benchmarks.stage import Row, Stage

_REPEATS = 7


async def _measure(stage: Stage) -> Result:
    del stage
    took = [await _once() for _ in range(_REPEATS)]
    return Result(figures=(Figure(name="pointsman --help, median", value=median(took), unit="s", goal=0.5),))


async def _once() -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pointsman", "--help", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"pointsman --help ended with {process.returncode}: {said.decode(errors='replace')[-500:]}")
    return time.perf_counter() - began


ROW = Row(name="start", sentence="seconds until `pointsman --help` is there", measure=_measure)
