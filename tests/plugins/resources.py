"""What a process holds at one moment: file descriptors, threads and child processes; and what was added since.

Read from /proc, which costs a tenth of a millisecond; on a system without it only threads are seen.
"""

import dataclasses
import os
import socket
import threading
from pathlib import Path

PROC = Path("/proc/self")
CHECK_INTERVAL_S = 0.01


@dataclasses.dataclass(frozen=True, slots=True)
class Resources:
    """One look. A descriptor is (number, target): a number that is used again for something else counts as new."""

    descriptors: frozenset[tuple[int, str]] = frozenset()
    threads: frozenset[threading.Thread] = frozenset()
    children: frozenset[int] = frozenset()

    def __sub__(self, other: "Resources") -> "Resources":
        return Resources(
            descriptors=self.descriptors - other.descriptors,
            threads=self.threads - other.threads,
            children=self.children - other.children,
        )

    def __or__(self, other: "Resources") -> "Resources":
        return Resources(
            descriptors=self.descriptors | other.descriptors,
            threads=self.threads | other.threads,
            children=self.children | other.children,
        )

    def __bool__(self) -> bool:
        return bool(self.descriptors or self.threads or self.children)

    def describe(self) -> list[str]:
        """One line for each thing, in words that let its owner be found."""
        lines = [describe_descriptor(number, target) for number, target in sorted(self.descriptors)]
        lines += [f"thread {thread.name!r}" for thread in self.threads]
        lines += [f"child process {pid}: {describe_child(pid)}" for pid in sorted(self.children)]
        return lines


def look() -> Resources:
    """What this process holds now."""
    return Resources(
        descriptors=frozenset(open_descriptors()), threads=frozenset(threading.enumerate()), children=living_children()
    )


def open_descriptors() -> list[tuple[int, str]]:
    found = []
    for name in names_in(f"{PROC}/fd"):
        try:
            found.append((int(name), os.readlink(f"{PROC}/fd/{name}")))  # noqa: PTH115 -- looked at twice in each test
        except FileNotFoundError:  # the descriptor of this very listing
            continue
    return found


def names_in(folder: str) -> list[str]:
    """The entries of a folder; none where there is no such folder."""
    try:
        return os.listdir(folder)  # noqa: PTH208 -- looked at twice in each test
    except FileNotFoundError:
        return []


def living_children() -> frozenset[int]:
    """Direct children of any of our threads; a zombie that nobody waited for is one of them."""
    pids: set[int] = set()
    for task in names_in(f"{PROC}/task"):
        try:
            with open(f"{PROC}/task/{task}/children", "rb") as children:  # noqa: PTH123 -- looked at twice in each test
                pids.update(map(int, children.read().split()))
        except (FileNotFoundError, ProcessLookupError):  # the thread ended meanwhile
            continue
    return frozenset(pids)


def describe_descriptor(number: int, target: str) -> str:
    if not target.startswith("socket:"):
        return f"file descriptor {number}: {target}"
    try:
        with socket.socket(fileno=os.dup(number)) as twin:
            return f"socket {number}: {twin.family.name} {twin.type.name} at {twin.getsockname()!r}"
    except OSError:
        return f"socket {number}: {target}"


def describe_child(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return "ended"
    return words or "ended, but nobody waited for it"


def added_since(before: Resources, *, grace_s: float) -> Resources:
    """What is held now and was not `before`. Threads and children, which end a moment late, get `grace_s` to go."""
    waiting = threading.Event()
    added = look() - before
    for _ in range(int(grace_s / CHECK_INTERVAL_S)):
        if not (added.threads or added.children):
            break
        waiting.wait(CHECK_INTERVAL_S)
        added = look() - before
    return added
