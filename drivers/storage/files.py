"""Machines whose files are volumes: pools are folders below one, volumes the files in them.

A file that is there is taken as it is. What makes files can only ever lengthen them (``fallocate``, ``truncate`` with
``>``), so that no command which is repeated, cut short or meant for a file that is not there takes anything away.
"""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from device_profiles.names import printable
from drivers.errors import Garbled
from drivers.storage.changes import VolumeChange
from drivers.storage.seen import Pool

_BLOCK: Final = 512
_POOL: Final = re.compile(r"p (\d+) (\d+) (\d+) (/.+)", re.DOTALL)
_VOLUME: Final = re.compile(r"v (\d+) (\d+) ([^/]+)/([^/]+)", re.DOTALL)


def folder(text: str) -> str:
    """A path that may stand in a command. Raises ``ValueError``, for a profile."""
    if not re.fullmatch(r"(/[A-Za-z0-9][A-Za-z0-9._-]*)+", text):
        raise ValueError("a folder is written from the root, in letters, digits, dots and dashes")
    return text


def listing(root: str) -> tuple[str, str]:
    """What lists pools and files, with nothing between records that could be part of a name."""
    where = shlex.quote(root)
    return (
        f"find {where} -mindepth 1 -maxdepth 1 -type d -exec stat -f --printf 'p %S %b %a %n\\0' {{}} +",
        f"find {where} -mindepth 2 -maxdepth 2 -type f -printf 'v %s %b %P\\0'",
    )


@dataclass(frozen=True, slots=True)
class File:
    """A backing file. Sizes in bytes."""

    pool: str
    name: str
    size: int
    used: int


@dataclass(frozen=True)
class Files:
    """The pools and files below a folder."""

    root: str = ""
    pools: Mapping[str, Pool] = field(default_factory=dict)
    files: tuple[File, ...] = ()

    def path(self, pool: str, volume: str) -> str:
        """Where a volume's file is."""
        return f"{self.root}/{pool}/{volume}"

    def pool_of(self, volume: str) -> str:
        """The pool that a volume is in."""
        return next((file.pool for file in self.files if file.name == volume), "")

    def key(self, file: File) -> str:
        """A volume's name; where two pools have one of that name, the second is shown with its pool's."""
        return file.name if self.pool_of(file.name) == file.pool else f"{file.pool}/{file.name}"

    @functools.cached_property
    def by_path(self) -> Mapping[str, File]:
        """The files by their whole paths."""
        return {self.path(file.pool, file.name): file for file in self.files}

    def name(self, path: str) -> str:
        """The name of the volume at a path; the path itself where it is none of ours."""
        file = self.by_path.get(path)
        return path if file is None else self.key(file)

    def place(self, volume: str, pool: str = "") -> str:
        """Where a volume is: what is in no pool of ours is called by its path, and one of two by its pool's name."""
        if "/" in volume:
            return volume if volume.startswith("/") else f"{self.root}/{volume}"
        return self.path(pool or self.pool_of(volume), volume)

    def holds(self, path: str) -> bool:
        """Whether a path is in one of our pools."""
        return path.startswith(f"{self.root}/")


def parse(records: str, root: str) -> Files:
    """The answers to :func:`listing`, one after the other. Raises :class:`~drivers.errors.Garbled`."""
    if records and not records.endswith("\0"):
        raise Garbled("the array's list of files ends in the middle: nothing was concluded from it")
    pools: dict[str, Pool] = {}
    files: list[File] = []
    for record in records.split("\0")[:-1]:
        _take(record, root, pools, files)
    if unknown := {file.pool for file in files} - pools.keys():
        raise Garbled(f"files in a pool '{printable(min(unknown), most=40)}' that was not listed: read again later")
    return Files(root, dict(sorted(pools.items())), tuple(sorted(files, key=lambda file: (file.name, file.pool))))


def _take(record: str, root: str, pools: dict[str, Pool], files: list[File]) -> None:
    if match := _POOL.fullmatch(record):
        block, size, free = (int(each) for each in match.groups()[:3])
        pools[match[4].removeprefix(f"{root}/")] = Pool(size=block * size, free=block * free)
    elif match := _VOLUME.fullmatch(record):
        files.append(File(match[3], match[4], int(match[1]), int(match[2]) * _BLOCK))
    else:
        raise Garbled(f"'{printable(record, most=60)}' is neither a pool nor a file: nothing was concluded")


def sizing(change: VolumeChange, path: str, *, thin: bool) -> Iterator[str]:
    """What gives a file its length, or removes it."""
    if change.kind == "remove":
        yield shlex.join(("rm", "--", path))
    elif change.kind == "shrink":
        yield shlex.join(("truncate", f"--size={change.size}", path))
    elif thin:
        yield shlex.join(("truncate", f"--size=>{change.size}", path))
    else:
        yield shlex.join(("fallocate", "--length", str(change.size), path))
