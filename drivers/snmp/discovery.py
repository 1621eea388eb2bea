"""Which SNMPv3 engine answers at an address (RFC 3414, section 4): asked without a user, so that no key is used yet.

A request without an engine id is answered by a report that carries the engine's own.
"""

from __future__ import annotations

from typing import Final

from drivers.snmp import ber
from drivers.snmp.ber import Malformed, encode_integer, enter, integer, tlv
from drivers.snmp.pdu import Kind

_OCTETS, _SEQUENCE = 0x04, 0x30
_VERSION_3: Final = 3
_LARGEST_MESSAGE: Final = 65_507
_REPORTABLE: Final = b"\x04"
_USM: Final = 3
_LONGEST_ENGINE_ID: Final = 32
_SHORTEST_ENGINE_ID: Final = 5


def question(number: int) -> bytes:
    """A request to whatever engine answers."""
    head = encode_integer(number) + encode_integer(_LARGEST_MESSAGE) + tlv(_OCTETS, _REPORTABLE) + encode_integer(_USM)
    nobody = tlv(_OCTETS, b"")
    security = tlv(_SEQUENCE, nobody + encode_integer(0) + encode_integer(0) + nobody * 3)
    scoped = tlv(_SEQUENCE, nobody * 2 + ber.encode_pdu(Kind.GET, number, (0, 0), ()))
    return tlv(_SEQUENCE, encode_integer(_VERSION_3) + tlv(_SEQUENCE, head) + tlv(_OCTETS, security) + scoped)


def answer(data: bytes) -> tuple[int, bytes]:
    """The number of the request that is answered, and the engine id. Raises :class:`~drivers.snmp.ber.Malformed`."""
    try:
        at, _ = enter(data, 0, _SEQUENCE)
        version, at = integer(data, at)
        start, at = enter(data, at, _SEQUENCE)
        number, _ = integer(data, start)
        start, _ = enter(data, at, _OCTETS)
        start, _ = enter(data, start, _SEQUENCE)
        start, end = enter(data, start, _OCTETS)
    except IndexError:
        raise Malformed("the message ends before it should") from None
    if version != _VERSION_3 or not _SHORTEST_ENGINE_ID <= end - start <= _LONGEST_ENGINE_ID:
        raise Malformed("the answer names no engine")
    return number, data[start:end]
