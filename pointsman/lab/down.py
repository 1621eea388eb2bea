"""Taking the lab down: what the state file lists, and nothing else.

The recorded processes go first, then whatever still lives in the recorded namespaces (children of theirs, such as a
shell over SSH or a booted blade), then the namespaces and with them every interface, then the lab's folder.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress

from pointsman.lab import network, processes
from pointsman.lab.errors import LabError
from pointsman.lab.rig import Progress, Rig
from pointsman.lab.state import Recorded, State, operation

_TRIES = 3


def down(rig: Rig, *, progress: Progress) -> bool:
    """Remove the lab, whole or half; False if there was none."""
    if not rig.directory.exists():
        return False
    with operation(rig.directory):
        remove(rig, progress=progress)
    return True


def remove(rig: Rig, *, progress: Progress, keep_directory: bool = False) -> None:
    """The work of `down`, for a caller that holds the lab."""
    if rig.state.exists():
        with rig.state.edit() as state:
            state.phase = "stopping"
        state = rig.state.read()
        _stop_all(state)
        progress(f"{len(state.processes)} processes stopped")
        for netns in state.namespaces:
            network.remove_namespace(netns)
        progress(f"{len(state.namespaces)} namespaces removed")
    _remove_files(rig, keep_directory=keep_directory)


def _stop_all(state: State) -> None:
    """The lab keeps nothing that a clean shutdown would save, so there is no grace to wait for."""
    processes.stop(state.processes.values())
    for _ in range(_TRIES):  # what one of them starts while we kill the others goes in the next round
        if not (living := _living_in(state.namespaces)):
            return
        processes.stop(living)
    if left := _living_in(state.namespaces):
        raise LabError(f"processes {', '.join(str(each.pid) for each in left)} of lab {state.name} cannot be killed")


def _living_in(namespaces: Iterable[str]) -> list[Recorded]:
    found = []
    for pid in network.processes_in(namespaces):
        started = processes.started_at(pid)
        if started is not None and pid != os.getpid():
            found.append(Recorded(pid, started))
    return found


def _remove_files(rig: Rig, *, keep_directory: bool) -> None:
    """All of the lab's folder; the state goes when all else has, and the lock that we hold goes last."""
    entries = [entry for entry in rig.directory.iterdir() if entry.name != "lock"]
    for entry in sorted(entries, key=lambda entry: entry == rig.state.path):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    if keep_directory:
        return
    (rig.directory / "lock").unlink(missing_ok=True)
    for folder in (rig.directory, rig.root):
        with suppress(OSError):  # another lab stands beside it, or was begun this moment
            folder.rmdir()
