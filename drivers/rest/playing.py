"""A recording of resources in the place of a device: a folder with a ``path/index.json`` for each of them.

So are the mockups of the DMTF and what ``pointsman probe --record`` keeps of a device; a mockup of the short form
begins with what is at ``/redfish/v1``. Nothing can be written; a query (``$expand``) is not looked at, which every
client must bear; and nothing outside the folder is ever read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from drivers.contract import ByteStream
from drivers.errors import Unreachable, Unsupported
from drivers.rest.logins import LogIn
from drivers.rest.messages import READS, Request, Response

NAME: Final = "index.json"
_LARGEST_BYTES: Final = 16 << 20
_LARGEST_ROOT: Final = 1 << 20
_DEPTH: Final = 4
"""How far below a folder its ``redfish`` may begin."""


class Played:
    """A recording as a connection (:class:`drivers.contract.Connection`, :class:`drivers.rest.served.Served`).

    ``missing`` are the paths that were asked and not recorded.
    """

    identity = ""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._missing: dict[str, None] = {}
        self.closed = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Paths that were asked and not recorded, in order."""
        return tuple(self._missing)

    def log_in_by(self, log_in: LogIn) -> None:
        """A recording asks for no login."""
        del log_in

    async def stream(self, command: str) -> ByteStream:
        """Refused: there is no command line."""
        del command
        raise Unsupported("a recording of resources has no command line")

    async def exchange(self, request: Request) -> Response:
        """What the recording has at a path."""
        if self.closed:
            raise Unreachable("the recording was closed")
        if request.method not in READS:
            return Response(status=405)
        path = _key(unquote(urlsplit(request.path).path))
        file = self._files.get(path)
        if file is None:
            self._missing.setdefault(path)
            return Response(status=404)
        return Response(status=200, body=await asyncio.to_thread(file.read_bytes))

    async def close(self) -> None:
        """Close it. Never raises."""
        self.closed = True


def find(path: Path) -> Path | None:
    """The folder in or below ``path`` (or above it, where it is within a tree) at which the paths of a recording
    begin; None where there is none.
    """
    if not path.is_dir():
        return None
    for folder in (path, *path.parents):
        if folder.name == "redfish" and (folder / "v1" / NAME).is_file():
            return folder.parent
    folders = [path]
    for _ in range(_DEPTH):
        for folder in folders:
            if _begins(folder) or _is_short(folder):
                return folder
        folders = [below for folder in folders for below in sorted(folder.iterdir()) if below.is_dir()][:200]
    return None


def _begins(folder: Path) -> bool:
    """Whether the paths of a recording begin here: those of Redfish, or those of an array, which are below ``api``."""
    if (folder / "redfish" / "v1" / NAME).is_file():
        return True
    return (folder / "api").is_dir() and next((folder / "api").rglob(NAME), None) is not None


def _is_short(folder: Path) -> bool:
    """Whether a folder holds a service root, and so stands for ``/redfish/v1``."""
    file = folder / NAME
    return file.is_file() and file.stat().st_size <= _LARGEST_ROOT and b'"RedfishVersion"' in file.read_bytes()


def play(path: Path) -> Played:
    """The recording at ``path``. Raises :class:`~drivers.errors.Unsupported` where there is none."""
    root = find(path)
    if root is None:
        raise Unsupported(f"{path} is no recording of resources: there is no redfish/v1/{NAME} and no api in it")
    files = {}
    above = Path("/redfish/v1" if _is_short(root) else "/")
    for file in root.rglob(NAME):
        inside = file.resolve().is_relative_to(root.resolve())
        if inside and file.stat().st_size <= _LARGEST_BYTES:
            files[_key((above / file.parent.relative_to(root)).as_posix())] = file
    return Played(files)


def _key(path: str) -> str:
    """How a path is looked up: services spell theirs with and without a slash at the end, and some in other capitals
    than they link to.
    """
    return path.rstrip("/").lower()
