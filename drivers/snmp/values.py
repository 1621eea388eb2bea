"""What an SNMP variable holds: Python's own numbers, bytes and tuples, each with its SNMP type.

A value compares and counts like what it is (``Integer(5) == 5``), and its class says how it is sent. ``Missing`` are
the three answers of SNMPv2 that say that there is nothing (RFC 3416, section 3).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

Oid = tuple[int, ...]


class Integer(int):
    """INTEGER, Integer32: signed, 32 bits."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)})"


class Counter(Integer):
    """Counter32: it only grows, and wraps."""

    __slots__ = ()


class Gauge(Integer):
    """Gauge32, Unsigned32."""

    __slots__ = ()


class Ticks(Integer):
    """TimeTicks: hundredths of a second."""

    __slots__ = ()


class Counter64(Integer):
    """Counter64."""

    __slots__ = ()


class Octets(bytes):
    """OCTET STRING: a text, an address or a bitmap; the MIB says which."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({bytes(self)!r})"


class IpAddress(Octets):
    """IpAddress: four octets."""

    __slots__ = ()


class Opaque(Octets):
    """Opaque."""

    __slots__ = ()


class ObjectId(tuple[int, ...]):
    """OBJECT IDENTIFIER."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"ObjectId({dotted(self)})"


class Null:
    """NULL: what stands for a value where one is asked for."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Null()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Null)

    def __hash__(self) -> int:
        return hash(Null)


class Missing(Enum):
    """There is nothing, and why."""

    OBJECT = "noSuchObject"
    INSTANCE = "noSuchInstance"
    END = "endOfMibView"


NULL: Final = Null()
Value = Integer | Octets | ObjectId | Null | Missing


def oid(text: str) -> Oid:
    """``1.3.6.1`` as a tuple. Raises ValueError for what is no OID."""
    parts = tuple(int(part) for part in text.strip(".").split("."))
    if len(parts) < 2 or any(part < 0 or part > 0xFFFFFFFF for part in parts):
        raise ValueError("an OID has two numbers at least, none of which is negative or has more than 32 bits")
    return parts


def dotted(name: Oid) -> str:
    """An OID as text."""
    return ".".join(map(str, name))
