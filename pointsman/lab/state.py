"""What the lab remembers about itself: one state file under one directory, and the locks around it.

The state file lists everything that was made outside that directory (network namespaces and processes), and each
entry is written *before* the thing exists, so that a killed `up` leaves nothing that `down` does not know of. Two
locks: `operation` is held by whoever makes, changes or removes the lab, from start to end; the short one inside `edit`
orders the single writes, since the power keeper of a running lab records what it starts as well.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pointsman.lab.errors import LabError

ROOT = Path("/run/pointsman-lab")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A process as it was recorded: its id, and its start in clock ticks since boot, which no later process shares."""

    pid: int
    started: int


@dataclass(slots=True)
class State:
    """The state file's content. `phase` is `starting`, `up` or `stopping`."""

    name: str
    phase: str = "starting"
    namespaces: list[str] = field(default_factory=list)
    processes: dict[str, Recorded] = field(default_factory=dict)
    cables: dict[str, str] = field(default_factory=dict)
    write_bases: dict[str, int] = field(default_factory=dict)


class StateFile:
    """The state of one lab, in `directory/state.json`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / "state.json"

    def exists(self) -> bool:
        """Whether a lab, whole or half, is recorded here."""
        return self.path.exists()

    def read(self) -> State:
        """The state as last written. Raises LabError if there is none."""
        try:
            document = json.loads(self.path.read_text())
        except FileNotFoundError:
            raise no_such_lab(self.directory.name) from None
        processes = {key: Recorded(**entry) for key, entry in document.pop("processes").items()}
        return State(processes=processes, **document)

    def create(self, name: str) -> None:
        """Write the first state of a new lab."""
        self._write(State(name))

    @contextmanager
    def edit(self) -> Iterator[State]:
        """Read, let the caller change, write back; alone among all threads and processes of this machine."""
        with locked(self.directory / "state.lock", wait=True):
            state = self.read()
            yield state
            self._write(state)

    def _write(self, state: State) -> None:
        fresh = self.path.with_suffix(".fresh")
        fresh.write_text(json.dumps(asdict(state), indent=1))
        fresh.replace(self.path)


def no_such_lab(name: str) -> LabError:
    """The error to raise where there is no lab of that name."""
    return LabError(f"there is no lab named {name}: start it with `pointsman lab up --lab {name}`")


@contextmanager
def operation(directory: Path, *, create: bool = False) -> Iterator[None]:
    """Hold the lab for one operation. Raises LabError if another one is under way, or if there is no such lab."""
    if create:
        directory.mkdir(mode=0o755, parents=True, exist_ok=True)
    elif not directory.exists():
        raise no_such_lab(directory.name)
    with locked(directory / "lock", wait=False):
        yield


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Hold a lock file, alone among all threads and processes. Raises LabError if it is held and we do not wait."""
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LabError(f"lab {path.parent.name} is being changed by another command: try again") from None
            if not _is_still(path, descriptor):
                continue  # `down` removed the directory while we waited: the lock we got guards nothing any more
            yield
            return
        finally:
            os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
