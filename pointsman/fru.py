"""A FRU inventory as bytes, for the lab's blades and the twins (Platform Management FRU Information Storage)."""

from __future__ import annotations

_BOARD_HEAD = bytes((1, 0, 25, 0, 0, 0))
_PRODUCT_HEAD = bytes((1, 0, 25))
_NO_MORE = b"\xc1"


def fru_bytes(product: str, *, serial: str) -> bytes:
    """A blade's inventory: board and product areas in English."""
    board = _area(_BOARD_HEAD + b"".join(_text(each) for each in ("Lab", "Blade board", serial, "PN-1", "")))
    whole = _area(
        _PRODUCT_HEAD + b"".join(_text(each) for each in ("Lab", "Blade", "PN-1", "1.0", serial, product, ""))
    )
    header = bytes([1, 0, 0, 1, 1 + len(board) // 8, 0, 0])
    return _with_checksum(header) + board + whole


def _text(value: str) -> bytes:
    """A field in 8-bit ASCII: type and length in one byte, then the text."""
    return bytes([0xC0 | len(value)]) + value.encode("ascii")


def _area(fields: bytes) -> bytes:
    """An area: its fields, "no more fields", padding and checksum to full eights, the length in its second byte."""
    body = bytearray(fields + _NO_MORE)
    body += bytes(-(len(body) + 1) % 8)
    body[1] = (len(body) + 1) // 8
    return _with_checksum(bytes(body))


def _with_checksum(data: bytes) -> bytes:
    return data + bytes([-sum(data) % 256])
