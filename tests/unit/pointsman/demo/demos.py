"""Running the demo as its user does: a process in a folder of its own, and what it leaves behind."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from pointsman.origin import HOME


class RunningDemo:
    """A demo's process. Its data lies in a folder of ours, so that what is left there can be seen."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "pointsman", "demo", *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(HOME), "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def text(self) -> str:
        """What it printed so far."""
        return "".join(self.lines)

    def read_until(self, words: str) -> None:
        """Read its output until a line has these words, or it ends."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if words in line:
                return
        raise AssertionError(f"it ended without {words!r}:\n{self.text}")

    def end(self, *, timeout_s: float = 30.0) -> int:
        """Read the rest of its output and wait for its exit code."""
        rest, _ = self.process.communicate(timeout=timeout_s)
        self.lines.append(rest)
        return self.process.returncode

    def left(self) -> list[str]:
        """What is still there: files in its folder, and processes that were started for it."""
        files = [entry.name for entry in self.folder.iterdir()]
        return files + [
            " ".join(words) for words in _command_lines() if any(str(self.folder) in word for word in words)
        ]


def _command_lines() -> Iterator[list[str]]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                yield process.cmdline()


@contextlib.contextmanager
def running_demo(folder: Path, *arguments: str) -> Iterator[RunningDemo]:
    """A demo that is ended with the block, whatever happens."""
    demo = RunningDemo(folder, *arguments)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.process.send_signal(signal.SIGTERM)
            demo.end()
        if demo.process.stdout is not None:
            demo.process.stdout.close()
