"""Values and indexes as a profile says they are written; what is not so is told, and never guessed.

One function for each of :data:`device_profiles.snmp.syntax.VALUES` and ``INDEXES``.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from device_profiles.names import printable
from device_profiles.snmp import Column, Scalar, Table
from drivers.snmp.values import Integer, IpAddress, ObjectId, Octets, Oid, Ticks, Value

_BLANKS: Final = re.compile(r"\s+")
_LONGEST_TEXT: Final = 2000
_MAC_TEXT: Final = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_IPV4, _IPV6 = 1, 2


class Undecodable(ValueError):
    """A value or an index that is not written as its syntax says."""


def text_of(data: bytes) -> str:
    """Octets as one line of text that is safe to show."""
    try:
        found = data.decode("utf-8")
    except UnicodeDecodeError:
        found = data.decode("latin-1")
    return printable(_BLANKS.sub(" ", found.strip("\0").strip()), most=_LONGEST_TEXT)


def mac_of(data: bytes) -> str:
    """Six octets as an address."""
    return data.hex(":")


def bits_of(data: bytes, *, first: int = 1) -> tuple[int, ...]:
    """The numbers of the bits that are set, from the highest bit of the first octet."""
    return tuple(
        at * 8 + place + first for at, octet in enumerate(data) if octet for place in range(8) if octet & 0x80 >> place
    )


def to_bits(numbers: set[int], *, size: int, first: int = 1) -> bytes:
    """The octets in which just these bits are set; ``size`` octets at least."""
    highest = max(numbers, default=first) - first
    found = bytearray(max(size, highest // 8 + 1))
    for number in numbers:
        found[(number - first) // 8] |= 0x80 >> ((number - first) % 8)
    return bytes(found)


def _number(value: Value, column: Column | Scalar) -> int | float:
    if not isinstance(value, Integer):
        raise Undecodable("is no number")
    return int(value) if column.scale == 1.0 else int(value) * column.scale


def _ticks(value: Value, _: Column | Scalar) -> float:
    if not isinstance(value, Ticks):
        raise Undecodable("is no time")
    return int(value) / 100


def _enum(value: Value, column: Column | Scalar) -> str:
    number = _number(value, column)
    for word, known in column.enum.items():
        if known == number:
            return word
    raise Undecodable(f"is {number}, for which there is no word")


def _bool(value: Value, column: Column | Scalar) -> bool:
    number = _number(value, column)
    if number not in (1, 2):
        raise Undecodable(f"is {number}, and is neither true (1) nor false (2)")
    return number == 1


def _bytes(value: Value) -> bytes:
    if not isinstance(value, Octets):
        raise Undecodable("is no string")
    return bytes(value)


def _mac(value: Value, _: Column | Scalar) -> str | None:
    data = _bytes(value)
    if len(data) == 6:
        return mac_of(data)
    if not data:
        return None
    text = text_of(data)
    if not _MAC_TEXT.fullmatch(text):
        raise Undecodable("is no MAC address")
    return text.lower().replace("-", ":")


def _oid(value: Value, _: Column | Scalar) -> Oid:
    if not isinstance(value, ObjectId):
        raise Undecodable("is no OID")
    return tuple(value)


def _ip(value: Value, _: Column | Scalar) -> str:
    data = _bytes(value)
    if not isinstance(value, IpAddress) or len(data) != 4:
        raise Undecodable("is no IP address")
    return str(ipaddress.IPv4Address(data))


def _float(value: Value, column: Column | Scalar) -> float | None:
    text = text_of(_bytes(value))
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        raise Undecodable("is no number") from None
    if not math.isfinite(found):
        raise Undecodable("is no number")
    return found * column.scale


VALUE_DECODERS: Final[Mapping[str, Callable[[Value, Column | Scalar], Any]]] = {
    "integer": _number,
    "gauge": _number,
    "counter": _number,
    "ticks": _ticks,
    "enum": _enum,
    "bool": _bool,
    "text": lambda value, _: text_of(_bytes(value)),
    "octets": lambda value, _: _bytes(value),
    "mac": _mac,
    "bits": lambda value, column: bits_of(_bytes(value), first=column.first),
    "oid": _oid,
    "ip": _ip,
    "float_text": _float,
}


def value_of(value: Value, column: Column | Scalar) -> Any:
    """A value as its column says it is written; None where it says nothing. Raises :class:`Undecodable`."""
    return VALUE_DECODERS[column.type](value, column)


Rest = tuple[int, ...]


def _take(rest: Rest, count: int) -> tuple[Rest, Rest]:
    if not 0 <= count <= len(rest):
        raise Undecodable("is too short")
    return rest[:count], rest[count:]


def _take_octets(rest: Rest, count: int) -> tuple[bytes, Rest]:
    part, rest = _take(rest, count)
    if any(number > 255 for number in part):
        raise Undecodable("has a number in it that is no octet")
    return bytes(part), rest


def _index_integer(rest: Rest) -> tuple[Any, Rest]:
    part, rest = _take(rest, 1)
    return part[0], rest


def _index_mac(rest: Rest) -> tuple[Any, Rest]:
    data, rest = _take_octets(rest, 6)
    return mac_of(data), rest


def _index_ip(rest: Rest) -> tuple[Any, Rest]:
    data, rest = _take_octets(rest, 4)
    return str(ipaddress.IPv4Address(data)), rest


def _index_octets(rest: Rest) -> tuple[Any, Rest]:
    part, rest = _take(rest, 1)
    return _take_octets(rest, part[0])


def _index_string(rest: Rest) -> tuple[Any, Rest]:
    data, rest = _index_octets(rest)
    return text_of(data), rest


def _index_oid(rest: Rest) -> tuple[Any, Rest]:
    part, rest = _take(rest, 1)
    return _take(rest, part[0])


def _index_inet_address(rest: Rest) -> tuple[Any, Rest]:
    kind, rest = _take(rest, 1)
    data, rest = _index_octets(rest)
    if kind[0] == _IPV4 and len(data) == 4:
        return str(ipaddress.IPv4Address(data)), rest
    if kind[0] == _IPV6 and len(data) == 16:
        return str(ipaddress.IPv6Address(data)), rest
    return text_of(data), rest


INDEX_DECODERS: Final[Mapping[str, Callable[[Rest], tuple[Any, Rest]]]] = {
    "integer": _index_integer,
    "mac": _index_mac,
    "ip": _index_ip,
    "string": _index_string,
    "implied_string": lambda rest: (text_of(_take_octets(rest, len(rest))[0]), ()),
    "octets": _index_octets,
    "implied_octets": lambda rest: _take_octets(rest, len(rest)),
    "oid": _index_oid,
    "implied_oid": lambda rest: (rest, ()),
    "inet_address": _index_inet_address,
}


def index_of(rest: Rest, table: Table) -> dict[str, Any]:
    """The parts of a row's index by name. Raises :class:`Undecodable` where it is not written as the table says."""
    found: dict[str, Any] = {}
    for name, syntax in table.index.items():
        found[name], rest = INDEX_DECODERS[syntax](rest)
    if rest:
        raise Undecodable("is longer than it should be")
    return found
