"""A request to an SNMP agent and its response, without the message that carries them (RFC 3416, section 3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from drivers.snmp.values import NULL, Oid, Value

Binding = tuple[Oid, Value]


class Kind(IntEnum):
    """What is asked; the numbers are the tags of the PDUs."""

    GET = 0xA0
    NEXT = 0xA1
    SET = 0xA3
    BULK = 0xA5


RESPONSE: Final = 0xA2
REPORT: Final = 0xA8


class Status(IntEnum):
    """The error status of a response."""

    OK = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    BAD_VALUE = 3
    READ_ONLY = 4
    GEN_ERR = 5
    NO_ACCESS = 6
    WRONG_TYPE = 7
    WRONG_LENGTH = 8
    WRONG_ENCODING = 9
    WRONG_VALUE = 10
    NO_CREATION = 11
    INCONSISTENT_VALUE = 12
    RESOURCE_UNAVAILABLE = 13
    COMMIT_FAILED = 14
    UNDO_FAILED = 15
    AUTHORIZATION_ERROR = 16
    NOT_WRITABLE = 17
    INCONSISTENT_NAME = 18

    @property
    def word(self) -> str:
        """As the documents write it: ``noSuchName``."""
        first, *others = self.name.lower().split("_")
        return first + "".join(part.capitalize() for part in others)


def status_word(status: int) -> str:
    """The word of an error status, also of one that no document knows."""
    return Status(status).word if status in set(Status) else f"error {status}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. ``repetitions`` is of BULK, which has no non-repeaters here.

    ``vlan`` asks the bridge of that VLAN, on devices that have one for each: the community ``name@10`` in v1 and v2c,
    the context ``vlan-10`` in v3 (Cisco, "SNMP Community String Indexing", document 40367).
    """

    kind: Kind
    bindings: Sequence[Binding]
    repetitions: int = 0
    vlan: int | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. ``index`` counts bindings from 1; 0 where the status is about none of them."""

    status: int
    index: int
    bindings: Sequence[Binding]


Exchange = Callable[[Request], Awaitable[Response]]
"""One request to a device and its response. Raises only :class:`~drivers.errors.DeviceError`."""


def asking(kind: Kind, names: Sequence[Oid], *, repetitions: int = 0, vlan: int | None = None) -> Request:
    """A request that reads."""
    return Request(kind=kind, bindings=[(name, NULL) for name in names], repetitions=repetitions, vlan=vlan)
