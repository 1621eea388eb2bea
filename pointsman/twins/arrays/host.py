"""A Linux machine whose files are volumes: its folders, its files' lengths, and the programs that change them.

A file holds no bytes but those that somebody wrote, so that gigabytes cost nothing; what is written and cut off again
is lost, as on a real one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pointsman.twins.faults import Faults
from pointsman.twins.tools import Ended

NOT_FOUND: Final = 127
_BLOCK: Final = 512
_PAGE: Final = 4096
GIB: Final = 1 << 30


@dataclass(slots=True)
class File:
    """A file: its length, the blocks that it has, and what was written at its beginning."""

    size: int = 0
    blocks: int = 0
    data: bytes = b""
    text: str = ""

    def cut(self, size: int) -> None:
        """Give it another length."""
        self.size, self.data = size, self.data[:size]
        self.blocks = min(self.blocks, -(-size // _BLOCK))


Program = Callable[[Sequence[str]], str]


@dataclass(eq=False)
class Host:
    """The machine. ``pools`` are folders below ``root`` with their room in bytes."""

    name: str = "san-1"
    root: str = "/srv/tgt"
    pools: dict[str, int] = field(default_factory=lambda: {"tank": 8 * GIB, "pond": GIB})
    faults: Faults = field(default_factory=Faults)
    watchers: list[Callable[[bytes], None]] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    asked: int = 0
    writes: int = 0
    started: float = field(default_factory=time.monotonic)

    def programs(self) -> Mapping[str, Program]:
        """What it runs, by name."""
        return {
            "cat": self._cat,
            "echo": lambda words: " ".join(words) + "\n",
            "fallocate": self._fallocate,
            "find": self._find,
            "mv": self._mv,
            "printf": self._printf,
            "rm": self._rm,
            "truncate": self._truncate,
            "twin-writes": lambda _: f"{self.writes}\n",
            "uname": self._uname,
        }

    def execute(self, argv: tuple[str, ...]) -> tuple[bytes, int]:
        """Run one program; what it prints and its exit status."""
        program, *words = argv
        path = ""
        if len(words) >= 2 and words[-2] == ">":
            *words, _, path = words
        try:
            if program in (":", "true"):
                return b"", 0
            run = self.programs().get(program)
            if run is None:
                return f"sh: 1: {program}: not found\n".encode(), NOT_FOUND
            printed = run(words)
        except Ended as ended:
            return f"{ended}\n".lstrip().encode(), ended.status
        if path:
            self.writes += 1
            self.files[path] = File(size=len(printed), text=printed)
            return b"", 0
        return printed.encode(), 0

    def restart(self) -> None:
        """Start it anew: files stay."""
        self.started = time.monotonic()

    def log_in(self, export: str, initiator: str) -> bool:
        """An initiator logs in; whether it is let in. Where nothing is exported, nobody is."""
        del export, initiator
        return False

    def log_out(self, export: str, initiator: str) -> None:
        """An initiator leaves."""

    def changing(self) -> None:
        """Count a command that changes state, unless it shall fail."""
        self.writes += 1
        if self.faults.fail_writes:
            raise Ended(self.faults.fail_writes, 1)

    def free(self, pool: str) -> int:
        """How many bytes of a pool are free."""
        return self.pools[pool] - sum(file.blocks * _BLOCK for path, file in self.files.items() if self._in(pool, path))

    def _in(self, pool: str, path: str) -> bool:
        return path.startswith(f"{self.root}/{pool}/")

    def _pool(self, path: str) -> str:
        for pool in self.pools:
            if self._in(pool, path) and "/" not in path.removeprefix(f"{self.root}/{pool}/"):
                return pool
        raise Ended(f"cannot open '{path}': No such file or directory", 1)

    def _fallocate(self, words: Sequence[str]) -> str:
        self.changing()
        match words:
            case ["--length", length, path] if length.isdecimal():
                file = self.files.get(path, File())
                blocks = max(file.blocks, -(-int(length) // _BLOCK))
                if (blocks - file.blocks) * _BLOCK > self.free(self._pool(path)):
                    raise Ended("fallocate: fallocate failed: No space left on device", 1)
                file.blocks, file.size = blocks, max(file.size, int(length))
                self.files[path] = file
                return ""
        raise Ended("fallocate: unexpected arguments", 1)

    def _truncate(self, words: Sequence[str]) -> str:
        self.changing()
        match words:
            case [option, path] if option.startswith("--size="):
                number = option.removeprefix("--size=")
                self._pool(path)
                file = self.files.setdefault(path, File())
                size = int(number.removeprefix(">"))
                file.cut(max(size, file.size) if number.startswith(">") else size)
                return ""
        raise Ended("truncate: unexpected arguments", 1)

    def _rm(self, words: Sequence[str]) -> str:
        self.changing()
        path = words[-1]
        if self.files.pop(path, None) is None:
            raise Ended(f"rm: cannot remove '{path}': No such file or directory", 1)
        return ""

    def _mv(self, words: Sequence[str]) -> str:
        self.changing()
        _, one, other = words
        self.files[other] = self.files.pop(one)
        return ""

    def _find(self, words: Sequence[str]) -> str:
        match words:
            case [self.root, "-mindepth", "1", "-maxdepth", "1", "-type", "d", "-exec", "stat", "-f", *_]:
                rows = sorted(self.pools.items())
                return "".join(
                    f"p {_PAGE} {size // _PAGE} {self.free(pool) // _PAGE} {self.root}/{pool}\0" for pool, size in rows
                )
            case [self.root, "-mindepth", "2", "-maxdepth", "2", "-type", "f", "-printf", _]:
                found = [(path, file) for path, file in self.files.items() if path.startswith(f"{self.root}/")]
                return "".join(
                    f"v {file.size} {file.blocks} {path.removeprefix(f'{self.root}/')}\0" for path, file in found
                )
        raise Ended(f"find: '{words[0] if words else ''}': No such file or directory", 1)

    def _printf(self, words: Sequence[str]) -> str:
        if len(words) != 2 or words[0] != "%s":
            raise Ended("printf: not as this machine knows it", 1)
        return words[1]

    def _uname(self, words: Sequence[str]) -> str:
        said = {"-n": self.name, "-s": "Linux", "-r": "6.1.0-twin", "-m": "x86_64"}
        return f"{' '.join(said[option] for option in words)}\n"

    def _cat(self, words: Sequence[str]) -> str:
        if list(words) != ["/proc/uptime"]:
            raise Ended(f"cat: {' '.join(words)}: No such file or directory", 1)
        seconds = time.monotonic() - self.started
        return f"{seconds:.2f} {seconds:.2f}\n"
