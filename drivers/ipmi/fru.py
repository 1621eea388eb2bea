"""FRU inventory: what a part is, by whom, and its numbers (Platform Management FRU Information Storage Definition).

Every area bears its length and a checksum; one that is wrong is not believed, and the others are. Sixteen bytes are
read at once: that is what all controllers give (some refuse more with a code that means something else).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from drivers.errors import Garbled
from drivers.ipmi.messages import Code, Commanded, NetFn, Request, refused, try_to_ask

CHUNK: Final = 16
_LARGEST: Final = 0x4000
_EIGHT: Final = 8
_END: Final = 0xC1
_BCD: Final = "0123456789 -."
_ABSENT: Final = frozenset({Code.NOT_PRESENT, Code.OUT_OF_RANGE, Code.INVALID_COMMAND, Code.INVALID_FIELD, 0x81})


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One area of a part: a board, a product or a chassis. ``extra``: fields that the standard does not name."""

    manufacturer: str = ""
    name: str = ""
    part: str = ""
    version: str = ""
    serial: str = ""
    asset: str = ""
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fru:
    """One part. ``label`` is what the controller calls it; ``wrong``: what could not be believed, a sentence each."""

    number: int
    label: str = ""
    chassis: Area | None = None
    board: Area | None = None
    product: Area | None = None
    wrong: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of it."""
        return self.chassis is None and self.board is None and self.product is None


async def read_fru(bmc: Commanded, number: int, *, label: str = "") -> Fru | None:
    """One part; None where there is none, or its memory is empty. Raises :class:`~drivers.errors.DeviceError`."""
    doing = f"reading FRU {number}"
    request = Request(NetFn.STORAGE, 0x10, bytes((number,)), doing=doing)
    info = await try_to_ask(bmc, request, least=3)
    if info is None:
        return None
    size, by_words = info[0] | info[1] << 8, info[2] & 1
    data = b""
    while len(data) < min(size, _LARGEST):
        at, count = len(data) >> by_words, min(CHUNK, size - len(data)) >> by_words
        part = Request(NetFn.STORAGE, 0x11, bytes((number, at & 0xFF, at >> 8, max(count, 1))), doing=doing)
        answer = await bmc.exchange(part)
        if answer.code in _ABSENT and not data:
            return None
        if answer.code != Code.OK:
            refused(part, answer.code)
        came = answer.data[1:]
        if not came:
            break  # shorter than it says, as some are
        data += came
    found = parse_fru(data, number, label=label)
    return None if found.is_empty and not found.wrong else found


def parse_fru(data: bytes, number: int, *, label: str = "") -> Fru:
    """A part from its bytes."""
    wrong: list[str] = []
    if not any(byte not in (0, 0xFF) for byte in data):
        return Fru(number=number, label=label)
    if len(data) < _EIGHT or data[0] & 0x0F != 1 or sum(data[:_EIGHT]) % 256:
        return Fru(number=number, label=label, wrong=(f"FRU {number} has no header that can be read",))
    areas: dict[str, Area] = {}
    for place, name, parse in ((2, "chassis", _chassis), (3, "board", _board), (4, "product", _product)):
        try:
            if data[place]:
                areas[name] = parse(_area(data, data[place] * _EIGHT))
        except Garbled as error:
            wrong.append(f"FRU {number}: the {name} area {error}")
    return Fru(number=number, label=label, wrong=tuple(wrong), **areas)


def _area(data: bytes, at: int) -> bytes:
    """An area without its checksum. Raises ``Garbled``."""
    size = data[at + 1] * _EIGHT if at + 1 < len(data) else 0
    area = data[at : at + size]
    if size == 0 or len(area) < size:
        raise Garbled("is cut off")
    if sum(area) % 256:
        raise Garbled("has a wrong checksum")
    return area[:-1]


def _chassis(area: bytes) -> Area:
    part, serial, *extra = _fill(_texts(area, 3, area[2]), 2)
    return Area(part=part, serial=serial, extra=tuple(extra))


def _board(area: bytes) -> Area:
    manufacturer, name, serial, part, _, *extra = _fill(_texts(area, 6, area[2]), 5)
    return Area(manufacturer=manufacturer, name=name, serial=serial, part=part, extra=tuple(extra))


def _product(area: bytes) -> Area:
    made, name, part, version, serial, asset, _, *extra = _fill(_texts(area, 3, area[2]), 7)
    return Area(
        manufacturer=made, name=name, part=part, version=version, serial=serial, asset=asset, extra=tuple(extra)
    )


def _fill(texts: Iterator[str], least: int) -> Sequence[str]:
    found = [*texts]
    return found + [""] * (least - len(found))


def _texts(area: bytes, at: int, language: int) -> Iterator[str]:
    while at < len(area) and area[at] != _END:
        kind, size = area[at] >> 6, area[at] & 0x3F
        raw = area[at + 1 : at + 1 + size]
        if len(raw) < size:
            raise Garbled("has a field that is cut off")
        yield _text(kind, raw, language)
        at += 1 + size


def _text(kind: int, raw: bytes, language: int) -> str:
    if kind == 0:
        return raw.hex().upper()
    if kind == 1:
        return "".join(_BCD[n] if n < len(_BCD) else "" for byte in raw for n in (byte >> 4, byte & 15)).strip()
    if kind == 2:
        bits = int.from_bytes(raw, "little")
        return "".join(chr(0x20 + (bits >> 6 * place & 0x3F)) for place in range(len(raw) * 8 // 6)).strip()
    # English is 8-bit ASCII with Latin 1; others are UTF-16. Many pad with NUL, or blanks.
    text = raw.decode("latin-1" if language in (0, 25) else "utf-16-le", errors="replace")
    return "".join(char for char in text.strip("\x00 \xff") if char.isprintable()).strip()
