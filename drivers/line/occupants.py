"""Who has a serial port open: by the lock files of UUCP, and by what processes hold open (``/proc``).

An exclusive lock keeps programs of other people out of a port, but not those of root, and most programs only leave a
file behind that names their process. So both are looked at before a port is opened. Of processes that are not ours only
root sees what they have open.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LOCK_FOLDERS: Final = (Path("/run/lock"), Path("/var/lock"), Path("/var/spool/lock"))
PROCESSES: Final = Path("/proc")


def occupant(
    port: Path, *, locks: tuple[Path, ...] = LOCK_FOLDERS, processes: Path = PROCESSES, own: int | None = None
) -> str:
    """Another process that has ``port``: ``minicom (process 4711)``; an empty text where none is seen."""
    me = os.getpid() if own is None else own
    for pid in (*_locking(port, locks, processes), *_holding(port.resolve(), processes)):
        if pid != me:
            return f"{_name(pid, processes)} (process {pid})"
    return ""


def _locking(port: Path, folders: tuple[Path, ...], processes: Path) -> Iterator[int]:
    """Living processes named by a lock file; one that a dead process left behind says nothing."""
    for name in dict.fromkeys((port.name, port.resolve().name)):
        for folder in folders:
            try:
                text = (folder / f"LCK..{name}").read_bytes()
            except OSError:
                continue
            pid = _pid(text)
            if pid and (processes / str(pid)).exists():
                yield pid


def _pid(text: bytes) -> int:
    """The process in a lock file: ten digits (HDB UUCP), or four bytes."""
    found = re.match(rb"\s*(\d+)", text)
    if found is not None:
        return int(found[1])
    return int.from_bytes(text, "little") if len(text) == 4 else 0


def _holding(port: Path, processes: Path) -> Iterator[int]:
    for folder in processes.glob("[0-9]*/fd"):
        try:
            held = any(entry.readlink() == port for entry in folder.iterdir())
        except OSError:
            continue  # it is somebody else's, or has just ended
        if held:
            yield int(folder.parent.name)


def _name(pid: int, processes: Path) -> str:
    try:
        return (processes / str(pid) / "comm").read_text().strip()
    except OSError:
        return "a program"
