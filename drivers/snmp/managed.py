"""Reading and writing over one function that exchanges a request for a response, without ever going on for ever.

``walk`` reads several columns side by side: one BULK asks for the next rows of each. It ends when every column has
ended, and it raises where it would not end: a name that does not grow (RFC 3416 demands it, and an agent that breaks
it sends a manager in circles), more rows than a table may have, or a deadline. A table whose index begins with a
TimeFilter may show all of its rows again for each later time (RFC 4502 allows it); the first time is enough. An agent
that finds an answer too big is asked for half as much, down to one variable; one that leaves out the end of an answer
is asked on from there.

``set`` is one request: the agent takes all of its bindings or none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, Protocol, runtime_checkable

from drivers.contract import Connection
from drivers.errors import AuthFailed, Garbled, Rejected, Unreachable, Unsupported
from drivers.snmp.pdu import Binding, Kind, Request, Response, Status, asking, status_word
from drivers.snmp.values import Missing, Oid, Value, dotted

Rows = dict[Oid, Value]
"""The rest of the name (the index) to the value."""

_MOST_A_GET: Final = 32
_TOO_MANY: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is asked at once, and when enough is enough.

    ``variables`` an answer shall hold; ``columns`` side by side; ``rows`` a column may have; ``walk_s`` a walk may
    take.
    """

    variables: int = 60
    columns: int = 12
    rows: int = _TOO_MANY
    walk_s: float = 60.0


@runtime_checkable
class Managed(Protocol):
    """A connection to an SNMP agent. All coroutines raise only :class:`~drivers.errors.DeviceError`."""

    limits: Limits

    async def exchange(self, request: Request) -> Response:
        """One request and its response: the seam that transports, recordings, twins and faults share."""

    async def get(self, names: Sequence[Oid], *, vlan: int | None = None) -> tuple[Value, ...]:
        """The values of single variables, in order; ``Missing`` where there is none."""

    async def walk(
        self, columns: Sequence[Oid], *, vlan: int | None = None, timed: frozenset[Oid] = frozenset()
    ) -> Mapping[Oid, Rows]:
        """All rows of some columns (or subtrees): column to rest of name to value. Never half of one.

        ``timed`` are the columns whose index begins with a TimeFilter.
        """

    async def set(self, bindings: Sequence[Binding], *, vlan: int | None = None) -> None:
        """Write, all or nothing. Raises ``Rejected``, naming the variable. What came of it is to be read back."""

    async def following(self, names: Sequence[Oid], *, vlan: int | None = None) -> tuple[Binding, ...]:
        """The first variable behind each name, in order: what tells cheaply which tables there are."""


def managed_of(connection: Connection) -> Managed:
    """The connection as what it must be for SNMP. Raises :class:`~drivers.errors.Unsupported`."""
    if not isinstance(connection, Managed):
        raise Unsupported("this device is read by SNMP: give the node an access like snmp://192.0.2.1 or snmpv3://...")
    return connection


class Manager:
    """``get``, ``walk``, ``set`` over :meth:`exchange`; connections inherit from it (see :class:`Managed`).

    ``has_bulk``: SNMPv1 has no BULK, and says with an error what later versions say with a value.
    """

    def __init__(self, *, has_bulk: bool = True, limits: Limits | None = None) -> None:
        self.has_bulk = has_bulk
        self.limits = limits or Limits()
        self._variables = self.limits.variables

    async def exchange(self, request: Request) -> Response:
        """One request and its response."""
        raise Unreachable(f"nothing answers {request.kind.name} here")

    async def get(self, names: Sequence[Oid], *, vlan: int | None = None) -> tuple[Value, ...]:
        """The values of single variables (see :class:`Managed`)."""
        found: list[Value] = []
        at = 0
        while at < len(names):
            part = list(names[at : at + min(_MOST_A_GET, self._variables)])
            response = await self.exchange(asking(Kind.GET, part, vlan=vlan))
            if response.status == Status.TOO_BIG and len(part) > 1:
                self._less()
                continue
            found += await self._values(part, response, vlan)
            at += len(part)
        return tuple(found)

    async def _values(self, part: list[Oid], response: Response, vlan: int | None) -> list[Value]:
        values: dict[Oid, Value] = {}
        asked = list(part)
        # SNMPv1 answers nothing at all where one variable is missing, and says which.
        while response.status == Status.NO_SUCH_NAME and 0 < response.index <= len(asked):
            values[asked.pop(response.index - 1)] = Missing.INSTANCE
            if not asked:
                return [values[name] for name in part]
            response = await self.exchange(asking(Kind.GET, asked, vlan=vlan))
        if response.status != Status.OK:
            refused(asked, response, doing="reading")
        if [name for name, _ in response.bindings] != asked:
            raise Garbled(f"{dotted(asked[0])}: the device answered about something else than it was asked")
        values.update(response.bindings)
        return [values[name] for name in part]

    async def following(self, names: Sequence[Oid], *, vlan: int | None = None) -> tuple[Binding, ...]:
        """The first variable behind each name (see :class:`Managed`)."""
        found: list[Binding] = []
        at = 0
        while at < len(names):
            part = list(names[at : at + min(_MOST_A_GET, self._variables)])
            response = await self._page(part, 1, vlan)
            if response is None:
                continue
            found += _grown(part, response.bindings)
            at += len(response.bindings)
        return tuple(found)

    async def walk(
        self, columns: Sequence[Oid], *, vlan: int | None = None, timed: frozenset[Oid] = frozenset()
    ) -> Mapping[Oid, Rows]:
        """All rows of some columns (see :class:`Managed`)."""
        walk = _Walk(columns, self.limits, timed)
        try:
            async with asyncio.timeout(self.limits.walk_s):
                while asked := walk.next():
                    response = await self._page([walk.cursors[column] for column in asked], self._depth(asked), vlan)
                    if response is not None:
                        walk.take(asked, response.bindings)
        except TimeoutError:
            first = dotted(walk.next()[0])
            raise Unreachable(f"{first}: the walk did not end within {self.limits.walk_s:g} s") from None
        return walk.rows

    def _depth(self, asked: Sequence[Oid]) -> int:
        return max(1, self._variables // len(asked)) if self.has_bulk else 1

    async def _page(self, names: list[Oid], depth: int, vlan: int | None) -> Response | None:
        """The next variables behind some names; None where that was too much at once, and less is asked next."""
        if self.has_bulk:
            response = await self.exchange(asking(Kind.BULK, names, repetitions=depth, vlan=vlan))
        else:
            response = await self._next(names, vlan)
        if response.status == Status.TOO_BIG and (depth > 1 or len(names) > 1):
            self._less()
            return None
        if response.status != Status.OK:
            refused(names, response, doing="reading")
        if not response.bindings:
            if self._variables <= 1:
                raise Garbled(f"{dotted(names[0])}: the device answers with nothing")
            self._less()
            return None
        return response

    async def _next(self, names: list[Oid], vlan: int | None) -> Response:
        """NEXT of SNMPv1, whose error for the end of everything becomes the value of later versions."""
        ended: dict[Oid, Binding] = {}
        asked = list(names)
        response = await self.exchange(asking(Kind.NEXT, asked, vlan=vlan))
        while response.status == Status.NO_SUCH_NAME and 0 < response.index <= len(asked):
            name = asked.pop(response.index - 1)
            ended[name] = (name, Missing.END)
            if not asked:
                return Response(Status.OK, 0, [ended[name] for name in names])
            response = await self.exchange(asking(Kind.NEXT, asked, vlan=vlan))
        if response.status != Status.OK or len(response.bindings) != len(asked):
            return response
        came = dict(zip(asked, response.bindings, strict=True))
        return Response(Status.OK, 0, [ended.get(name) or came[name] for name in names])

    def _less(self) -> None:
        self._variables = max(1, self._variables // 2)

    async def set(self, bindings: Sequence[Binding], *, vlan: int | None = None) -> None:
        """Write, all or nothing (see :class:`Managed`)."""
        response = await self.exchange(Request(kind=Kind.SET, bindings=list(bindings), vlan=vlan))
        names = [name for name, _ in bindings]
        if response.status != Status.OK:
            refused(names, response, doing="writing")
        if [name for name, _ in response.bindings] != names:
            raise Garbled(f"{dotted(names[0])}: the device answered about something else than was written")


class _Walk:
    """How far a walk has come: deciding, without doing."""

    def __init__(self, columns: Iterable[Oid], limits: Limits, timed: frozenset[Oid]) -> None:
        self._times: dict[Oid, dict[Oid, int]] = {column: {} for column in timed}
        self.cursors = {column: column for column in columns}
        self.rows: dict[Oid, Rows] = {column: {} for column in self.cursors}
        self._open = dict.fromkeys(self.cursors)
        self._limits = limits

    def next(self) -> list[Oid]:
        """The columns to ask for now; none where all have ended."""
        return list(self._open)[: self._limits.columns]

    def take(self, asked: Sequence[Oid], bindings: Sequence[Binding]) -> None:
        """Take over an answer: one variable of each column in turn."""
        width = len(asked)
        for place, column in enumerate(asked):
            if not self._column(column, bindings[place::width]):
                del self._open[column]

    def _column(self, column: Oid, bindings: Sequence[Binding]) -> bool:
        """Whether there may be more of a column."""
        size, rows, last = len(column), self.rows[column], self.cursors[column]
        for name, value in bindings:
            if name[:size] != column or value is Missing.END:
                # Some agents answer the end with the name that was asked, others go on elsewhere.
                return False
            if name <= last:
                raise Garbled(f"{dotted(name)}: comes after {dotted(last)}, so the walk would never end")
            if column in self._times and self._is_again(column, name[size:]):
                return False
            rows[name[size:]] = value
            last = name
        if len(rows) > self._limits.rows:
            raise Garbled(f"{dotted(column)}: has more than {self._limits.rows} rows: nothing of it was believed")
        self.cursors[column] = last
        return True

    def _is_again(self, column: Oid, index: Oid) -> bool:
        """Whether a row is one that was shown for the time before; else its time is noted."""
        time, row = index[0] if index else 0, index[1:]
        shown = self._times[column].get(row)
        self._times[column][row] = time
        return shown is not None and time == shown + 1


def _grown(names: Sequence[Oid], bindings: Sequence[Binding]) -> list[Binding]:
    for asked, (name, value) in zip(names, bindings, strict=False):
        if value is not Missing.END and name <= asked:
            raise Garbled(f"{dotted(name)}: comes after {dotted(asked)}, so a walk would never end")
    return list(bindings[: len(names)])


def refused(names: Sequence[Oid], response: Response, *, doing: str) -> NoReturn:
    """Raise what an error status means, naming the variable."""
    place = response.index - 1 if 0 < response.index <= len(names) else 0
    sentence = f"{dotted(names[place])}: {doing} it, the device says {status_word(response.status)}"
    if response.status == Status.AUTHORIZATION_ERROR:
        raise AuthFailed(f"{sentence}: this user or community may not")
    if response.status in (Status.GEN_ERR, Status.TOO_BIG) and doing == "reading":
        raise Garbled(sentence)
    raise Rejected(sentence)
