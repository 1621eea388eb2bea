"""Child processes whose end is certain, and what they used.

Each child is in a session of its own, so that a Ctrl-C at the terminal reaches only us and we end them in order; and
where setpriv(1) is there the kernel ends it should we be killed, so that nothing outlives a run.
"""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

_LOOK_S = 0.005


class Ended(Exception):
    """A process that should run has ended, or did not get ready; the message holds the end of its log."""


class Child:
    """One process that we started, with its log. A context manager: leaving ends it."""

    def __init__(
        self, name: str, argv: Sequence[str], *, log: Path, cores: Iterable[int] = (), pass_fds: Iterable[int] = ()
    ) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*_dying_with_us(), *argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=tuple(pass_fds),
            )
        # At once, while it is but one thread: later ones inherit it.
        if pinned := frozenset(cores):
            os.sched_setaffinity(self._process.pid, pinned)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """Its process id; that of the program itself also where the command goes through ``ip netns exec``."""
        return self._process.pid

    def end(self, *, grace_s: float = 5.0) -> None:
        """Ask it to end, and make it end after ``grace_s``."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(grace_s)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()

    def cpu_s(self) -> float:
        """CPU seconds (user and system) of all its threads so far.

        Linux makes a process's CPU clock id from its pid (clock_getcpuclockid(3)); it counts nanoseconds, where
        ``/proc/PID/stat`` counts hundredths of a second.
        """
        return time.clock_gettime((~self.pid << 3) | 2)

    def pss_mb(self) -> float:
        """Proportional set size in MB (10^6 bytes): its own memory and its share of what it shares."""
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise Ended(f"{self.name}: the kernel tells no Pss")

    def tcp_connections(self) -> int:
        """How many TCP connections it has established."""
        found = psutil.Process(self.pid).net_connections("tcp")
        return sum(each.status == psutil.CONN_ESTABLISHED for each in found)

    async def until(self, ready: Callable[[], Awaitable[object]], *, what: str, timeout_s: float = 60.0) -> None:
        """Ask every 5 ms until ``ready()`` is true. Raises Ended when the process ends first, or the time does."""
        deadline = time.monotonic() + timeout_s
        while not await ready():
            if self._process.poll() is not None:
                raise Ended(f"{self.name} ended with status {self._process.returncode}: {self._last_words()}")
            if time.monotonic() > deadline:
                raise Ended(f"{self.name}: not in {timeout_s:.0f} s: {what}; its log ends: {self._last_words()}")
            await asyncio.sleep(_LOOK_S)

    def _last_words(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-1500:].strip() or "(nothing)"


def _dying_with_us() -> list[str]:
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "TERM"] if program else []
