"""What passes over the streams of a shared console: between people and the service, and between service and agent.

Both are WebSockets. A binary frame holds bytes of the line, a text frame one JSON message of this module. The service
forwards what the line said to all who watch, and what the writer typed to the agent; nothing else is in a binary frame.

On the agent's side every piece of the session is a numbered *record*: bytes that came (binary, behind a head of number
and time), or a mark (text). The service acknowledges what is on its disk (:class:`Stored`); until then the agent keeps
it, so that a stream that broke goes on without a gap. Times are microseconds since 1970 by the agent's clock.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal

from annotated_types import Ge, Le, MaxLen
from pydantic import ConfigDict, Discriminator, TypeAdapter

from device_profiles.operation import TOLERANT

CONSOLE_SCHEMA: Final = 1
MOST_TYPED_BYTES: Final = 64 << 10
"""The largest frame that a person may send: what is pasted in larger pieces is refused."""

CLOSE_DONE: Final = 1000
CLOSE_RESTART: Final = 1012
CLOSE_UNAUTHENTICATED: Final = 4401
"""The token was revoked or has expired."""
CLOSE_NO_STREAM: Final = 4404
"""To an agent: nobody waits for this stream any more."""
CLOSE_REPLACED: Final = 4409
"""To an agent: it has dialled this stream anew."""
CLOSE_ENDED: Final = 4410
"""The console is over: its ``end`` message says why."""
CLOSE_ELSEWHERE: Final = 4421
"""To an agent: another replica serves this stream."""

_HEAD: Final = struct.Struct(">QQ")
_STORED_HEAD: Final = struct.Struct(">QQBI")


# A person says to the service:


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Give me the line, when nobody else writes; automation is waited for."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    type: Literal["write"] = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOver:
    """Give me the line at once, whoever has it; they are told."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    type: Literal["take_over"] = "take_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """I write no more."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    type: Literal["release"] = "release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Send a break."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    type: Literal["break"] = "break"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    """The size of the terminal of whoever writes."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    columns: Annotated[int, Ge(1), Le(1000)]
    rows: Annotated[int, Ge(1), Le(1000)]
    type: Literal["resize"] = "resize"


PersonSays = Annotated[Write | TakeOver | Release | Break | Resize, Discriminator("type")]


# The service says to an agent (and sends what the writer typed as binary frames):


@dataclass(frozen=True, slots=True, kw_only=True)
class From:
    """The answer to :class:`Hello`: send the records after ``after``; a new session numbers its own from there."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    after: int
    type: Literal["from"] = "from"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Everything up to ``seq`` is on disk."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    seq: int
    type: Literal["stored"] = "stored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Have ``who`` hold the line; with ``take`` at once, else when automation has made way."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    who: Annotated[str, MaxLen(200)]
    take: bool = False
    type: Literal["hold"] = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The console is over."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    reason: str = ""
    message: str = ""
    type: Literal["end"] = "end"


ServiceSays = Annotated[From | Stored | Hold | Release | Break | Resize | End, Discriminator("type")]


# An agent says to the service (and sends what came on the line as binary frames, see `pack_bytes`):


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first message. ``line``: a line that automation uses too, or a ``shell`` of its own. ``first`` is the oldest
    record that the agent still has (0: a new session), ``last`` the newest. ``slot``: it is the console of the machine
    in that; empty: the node's own."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    schema: int
    node: str
    line: Literal["line", "shell"]
    access: str
    speed: int | None = None
    first: int = 0
    last: int = 0
    slot: str = ""
    type: Literal["hello"] = "hello"


MarkKind = Literal["holder", "waiting", "wanted", "sent", "note", "lost", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened to the line, a record like the bytes beside it.

    ``holder``: ``name`` holds it now (empty: nobody); ``waiting``: the writer waits until ``name`` makes way;
    ``wanted``: ``name`` waits for the writer; ``sent``: a line of ``name``, automation, on a device that sends nothing
    back of what it is sent; ``lost``: bytes are missing here; ``refused``: what was asked cannot be
    done; ``note``: anything else. ``text`` is the sentence for people.
    """

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    seq: int
    at_us: int
    kind: MarkKind
    text: str = ""
    name: str = ""
    person: bool = False
    type: Literal["mark"] = "mark"


AgentSays = Annotated[Hello | Mark, Discriminator("type")]

PERSON_SAYS: Final[TypeAdapter[Any]] = TypeAdapter(PersonSays)
SERVICE_SAYS: Final[TypeAdapter[Any]] = TypeAdapter(ServiceSays)
AGENT_SAYS: Final[TypeAdapter[Any]] = TypeAdapter(AgentSays)
_MARK: Final = TypeAdapter(Mark)


@dataclass(frozen=True, slots=True)
class Bytes:
    """A record of bytes that came on the line."""

    seq: int
    at_us: int
    data: bytes


Record = Bytes | Mark


def pack_bytes(record: Bytes) -> bytes:
    """A binary frame from the agent: the head (number, time; both unsigned, 64 bits, big-endian), then the bytes."""
    return _HEAD.pack(record.seq, record.at_us) + record.data


def unpack_bytes(frame: bytes) -> Bytes:
    """The record in a binary frame. Raises ValueError where it has no head."""
    if len(frame) < _HEAD.size:
        raise ValueError("a frame of bytes has a head of 16 bytes")
    seq, at_us = _HEAD.unpack_from(frame)
    return Bytes(seq, at_us, frame[_HEAD.size :])


def pack_records(records: list[Record]) -> bytes:
    """Records as they are stored, one after the other, byte for byte as they came."""
    found = bytearray()
    for record in records:
        is_mark = isinstance(record, Mark)
        body = _MARK.dump_json(record) if isinstance(record, Mark) else record.data
        found += _STORED_HEAD.pack(record.seq, record.at_us, is_mark, len(body)) + body
    return bytes(found)


def unpack_records(stored: bytes) -> list[Record]:
    """The records that :func:`pack_records` packed."""
    found: list[Record] = []
    start = 0
    while start < len(stored):
        seq, at_us, is_mark, length = _STORED_HEAD.unpack_from(stored, start)
        start += _STORED_HEAD.size
        body = stored[start : start + length]
        found.append(_MARK.validate_json(body) if is_mark else Bytes(seq, at_us, body))
        start += length
    return found
