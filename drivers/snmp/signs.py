"""Which profile, or variant of one, a device is, by what it says of itself (:class:`device_profiles.snmp.Sign`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from device_profiles.snmp import Sign
from device_profiles.snmp.syntax import numbers
from drivers.snmp.decoding import text_of
from drivers.snmp.managed import Managed
from drivers.snmp.values import Missing, ObjectId, Octets, Oid, dotted, oid

_DESCR, _OBJECT_ID = oid("1.3.6.1.2.1.1.1.0"), oid("1.3.6.1.2.1.1.2.0")


class Signed(Protocol):
    """What has signs: a profile's section, or a variant of it."""

    @property
    def signs(self) -> tuple[Sign, ...]:
        """Its signs."""


T = TypeVar("T", bound=Signed)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a device says of itself; ``present`` are the objects that were looked for and are there."""

    object_id: Oid
    descr: str
    present: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"sysObjectID {dotted(self.object_id) or 'none'}, sysDescr '{self.descr[:60]}'"


async def look(managed: Managed, signs: Iterable[Sign]) -> Shown:
    """Ask a device. Raises :class:`~drivers.errors.DeviceError`."""
    descr, object_id = await managed.get([_DESCR, _OBJECT_ID])
    objects = sorted({sign.present for sign in signs if sign.present})
    roots = [numbers(each) for each in objects]
    found = await managed.following(roots) if roots else ()
    return Shown(
        tuple(object_id) if isinstance(object_id, ObjectId) else (),
        text_of(descr) if isinstance(descr, Octets) else "",
        frozenset(
            text
            for text, root, (name, value) in zip(objects, roots, found, strict=True)
            if name[: len(root)] == root and value is not Missing.END
        ),
    )


def best(shown: Shown, candidates: Sequence[T]) -> tuple[T, ...]:
    """Those whose sign fits best: the longest object, then a description, then the longest object that is there."""
    scored = [(max((_score(sign, shown) for sign in each.signs), default=(0,)), each) for each in candidates]
    top = max((score for score, _ in scored), default=(0,))
    return tuple(each for score, each in scored if score == top and score > (0,))


def _score(sign: Sign, shown: Shown) -> tuple[int, ...]:
    prefix = numbers(sign.object)
    fits = (
        shown.object_id[: len(prefix)] == prefix
        and (not sign.descr or re.search(sign.descr, shown.descr) is not None)
        and not (sign.unless and re.search(sign.unless, shown.descr))
        and (not sign.present or sign.present in shown.present)
    )
    return (1, len(prefix), bool(sign.descr), len(numbers(sign.present))) if fits else (0,)
