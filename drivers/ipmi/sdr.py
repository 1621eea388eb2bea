"""Sensor data records: which sensors and parts a controller has (IPMI v2.0, sections 33, 36 and 43).

A record is read in pieces, header first, since many controllers give no record whole. Reading holds a reservation,
which the controller cancels when its records change meanwhile: then all is read anew.
"""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from drivers.errors import Busy, Garbled
from drivers.ipmi.messages import Code, Commanded, NetFn, Request, ask, refused, try_to_ask

_HEADER: Final = 5
_CHUNK: Final = 16
_LAST: Final = 0xFFFF
_MOST: Final = 2048
_TRIES: Final = 5
_MOST_CANCELLED: Final = 100
_MOMENT_S: Final = 0.1
"""Who begins again at once is cancelled again: there is one reservation at a time (IPMI 2.0, section 33.11)."""
FULL, COMPACT, FRU_LOCATOR = 0x01, 0x02, 0x11
_DOING: Final = "reading sensor records"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A sensor that gives numbers, and how a raw one becomes a value (section 36.3)."""

    number: int
    owner: int
    lun: int
    name: str
    type: int
    unit: int
    is_percent: bool
    is_signed: int
    """How a raw number is meant: 0 unsigned, 1 ones' complement, 2 two's complement."""
    m: int
    b: int
    b_exponent: int
    r_exponent: int
    linearization: int

    def value(self, raw: int) -> float:
        """The value of a raw reading. Raises ``Garbled`` where it has none."""
        number = raw
        if self.is_signed == 1 and raw & 0x80:
            number = -(~raw & 0xFF)
        elif self.is_signed == 2 and raw & 0x80:
            number = raw - 256
        linear = (self.m * number + self.b * 10.0**self.b_exponent) * 10.0**self.r_exponent
        function = _FUNCTIONS.get(self.linearization)
        if function is None:
            raise Garbled(f"the sensor {self.name} is not linear in a way that its record does not tell")
        try:
            return float(function(linear))
        except (ValueError, ZeroDivisionError, OverflowError):
            raise Garbled(f"the sensor {self.name} gives a reading that has no value") from None


_FUNCTIONS: Final[Mapping[int, Callable[[float], float]]] = {
    0: lambda x: x,
    1: math.log,
    2: math.log10,
    3: math.log2,
    4: math.exp,
    5: lambda x: 10.0**x,
    6: lambda x: 2.0**x,
    7: lambda x: 1 / x,
    8: lambda x: x * x,
    9: lambda x: x * x * x,
    10: math.sqrt,
    11: math.cbrt,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Where a part's inventory is: a FRU device behind the controller."""

    number: int
    name: str
    entity: int


@dataclass(frozen=True, slots=True)
class Records:
    """What the records say. ``stamp``: when they last changed, in the controller's bytes."""

    stamp: bytes = b""
    sensors: tuple[Sensor, ...] = ()
    parts: tuple[Part, ...] = ()


async def read_records(bmc: Commanded, known: Records | None) -> Records:
    """All records, or ``known`` where they have not changed. Raises :class:`~drivers.errors.DeviceError`."""
    stamp = await _stamp(bmc)
    if stamp is None:
        return known or Records()
    if known is not None and known.stamp == stamp:
        return known
    if not int.from_bytes(stamp[:2], "little"):
        return Records(stamp)
    for _ in range(_TRIES):
        found = Records(stamp, *await _read(bmc))
        now = await _stamp(bmc)
        if now is None or now == stamp:
            return found
        stamp = now
    raise Busy(f"{_DOING}: they change again and again while they are read")


async def _stamp(bmc: Commanded) -> bytes | None:
    """How many there are, and when they were changed last; None for a controller without records."""
    info = await try_to_ask(bmc, Request(NetFn.STORAGE, 0x20, doing=_DOING), least=13)
    return None if info is None else info[1:3] + info[5:13]


async def _reserve(bmc: Commanded) -> bytes:
    return (await ask(bmc, Request(NetFn.STORAGE, 0x22, doing=_DOING), least=2))[:2]


async def _read(bmc: Commanded) -> tuple[tuple[Sensor, ...], tuple[Part, ...]]:
    """All records. Whoever else reads them cancels our reservation by theirs, and gets a moment to come further."""
    reservation = await _reserve(bmc)
    sensors, parts, number, seen, cancelled = [], [], 0, 0, 0
    while number != _LAST:
        record = await _record(bmc, reservation, number)
        if record is None:
            cancelled += 1
            if cancelled > _MOST_CANCELLED:
                raise Busy(f"{_DOING}: somebody else reads them all the time")
            await asyncio.sleep(random.uniform(0.0, _MOMENT_S))  # noqa: S311 -- no secret
            reservation = await _reserve(bmc)
            continue
        following, body = record
        if following == number or seen > _MOST:
            raise Garbled(f"{_DOING}: they have no end")
        if (sensor := _sensor(body)) is not None:
            sensors.append(sensor)
        elif (part := _part(body)) is not None:
            parts.append(part)
        number, seen = following, seen + 1
    return tuple(sensors), tuple(parts)


async def _record(bmc: Commanded, reservation: bytes, number: int) -> tuple[int, bytes] | None:
    """The number of the next record, and this one; None where the reservation was cancelled."""
    data, following, size = b"", _LAST, _HEADER
    while len(data) < size:
        count = min(_CHUNK, size - len(data)) if data else _HEADER
        place = bytes((number & 0xFF, number >> 8, len(data), count))
        request = Request(NetFn.STORAGE, 0x23, reservation + place, doing=_DOING)
        answer = await bmc.exchange(request)
        if answer.code == Code.RESERVATION_CANCELLED:
            return None
        if answer.code != Code.OK:
            refused(request, answer.code)
        if len(answer.data) <= 2 or (not data and len(answer.data) < 2 + _HEADER):
            raise Garbled(f"{_DOING}: record {number} is cut off")
        if not data:
            following = int.from_bytes(answer.data[:2], "little")
            size = _HEADER + answer.data[2 + 4]
        data += answer.data[2:]
    return following, data[:size]


def _sensor(record: bytes) -> Sensor | None:
    """A full sensor record of a sensor with thresholds; None for every other record."""
    if record[3] != FULL or len(record) < 48 or record[13] != 0x01:
        return None
    units = record[20]
    if units >> 6 == 3:
        return None  # gives no numbers
    return Sensor(
        number=record[7],
        owner=record[5],
        lun=record[6] & 3,
        name=_name(record, 47),
        type=record[12],
        unit=record[21],
        is_percent=bool(units & 1),
        is_signed=units >> 6,
        m=_signed(record[24] | (record[25] & 0xC0) << 2, 10),
        b=_signed(record[26] | (record[27] & 0xC0) << 2, 10),
        b_exponent=_signed(record[29] & 0x0F, 4),
        r_exponent=_signed(record[29] >> 4, 4),
        linearization=record[23] & 0x7F,
    )


def _part(record: bytes) -> Part | None:
    """A FRU device locator of a logical FRU device behind this controller."""
    if record[3] != FRU_LOCATOR or len(record) < 16 or not record[7] & 0x80:
        return None
    return Part(number=record[6], name=_name(record, 15), entity=record[12])


def _signed(number: int, bits: int) -> int:
    return number - (1 << bits) if number >> bits - 1 else number


def _name(record: bytes, at: int) -> str:
    """An id string (section 43.15): its type and length, and the text."""
    size = record[at] & 0x1F
    raw = record[at + 1 : at + 1 + size]
    text = raw.decode("latin-1").split("\x00")[0].strip()
    return "".join(char for char in text if char.isprintable()) or f"#{record[7]}"
