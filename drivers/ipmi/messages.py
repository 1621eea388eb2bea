"""One request to a management controller and its answer, and what completion codes mean (IPMI v2.0, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NoReturn, Protocol, runtime_checkable

from drivers.contract import Connection
from drivers.errors import AuthFailed, Busy, Garbled, Rejected, Unreachable, Unsupported


class NetFn(IntEnum):
    """Network functions: which part of a controller is asked."""

    CHASSIS = 0x00
    SENSOR = 0x04
    APP = 0x06
    STORAGE = 0x0A
    TRANSPORT = 0x0C
    GROUP = 0x2C


@dataclass(frozen=True, slots=True)
class Request:
    """One command. ``doing`` says what for, in an error's words."""

    netfn: int
    command: int
    data: bytes = b""
    doing: str = ""
    resend_s: float = 1.0
    """How long its first answer is waited for: what is slow would be done twice."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A completion code (0 is good), and the bytes behind it."""

    code: int
    data: bytes = b""


class Code(IntEnum):
    """Completion codes that are not the same for all purposes."""

    OK = 0x00
    PARAMETER_UNSUPPORTED = 0x80
    NODE_BUSY = 0xC0
    INVALID_COMMAND = 0xC1
    INVALID_FOR_LUN = 0xC2
    TIMEOUT = 0xC3
    OUT_OF_SPACE = 0xC4
    RESERVATION_CANCELLED = 0xC5
    TRUNCATED = 0xC6
    LENGTH_INVALID = 0xC7
    LENGTH_LIMIT = 0xC8
    OUT_OF_RANGE = 0xC9
    TOO_MANY_BYTES = 0xCA
    NOT_PRESENT = 0xCB
    INVALID_FIELD = 0xCC
    ILLEGAL = 0xCD
    NOT_NOW = 0xCE
    DUPLICATE = 0xCF
    IN_UPDATE = 0xD0
    IN_UPDATE_MODE = 0xD1
    INITIALIZING = 0xD2
    DESTINATION_UNAVAILABLE = 0xD3
    PRIVILEGE = 0xD4
    STATE = 0xD5
    DISABLED = 0xD6
    UNSPECIFIED = 0xFF


LACKING: Final = frozenset(
    {
        Code.PARAMETER_UNSUPPORTED,
        Code.INVALID_COMMAND,
        Code.INVALID_FOR_LUN,
        Code.NOT_PRESENT,
        Code.INVALID_FIELD,
        Code.ILLEGAL,
        Code.DISABLED,
        Code.STATE,
    }
)
"""A controller that answers so to a reading does not have what was asked for."""
_LATER: Final = frozenset({Code.NODE_BUSY, Code.TIMEOUT, Code.OUT_OF_SPACE, Code.NOT_NOW, *range(0xD0, 0xD4)})
_WORDS: Final = {
    Code.PARAMETER_UNSUPPORTED: "it does not know this parameter",
    Code.NODE_BUSY: "it is busy",
    Code.INVALID_COMMAND: "it does not know this command",
    Code.TIMEOUT: "it took too long itself",
    Code.OUT_OF_SPACE: "it is out of space",
    Code.NOT_PRESENT: "there is no such thing",
    Code.INVALID_FIELD: "it does not take this value",
    Code.ILLEGAL: "this is not for what was named",
    Code.NOT_NOW: "it cannot answer now",
    Code.INITIALIZING: "it is starting",
    Code.PRIVILEGE: "this user may not",
    Code.STATE: "not in its present state",
    Code.DISABLED: "this is switched off there",
}


@runtime_checkable
class Commanded(Protocol):
    """A connection to a management controller. Raises only :class:`~drivers.errors.DeviceError`."""

    @property
    def identity(self) -> str:
        """Its GUID as a UUID, proved by the login; empty where it has none."""

    async def exchange(self, request: Request) -> Answer:
        """One request and its answer: the seam that transports, twins and faults share."""


def commanded_of(connection: Connection) -> Commanded:
    """The connection as what it must be for IPMI. Raises :class:`~drivers.errors.Unsupported`."""
    if not isinstance(connection, Commanded):
        raise Unsupported("this device is reached by IPMI: give the node an access like ipmi://192.0.2.1")
    return connection


async def ask(bmc: Commanded, request: Request, *, least: int = 0) -> bytes:
    """The bytes of a good answer, ``least`` of them. Raises what its completion code means, and ``Garbled``."""
    answer = await bmc.exchange(request)
    if answer.code != Code.OK:
        refused(request, answer.code)
    return whole(request, answer.data, least)


async def try_to_ask(bmc: Commanded, request: Request, *, least: int = 0) -> bytes | None:
    """The same; None where the controller does not have what is asked for."""
    answer = await bmc.exchange(request)
    if answer.code in LACKING:
        return None
    if answer.code != Code.OK:
        refused(request, answer.code)
    return whole(request, answer.data, least)


def whole(request: Request, data: bytes, least: int) -> bytes:
    """The data of an answer, which must have so many bytes."""
    if len(data) < least:
        raise Garbled(f"{request.doing}: the answer has {len(data)} bytes, and {least} at least are needed")
    return data


def refused(request: Request, code: int) -> NoReturn:
    """Raise what a completion code means."""
    word = _WORDS.get(Code(code), "") if code in set(Code) else ""
    sentence = f"{request.doing}: the controller refuses (0x{code:02x}){': ' + word if word else ''}"
    if code in {Code.NODE_BUSY, Code.NOT_NOW} or (code in _LATER and code != Code.TIMEOUT):
        raise Busy(sentence)
    if code == Code.TIMEOUT:
        raise Unreachable(sentence)
    if code == Code.PRIVILEGE:
        raise AuthFailed(f"{sentence}: give it the level operator or administrator")
    raise Rejected(sentence)
