"""Starting processes so that none can be lost, and stopping only those that we started.

A daemon begins as a shell that waits for one line on a pipe before it becomes the program (`exec`, same process id).
Between the two we write its id and start time into the state file. If we die in that moment the shell reads the end of
the pipe instead of the line and exits: a process either is recorded or does not live. A second shell stands between us
and it and ends at once, so that daemons are init's children and not ours: the lab outlives the process that made it.

A process id alone may be somebody else's by now; id and start time (field 22 of `/proc/PID/stat`, see proc(5)) are not.
Signals go through a pidfd that was opened before the start time was compared, so that there is no moment between.
"""

import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pointsman.lab import programs
from pointsman.lab.errors import LabError
from pointsman.lab.state import Recorded

_GO, _PID = 3, 4
"""File descriptors of the two shells: where the line comes from, where the process id goes."""
_GATE = '{ read -r go <&3 && exec "$@" </dev/null 3<&- 4>&-; } & echo $! >&4'
_STATE, _STARTED = 0, 19
"""Places in /proc/PID/stat after the closing bracket of the command name."""


def started_at(pid: int) -> int | None:
    """When that process started, in clock ticks since boot; None if there is none, or only its corpse."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[_STATE] in "ZX" else int(fields[_STARTED])


def alive(process: Recorded) -> bool:
    """Whether the very process that was recorded still runs."""
    return started_at(process.pid) == process.started


def launch(
    argv: Sequence[str],
    *,
    log: Path,
    record: Callable[[Recorded], None],
    environment: Mapping[str, str] | None = None,
) -> Recorded:
    """Start a program in a session of its own, its output appended to `log`; `record` is called before it runs."""
    go_reader, go_writer = os.pipe()
    pid_reader, pid_writer = os.pipe()
    try:
        between = os.posix_spawn(
            "/bin/sh",
            ["sh", "-c", _GATE, "gate", *argv],
            {**programs.environment(), **(environment or {})},
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
                (os.POSIX_SPAWN_DUP2, 1, 2),
                (os.POSIX_SPAWN_DUP2, go_reader, _GO),
                (os.POSIX_SPAWN_DUP2, pid_writer, _PID),
            ],
            setsid=True,
        )
        os.waitpid(between, 0)
        pid = int(os.read(pid_reader, 32))
        started = started_at(pid)
        if started is None:
            raise LabError(f"{argv[0]} could not be started: see {log}")
        process = Recorded(pid, started)
        record(process)
        os.write(go_writer, b"go\n")
    finally:
        for descriptor in (go_reader, go_writer, pid_reader, pid_writer):
            os.close(descriptor)
    return process


@dataclass(slots=True)
class _Held:
    pid: int
    pidfd: int


def stop(processes: Iterable[Recorded], *, grace_s: float = 0.0) -> None:
    """End the recorded processes that still are themselves: SIGTERM, `grace_s` to follow it, then SIGKILL."""
    held = [holding for process in processes if (holding := _hold(process))]
    try:
        if grace_s > 0:
            _signal(held, signal.SIGTERM)
            _await_end(held, grace_s)
        _signal(held, signal.SIGKILL)
        _await_end(held, 5.0)
    finally:
        for each in held:
            os.close(each.pidfd)


def _hold(process: Recorded) -> _Held | None:
    try:
        pidfd = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return None
    if alive(process):
        return _Held(process.pid, pidfd)
    os.close(pidfd)
    return None


def _signal(held: Iterable[_Held], number: signal.Signals) -> None:
    for each in held:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(each.pidfd, number)


def _await_end(held: Iterable[_Held], timeout_s: float) -> None:
    """Wait until all have ended; a pidfd is readable when its process has."""
    deadline = time.monotonic() + timeout_s
    poll = select.poll()
    waiting = {each.pidfd for each in held}
    for pidfd in waiting:
        poll.register(pidfd, select.POLLIN)
    while waiting and (left_s := deadline - time.monotonic()) > 0:
        for pidfd, _ in poll.poll(left_s * 1000):
            poll.unregister(pidfd)
            waiting.discard(pidfd)
