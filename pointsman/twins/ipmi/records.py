"""The sensor data records of the twin: two temperatures, a fan, and a compact record that gives no numbers."""

from __future__ import annotations

from typing import Final

_FULL, _COMPACT = 0x01, 0x02


def _full(record: int, number: int, name: str, *, kind: int, unit: int, m: int, exponents: int = 0) -> bytes:
    """A full sensor record (IPMI v2.0, section 43.1) of an unsigned, linear sensor with thresholds."""
    body = bytearray(43)
    body[0:3] = bytes((0x20, 0x00, number))
    body[3:5] = bytes((0x07, 0x01))
    body[7], body[8] = kind, 0x01
    body[16] = unit
    body[19], body[24] = m, exponents
    body[42] = 0xC0 | len(name)
    return _whole(record, _FULL, bytes(body) + name.encode("ascii"))


def _compact(record: int) -> bytes:
    """A compact record of a discrete sensor."""
    return _whole(record, _COMPACT, bytes((0x20, 0, 9, 7, 1)) + bytes(21) + b"\xc3SEL")


def _whole(record: int, kind: int, body: bytes) -> bytes:
    return record.to_bytes(2, "little") + bytes((0x51, kind, len(body))) + body


RECORDS: Final = (
    _full(0, 1, "CPU Temp", kind=1, unit=1, m=1),
    _full(1, 2, "Inlet Temp", kind=1, unit=1, m=1),
    _full(2, 3, "Fan 1", kind=4, unit=18, m=100),
    _compact(3),
)
"""The third byte of a record's header is its version (51h)."""
