"""What automation sends to a device that sends nothing back: told line by line, beside what the device says.

Never what a person types, and never a line with one of the node's secrets in it, however short.
"""

from __future__ import annotations

from typing import Final

from agents.console.keyboard import TellMark
from agents.console.sources import Source
from device_profiles.names import printable
from drivers.line.connection import AUTOMATION
from drivers.line.listening import Chunk

_LONGEST_BYTES: Final = 2000


class SentLines:
    """Puts chunks that were sent together to lines."""

    def __init__(self, source: Source, mark: TellMark) -> None:
        self._silent = source.silent
        self._secrets = [text.encode() for text in source.texts]
        self._mark = mark
        self._begun = bytearray()

    def take(self, chunk: Chunk) -> None:
        """A chunk that somebody sent."""
        if not self._silent or chunk.holder != AUTOMATION.name:
            return
        self._begun += chunk.data
        *lines, rest = self._begun.replace(b"\r", b"\n").split(b"\n")
        self._begun = bytearray(rest[-_LONGEST_BYTES:])
        for line in lines:
            self._tell(bytes(line))

    def _tell(self, line: bytes) -> None:
        if any(secret in line for secret in self._secrets):
            line = b"(a secret)"
        if line.strip():
            self._mark("sent", name=AUTOMATION.name, text=printable(line.decode("utf-8", "replace")))

    def forget(self) -> None:
        """Somebody else has the line: what was begun is nobody's."""
        self._begun.clear()
