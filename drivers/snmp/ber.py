"""SNMP v1 and v2c messages as bytes: the Basic Encoding Rules, as far as SNMP uses them (RFC 3417, section 8).

The decoder is written for walks: one pass over the bytes, no object that is not in the result. That every length fits
is seen at the end of each binding, where the parts must end exactly at the end of the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from drivers.snmp.pdu import Binding, Request
from drivers.snmp.values import (
    NULL,
    Counter,
    Counter64,
    Gauge,
    Integer,
    IpAddress,
    Missing,
    Null,
    ObjectId,
    Octets,
    Oid,
    Opaque,
    Ticks,
    Value,
)

_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
_LARGEST_LENGTH_OCTETS: Final = 4
_LONGEST_OID: Final = 128
_USUAL_COLUMN: Final = 8
_VENDORS: Final = bytes((43, 6, 1, 4, 1))

_FROM_BYTES = int.from_bytes
_FIRST: Final = tuple((min(number // 40, 2), number - 40 * min(number // 40, 2)) for number in range(128))
"""The first octet of an OID is two numbers."""
_SMALL: Final = tuple(Integer(number if number < 128 else number - 256) for number in range(256))


class Malformed(ValueError):
    """Bytes that are no message."""


def _unsigned(make: type[Integer]) -> Callable[[bytes], Value]:
    return lambda content: make(_FROM_BYTES(content, "big"))


def _object_id(content: bytes) -> ObjectId:
    return ObjectId(_oid(content))


_MAKERS: Final[dict[int, Callable[[bytes], Value]]] = {
    _OCTETS: Octets,
    _NULL: lambda _: NULL,
    _OID: _object_id,
    0x40: IpAddress,
    0x41: _unsigned(Counter),
    0x42: _unsigned(Gauge),
    0x43: _unsigned(Ticks),
    0x44: Opaque,
    0x46: _unsigned(Counter64),
    0x80: lambda _: Missing.OBJECT,
    0x81: lambda _: Missing.INSTANCE,
    0x82: lambda _: Missing.END,
}
_TAGS: Final[dict[type, int]] = {
    Integer: _INTEGER,
    Octets: _OCTETS,
    IpAddress: 0x40,
    Counter: 0x41,
    Gauge: 0x42,
    Ticks: 0x43,
    Opaque: 0x44,
    Counter64: 0x46,
}
_MISSING_TAGS: Final = {Missing.OBJECT: 0x80, Missing.INSTANCE: 0x81, Missing.END: 0x82}


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart: the PDU's tag, its request's number, the two numbers of its error, and its bindings."""

    version: int
    community: bytes
    tag: int
    number: int
    status: int
    index: int
    bindings: list[Binding]


def decode(data: bytes) -> Message:
    """A v1 or v2c message. Raises :class:`Malformed`."""
    try:
        return _message(data)
    except IndexError:
        raise Malformed("the message ends before it should") from None


def _message(data: bytes) -> Message:
    at, end = enter(data, 0, _SEQUENCE)
    if end != len(data):
        raise Malformed("the message is not as long as it says")
    version, at = integer(data, at)
    start, at = enter(data, at, _OCTETS)
    community = data[start:at]
    tag = data[at]
    return Message(version, community, tag, *pdu(data, at, end))


def pdu(data: bytes, at: int, end: int) -> tuple[int, int, int, list[Binding]]:
    """Number, status, index and bindings of the PDU at ``at``, which ends at ``end``."""
    at, stop = enter(data, at, data[at])
    if stop != end:
        raise Malformed("the PDU is not as long as its message")
    number, at = integer(data, at)
    status, at = integer(data, at)
    index, at = integer(data, at)
    at, stop = enter(data, at, _SEQUENCE)
    if stop != end:
        raise Malformed("the bindings are not as long as their PDU")
    return number, status, index, _bindings(data, at, end)


def _bindings(data: bytes, at: int, end: int) -> list[Binding]:
    found: list[Binding] = []
    append, makers, small, first = found.append, _MAKERS, _SMALL, _FIRST
    while at < end:
        if data[at] != _SEQUENCE:
            raise Malformed("a binding is none")
        size = data[at + 1]
        at += 2
        if size > 127:
            size, at = _length(data, size, at)
        stop = at + size
        if data[at] != _OID:
            raise Malformed("a binding has no name")
        size = data[at + 1]
        at += 2
        if size > 127:
            size, at = _length(data, size, at)
        raw = data[at : at + size]
        at += size
        # Numbers below 128 are one octet each, so most names are their octets.
        name = first[raw[0]] + tuple(raw[1:]) if raw.isascii() and raw else _oid(raw)
        tag = data[at]
        size = data[at + 1]
        at += 2
        if size > 127:
            size, at = _length(data, size, at)
        content = data[at : at + size]
        at += size
        if at != stop or stop > end:
            raise Malformed("the parts of a binding are not as long as the whole")
        if tag == _INTEGER:
            append((name, small[content[0]] if size == 1 else Integer(_FROM_BYTES(content, "big", signed=True))))
        elif tag in makers:
            append((name, makers[tag](content)))
        else:
            raise Malformed(f"a value has the tag {tag:#04x}, which SNMP has not")
    return found


def enter(data: bytes, at: int, tag: int) -> tuple[int, int]:
    """Where the content of what is at ``at`` begins and ends. Raises :class:`Malformed` for another tag."""
    if data[at] != tag:
        raise Malformed(f"there is a tag {data[at]:#04x} where {tag:#04x} should be")
    size = data[at + 1]
    at += 2
    if size > 127:
        size, at = _length(data, size, at)
    if at + size > len(data):
        raise Malformed("the message ends before it should")
    return at, at + size


def integer(data: bytes, at: int) -> tuple[int, int]:
    """The number at ``at``, and where it ends."""
    at, end = enter(data, at, _INTEGER)
    if not at < end <= at + 9:
        raise Malformed("a number has no length that a number has")
    return _FROM_BYTES(data[at:end], "big", signed=True), end


def _length(data: bytes, first: int, at: int) -> tuple[int, int]:
    count = first & 0x7F
    if not 0 < count <= _LARGEST_LENGTH_OCTETS:
        raise Malformed("a length has no length that a length has")
    if at + count > len(data):
        raise Malformed("the message ends before it should")
    return _FROM_BYTES(data[at : at + count], "big"), at + count


def _oid(raw: bytes) -> Oid:
    """The numbers of an OID; seven bits an octet, the highest bit says that there is more."""
    if raw[: len(_VENDORS)] == _VENDORS and (vendors := _vendors(raw)) is not None:
        return vendors
    found: list[int] = []
    # Large numbers stand in an index, behind a column whose numbers are small.
    start = _USUAL_COLUMN if raw[:_USUAL_COLUMN].isascii() else 0
    found += raw[:start]
    number = 0
    for octet in raw[start:]:
        if octet > 127:
            number = number << 7 | octet & 0x7F
        elif number:
            found.append(number << 7 | octet)
            number = 0
        else:
            found.append(octet)
    if not raw or raw[-1] > 127 or len(found) > _LONGEST_OID:
        raise Malformed("a name is no OID")
    first = min(found[0] // 40, 2)
    return (first, found[0] - 40 * first, *found[1:])


def _vendors(raw: bytes) -> Oid | None:
    """An OID of a vendor, whose own number takes some octets, and mostly nothing behind it; None where that is not so.

    All that a PDU tells has such a name.
    """
    number, at, end = 0, len(_VENDORS), len(raw)
    while at < end and raw[at] > 127:
        number = number << 7 | raw[at] & 0x7F
        at += 1
    rest = raw[at + 1 :]
    if at >= end or end > _LONGEST_OID or not rest.isascii():
        return None
    return (1, 3, 6, 1, 4, 1, number << 7 | raw[at], *rest)


def encode(request: Request, *, version: int, community: bytes, number: int) -> bytes:
    """A request as a v1 (``version`` 0) or v2c (1) message."""
    inner = encode_pdu(request.kind, number, (0, request.repetitions), request.bindings)
    return tlv(_SEQUENCE, encode_integer(version) + tlv(_OCTETS, community) + inner)


def encode_pdu(tag: int, number: int, numbers: tuple[int, int], bindings: Sequence[Binding]) -> bytes:
    """A PDU. ``numbers`` are status and index, or what a bulk request has in their place."""
    head = encode_integer(number) + encode_integer(numbers[0]) + encode_integer(numbers[1])
    body = b"".join([tlv(_SEQUENCE, encode_oid(name) + encode_value(value)) for name, value in bindings])
    return tlv(tag, head + tlv(_SEQUENCE, body))


def encode_message(tag: int, message: Message) -> bytes:
    """A message of an agent's."""
    inner = encode_pdu(tag, message.number, (message.status, message.index), message.bindings)
    return tlv(_SEQUENCE, encode_integer(message.version) + tlv(_OCTETS, message.community) + inner)


def tlv(tag: int, content: bytes) -> bytes:
    """Tag, length and content."""
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def encode_integer(number: int, tag: int = _INTEGER) -> bytes:
    """A number with its sign, in as few octets as it takes."""
    return tlv(tag, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


@lru_cache(maxsize=16384)
def encode_oid(name: Oid) -> bytes:
    """An OID with tag and length."""
    octets = bytearray()
    for part in (name[0] * 40 + name[1], *name[2:]):
        rest, group = part >> 7, [part & 0x7F]
        while rest:
            group.append(0x80 | rest & 0x7F)
            rest >>= 7
        octets += bytes(reversed(group))
    return tlv(_OID, bytes(octets))


def encode_value(value: Value) -> bytes:
    """A value with tag and length."""
    if isinstance(value, Integer):
        return encode_integer(int(value), _TAGS[type(value)])
    if isinstance(value, Octets):
        return tlv(_TAGS[type(value)], bytes(value))
    if isinstance(value, ObjectId):
        return encode_oid(tuple(value))
    if isinstance(value, Null):
        return bytes((_NULL, 0))
    return bytes((_MISSING_TAGS[value], 0))
