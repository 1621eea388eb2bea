"""A connection whose answers are kept as a recording: a tree of ``path/index.json``, without its secrets.

What a device answers to reads is kept, once, as it was answered last. Taken out are texts that are secrets known to us,
and the values of properties whose names say that they hold one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import orjson

from drivers.around import Around
from drivers.contract import ByteStream, Connection
from drivers.rest.logins import LogIn
from drivers.rest.messages import Request, Response
from drivers.rest.playing import NAME
from drivers.rest.served import served_of
from drivers.scrubbing import REMOVED

_SECRET: Final = re.compile(
    r"(?i)password|passphrase|passwd|secret|token|privatekey|^key$|kek$|communitystring|community$|license"
)
_HARMLESS: Final = re.compile(r"(?i)@|length|policy|expir|age|type|name|enabled|supported|required|change|uri")
_PART: Final = re.compile(r"[^\0/]{1,200}")
_SHORTEST_KNOWN: Final = 4


class RecordingServed(Around):
    """A connection that is heard (see :class:`drivers.rest.served.Served`)."""

    def __init__(self, connection: Connection, *, secrets: Sequence[str] = ()) -> None:
        super().__init__(connection)
        self._served = served_of(connection)
        self._secrets = tuple(text for text in secrets if len(text) >= _SHORTEST_KNOWN)
        self._kept: dict[str, Any] = {}

    @property
    def count(self) -> int:
        """How many resources are kept."""
        return len(self._kept)

    def log_in_by(self, log_in: LogIn) -> None:
        """How to log in from here on."""
        self._served.log_in_by(log_in)

    async def stream(self, command: str) -> ByteStream:
        """As of the connection."""
        return await self._connection.stream(command)

    async def exchange(self, request: Request) -> Response:
        """One request and its response, kept where it read something."""
        response = await self._served.exchange(request)
        if request.method == "GET" and response.is_good:
            self._keep(urlsplit(request.path).path, response.body)
        return response

    def _keep(self, path: str, body: bytes) -> None:
        try:
            document = orjson.loads(body)
        except ValueError:
            return
        self._take(path, self._without(document))

    def _take(self, path: str, document: Any) -> None:
        """Keep a document, and what was expanded in it at its own place."""
        self._kept[path.rstrip("/")] = document
        found = document.get("Members") if isinstance(document, dict) else None
        members: list[Any] = found if isinstance(found, list) else []
        for place, member in enumerate(members):
            own = member.get("@odata.id") if isinstance(member, dict) else None
            if isinstance(own, str) and len(member) > 1:
                self._take(own, member)
                members[place] = {"@odata.id": own}

    def _without(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self._without(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self._without(each, name) for each in value]
        if not isinstance(value, str) or not value:
            return value
        if _SECRET.search(name) and not _HARMLESS.search(name):
            return REMOVED
        for secret in self._secrets:
            value = value.replace(secret, REMOVED)
        return value

    async def save(self, folder: Path) -> None:
        """Write the recording."""
        await asyncio.to_thread(_write, folder, self._kept)


def _write(folder: Path, kept: Mapping[str, Any]) -> None:
    for path, document in kept.items():
        parts = [part for part in unquote(path).split("/") if part]
        # A path is the device's own text: none leads out of the folder.
        if not all(_PART.fullmatch(part) and part not in (".", "..") for part in parts):
            continue
        file = folder.joinpath(*parts) / NAME
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
