"""The commands of a step. Each may be repeated; a list of them is run in order.

===================  =================================================================================================
``unless OID=1,4``   not while the variable shows one of these: a command of its own is under way, which is waited for
``set OID=i:5``      an INTEGER is written; ``s:`` a text
``until OID=1,2``    the variable is read until it shows one of these, or the time is over
===================  =================================================================================================

A switched outlet is done when the device shows it, which may be seconds after it took the command: relays are switched
one after the other, and some agents refresh what they show by a clock of their own.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from device_profiles.names import printable
from drivers.errors import Busy, Garbled, Rejected
from drivers.snmp.managed import Managed
from drivers.snmp.values import Integer, Octets, Oid, Value, dotted, oid

_COMMAND: Final = re.compile(r"([\d.]+)=(?:([is]):)?(.*)", re.DOTALL)
_FIRST_PAUSE_S: Final = 0.05
_LONGEST_PAUSE_S: Final = 1.0


def unless(name: Oid, numbers: Iterable[int]) -> str:
    """Not while a variable shows one of some numbers."""
    return shlex.join(("unless", f"{dotted(name)}={','.join(map(str, sorted(numbers)))}"))


def assign(name: Oid, value: int | str) -> str:
    """Write a number or a text."""
    return shlex.join(("set", f"{dotted(name)}={'i' if isinstance(value, int) else 's'}:{value}"))


def until(name: Oid, numbers: Iterable[int]) -> str:
    """Wait until a variable shows one of some numbers."""
    return shlex.join(("until", f"{dotted(name)}={','.join(map(str, sorted(numbers)))}"))


class Writer:
    """Runs commands over a connection; ``within_s`` is how long a command may take to be done."""

    def __init__(self, managed: Managed, *, within_s: float) -> None:
        self._managed = managed
        self._within_s = within_s

    async def run(self, commands: Sequence[str], *, doing: str) -> None:
        """Run commands. Raises ``Rejected`` at what is refused, or accepted and not done in time, and ``Busy``."""
        for line in commands:
            word, *rest = shlex.split(line)
            match = _COMMAND.fullmatch(rest[0]) if len(rest) == 1 else None
            if match is None or word not in ("unless", "set", "until") or (word == "set") != bool(match[2]):
                raise Garbled(f"'{printable(line, most=60)}' is no command that this driver made")
            name = oid(match[1])
            if word == "set":
                await self._set(name, Integer(int(match[3])) if match[2] == "i" else Octets(match[3].encode()), doing)
            elif word == "until":
                await self._until(name, _numbers(match[3]), doing)
            else:
                await self._unless(name, _numbers(match[3]), doing)

    async def _set(self, name: Oid, value: Value, doing: str) -> None:
        try:
            await self._managed.set([(name, value)])
        except Rejected as error:
            raise Rejected(f"{doing}: {error}") from None

    async def _unless(self, name: Oid, numbers: frozenset[int], doing: str) -> None:
        if not await self._seen(name, lambda value: value not in numbers):
            raise Busy(f"{doing}: the device has a command of its own for it under way ({dotted(name)})")

    async def _until(self, name: Oid, numbers: frozenset[int], doing: str) -> None:
        if not await self._seen(name, lambda value: value in numbers):
            seen = printable(repr(await self._shows(name)), most=60)
            raise Rejected(
                f"{doing}: {dotted(name)}: was accepted, and is not done after {self._within_s:g} s: it shows {seen}"
            )

    async def _seen(self, name: Oid, is_so: Callable[[Value], bool]) -> bool:
        """Whether a variable comes to show what it shall, within the time."""
        pause_s = _FIRST_PAUSE_S
        try:
            async with asyncio.timeout(self._within_s):
                while not is_so(await self._shows(name)):
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        except TimeoutError:
            return False
        return True

    async def _shows(self, name: Oid) -> Value:
        (value,) = await self._managed.get([name])
        return value


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(part) for part in text.split(",") if part)
