"""Variables that can be written: each knows its type and what it takes; a SET is done whole or not at all."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence

from drivers.snmp.pdu import Binding, Kind, Request, Response, Status
from drivers.snmp.records import Tree
from drivers.snmp.values import Integer, Octets, Oid, Value


class Refused(Exception):
    """A binding that the device does not take."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.word)
        self.status = status


class Device(ABC):
    """A device made of variables. ``largest`` is how many variables an answer of it may hold; more are tooBig.

    ``writes`` counts SETs that were carried out; ``lazy`` are variables whose SET is accepted and not done.
    """

    largest = 200

    def __init__(self) -> None:
        self.writes = 0
        self.lazy: set[Oid] = set()

    @abstractmethod
    def variables(self) -> dict[Oid, Value]:
        """All variables as they are now."""

    @abstractmethod
    def write(self, name: Oid, value: Value) -> None:
        """Carry out one binding. Raises :class:`Refused`."""

    @abstractmethod
    def order(self, binding: Binding) -> int:
        """When in a request a binding is carried out: they count as simultaneous, and rows come first, or go last."""

    def settle(self) -> None:  # noqa: B027 -- most devices have nothing to settle
        """See that all fits together once a request was carried out. Raises :class:`Refused`."""

    def answer(self, request: Request) -> Response:
        """What the device answers."""
        count = len(request.bindings) * max(1, request.repetitions)
        if request.kind is not Kind.BULK and count > self.largest:
            return Response(Status.TOO_BIG, 0, [])
        if request.kind is Kind.SET:
            return self._set(request.bindings)
        return Tree(self.variables()).answer(request)

    def _set(self, bindings: Sequence[Binding]) -> Response:
        trial = copy.deepcopy(self)
        places = sorted(range(len(bindings)), key=lambda place: trial.order(bindings[place]))
        place = places[0]
        try:
            for place in places:
                name, value = bindings[place]
                trial.write(name, value) if name not in self.lazy else None
            trial.settle()
        except Refused as refused:
            return Response(refused.status, place + 1, list(bindings))
        self.__dict__ = trial.__dict__
        self.writes += 1
        return Response(Status.OK, 0, list(bindings))


def number(value: Value, kind: type[Integer] = Integer, *, low: int, high: int) -> int:
    """The number that a binding holds. Raises :class:`Refused` for another type or one that is out of range."""
    if type(value) is not kind:
        raise Refused(Status.WRONG_TYPE)
    if not low <= value <= high:
        raise Refused(Status.WRONG_VALUE)
    return int(value)


def octets(value: Value, *, most: int) -> bytes:
    """The octets that a binding holds. Raises :class:`Refused`."""
    if type(value) is not Octets:
        raise Refused(Status.WRONG_TYPE)
    if len(value) > most:
        raise Refused(Status.WRONG_LENGTH)
    return bytes(value)
