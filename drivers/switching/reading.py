"""What readings of configurations have in common."""

from __future__ import annotations

import abc
import re
from collections.abc import Callable, Iterable
from typing import Final

from device_profiles.names import printable
from device_profiles.patterns import at_line_start
from drivers.errors import Garbled

LONGEST_TEXT: Final = 500
"""Characters of a name or description that are kept."""
_MTUS: Final = range(576, 65536)


class Unreadable(ValueError):
    """A line of an interface that says something, and cannot be read."""


class PortLines(abc.ABC):
    """The lines of one interface that say something of its switching, added up one by one.

    ``mode`` is the word that the device has for it, empty where none is said; ``strange``: a line is not understood.
    """

    def __init__(self) -> None:
        self.mode = ""
        self.strange = False

    def take(self, line: str) -> None:
        """Read one line. Raises :class:`Unreadable`."""
        try:
            self._take(line)
        except ValueError:
            raise Unreadable(line) from None

    @abc.abstractmethod
    def _take(self, line: str) -> None:
        """Read one line. Raises ValueError."""


def shown_mtu(size: int) -> int | None:
    """An MTU, in bytes; None where the schema does not take it for one."""
    return size if size in _MTUS else None


def garbled(place: str, line: str) -> Garbled:
    """The error of a line that cannot be read; whoever raises it concludes nothing from the rest either."""
    return Garbled(f"{place}: '{printable(line, most=100)}' cannot be read, and nothing was concluded")


def without(beginnings: Iterable[str]) -> Callable[[bytes], bytes]:
    """What takes out of a configuration the lines that begin so: they change by themselves."""
    words = "|".join(map(at_line_start, beginnings))
    if not words:
        return lambda configuration: configuration
    lines = re.compile(rf"(?:{words})[^\n]*\n".encode(), re.MULTILINE)
    return lambda configuration: lines.sub(b"", configuration)


def ended(text: str, end: str, *, command: str) -> str:
    """A configuration that ends with the line ``end``. Raises ``Garbled`` for one that was cut off.

    An empty ``end``: nothing tells.
    """
    if end and text.rstrip().rpartition("\n")[2].strip() != end:
        raise Garbled(f"'{command}' does not end with '{end}': nothing was concluded from it")
    return text
