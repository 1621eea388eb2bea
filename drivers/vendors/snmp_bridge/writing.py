"""The commands of a step: SETs that may be repeated, each read back.

A command is ``set`` and bindings, all of one request, which the device takes whole or not at all:

=================  ===================================================================================================
``OID=i:5``        an INTEGER; ``u:`` an Unsigned32, ``s:`` a text, ``x:`` octets in hexadecimal
``OID+5``          bit 5 of a bitmap set, the others as they are now (a PortList counts from the first octet's top bit)
``OID-5``          bit 5 of a bitmap taken away
``OID!4``          a row made by its status (createAndGo), unless it is there
=================  ===================================================================================================

Bitmaps are read just before they are written, so that what somebody else changed since the plan stays. What was
accepted is read back: an agent that says yes and does nothing is told, with the variable.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from device_profiles.names import printable
from drivers.errors import Garbled, Rejected
from drivers.snmp.decoding import bits_of, to_bits
from drivers.snmp.managed import Managed
from drivers.snmp.pdu import Binding
from drivers.snmp.values import Gauge, Integer, Missing, Octets, Oid, Value, dotted, oid

ACTIVE: Final = 1
CREATE_AND_GO: Final = 4
DESTROY: Final = 6
_FIRST_PAUSE_S: Final = 0.05
_BINDING: Final = re.compile(r"([\d.]+)(?:=([iusx]):(.*)|([+-])(\d+)|!(\d+))", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Assign:
    """A variable shall have a value."""

    name: Oid
    value: Value


@dataclass(frozen=True, slots=True)
class Bit:
    """A bit of a bitmap shall be set, or not."""

    name: Oid
    number: int
    on: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row shall be there."""

    name: Oid
    status: int


Item = Assign | Bit | Row


def integer(name: Oid, value: int) -> str:
    """A binding of an INTEGER."""
    return f"{dotted(name)}=i:{value}"


def unsigned(name: Oid, value: int) -> str:
    """A binding of an Unsigned32."""
    return f"{dotted(name)}=u:{value}"


def text(name: Oid, value: str) -> str:
    """A binding of a text; one that is not plain is written in hexadecimal."""
    if value.isascii() and value.isprintable() and "'" not in value:
        return f"{dotted(name)}=s:{value}"
    return f"{dotted(name)}=x:{value.encode().hex()}"


def bit(name: Oid, number: int, *, on: bool) -> str:
    """A binding of one bit of a bitmap."""
    return f"{dotted(name)}{'+' if on else '-'}{number}"


def row(name: Oid) -> str:
    """A binding that makes a row."""
    return f"{dotted(name)}!{CREATE_AND_GO}"


def command(bindings: Iterable[str]) -> str:
    """A command of some bindings."""
    return shlex.join(("set", *bindings))


def parse(line: str) -> tuple[Item, ...]:
    """The bindings of a command. Raises :class:`~drivers.errors.Garbled` for what is none."""
    word, *parts = shlex.split(line)
    matches = [_BINDING.fullmatch(part) for part in parts]
    if word != "set" or not parts or any(match is None for match in matches):
        raise Garbled(f"'{printable(line, most=60)}' is no command that this driver made")
    return tuple(_item(match) for match in matches if match is not None)


def _item(match: re.Match[str]) -> Item:
    name = oid(match[1])
    if match[4]:
        return Bit(name, int(match[5]), match[4] == "+")
    if match[6]:
        return Row(name, int(match[6]))
    match match[2]:
        case "i":
            return Assign(name, Integer(int(match[3])))
        case "u":
            return Assign(name, Gauge(int(match[3])))
        case "x":
            return Assign(name, Octets(bytes.fromhex(match[3])))
        case _:
            return Assign(name, Octets(match[3].encode()))


class Writer:
    """Runs commands. A device that says yes has ``settle_s`` to do it, as many do so after they have answered."""

    def __init__(self, managed: Managed, *, settle_s: float) -> None:
        self._managed = managed
        self._settle_s = settle_s

    async def run(self, commands: Sequence[str], *, doing: str) -> None:
        """Run commands in order. Raises ``Rejected`` at the first that is refused, or accepted and not done."""
        for line in commands:
            items = parse(line)
            bindings = await self._bindings(items)
            if bindings:
                try:
                    await self._managed.set(bindings)
                except Rejected as error:
                    raise Rejected(f"{doing}: {error}") from None
            await self._see(items, doing)

    async def _bindings(self, items: Sequence[Item]) -> list[Binding]:
        names = list(dict.fromkeys(item.name for item in items if not isinstance(item, Assign)))
        shown = dict(zip(names, await self._managed.get(names), strict=True)) if names else {}
        found: dict[Oid, Value] = {}
        for item in items:
            match item:
                case Assign():
                    found[item.name] = item.value
                case Bit():
                    found[item.name] = _with(found.get(item.name, shown[item.name]), item)
                case Row():
                    if shown[item.name] != ACTIVE:
                        found[item.name] = Integer(item.status)
        return list(found.items())

    async def _see(self, items: Sequence[Item], doing: str) -> None:
        """Look until all is done. Raises ``Rejected`` where it is not within the time."""
        names = list(dict.fromkeys(item.name for item in items))
        loop = asyncio.get_running_loop()
        ends, pause_s = loop.time() + self._settle_s, _FIRST_PAUSE_S
        while True:
            shown = dict(zip(names, await self._managed.get(names), strict=True))
            left = next((item for item in items if not _is_done(item, shown[item.name])), None)
            if left is None:
                return
            if loop.time() >= ends:
                seen = printable(repr(shown[left.name]), most=60)
                raise Rejected(f"{doing}: {dotted(left.name)}: was accepted, and is not done: it shows {seen}")
            await asyncio.sleep(pause_s)
            pause_s *= 2


def _with(value: Value, item: Bit) -> Octets:
    # A row that is made by the same request has no bitmap yet.
    data = bytes(value) if isinstance(value, Octets) else b""
    numbers = set(bits_of(data))
    numbers = numbers | {item.number} if item.on else numbers - {item.number}
    return Octets(to_bits(numbers, size=len(data)))


def _is_done(item: Item, value: Value) -> bool:
    match item:
        case Bit():
            return (isinstance(value, Octets) and item.number in bits_of(bytes(value))) == item.on
        case Row():
            return value == ACTIVE
        case Assign(value=wanted) if wanted == DESTROY and isinstance(value, Missing):
            return True
    return value == item.value
