"""The machine in one line: figures without it mean nothing."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where and when a run took place; ``load`` is the one-minute average before it began."""

    at: str
    cores: int
    model: str
    memory_gib: float
    system: str
    python: str
    load: float

    def line(self) -> str:
        """For people."""
        return (
            f"{self.at}  {self.cores} cores ({self.model}), {self.memory_gib:.0f} GiB, {self.system}, "
            f"Python {self.python}, load average {self.load:.2f}"
        )


def this_machine() -> Machine:
    """The machine that this process may use."""
    return Machine(
        at=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        cores=len(os.sched_getaffinity(0)),
        model=_model(),
        memory_gib=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        load=os.getloadavg()[0],
    )


def _model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """Who is pinned where: what is measured has one core, what it is measured against another."""

    measured: frozenset[int]
    others: frozenset[int]


def cores() -> Cores:
    """One core each, of those that we may use; on a single core both share it."""
    ours = sorted(os.sched_getaffinity(0))
    return Cores(measured=frozenset(ours[:1]), others=frozenset(ours[1:2] or ours[:1]))
