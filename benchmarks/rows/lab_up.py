"""Seconds until the lab of real parts answers, and the memory that all of it takes."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from benchmarks.figures import Figure, Result
from benchmarks.real_lab import lab_or_reason, real_lab
from benchmarks.stage import Row, Stage

_NAMESPACES: Final = Path("/run/netns")


async def _measure(stage: Stage) -> Result:
    reason = await asyncio.to_thread(lab_or_reason)
    if reason:
        return Result(skipped=reason)
    began = time.perf_counter()
    async with real_lab(stage) as lab:
        took_s = time.perf_counter() - began
        pids = tuple(_processes_of(lab.name))
        memory_mb = sum(_pss_mb(pid) for pid in pids)
    return Result(
        figures=(
            Figure(name="until everything answers", value=took_s, unit="s", goal=10),
            Figure(name="memory of its processes (PSS)", value=memory_mb, unit="MB", goal=400),
        ),
        remarks=(f"{len(pids)} processes",),
    )


def _processes_of(lab: str) -> Iterator[int]:
    """All processes that run in one of the lab's network namespaces."""
    ours = {path.stat().st_ino for path in _NAMESPACES.glob(f"{lab}-*")}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                namespace = os.stat(folder / "ns" / "net").st_ino  # noqa: PTH116  a link that resolve() cannot follow
            except OSError:
                continue  # it has ended meanwhile
            if namespace in ours:
                yield int(folder.name)


def _pss_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0  # it has ended meanwhile
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("Pss:")), 0.0)


ROW = Row(name="lab-up", sentence="seconds until the lab of real parts is up, and its memory", measure=_measure)
