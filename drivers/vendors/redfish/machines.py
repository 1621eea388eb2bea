"""Which machines there are, and in which slots: from systems and chassis, by their links (pure).

A chassis that another contains is a slot where it is made to hold a machine (a blade, a sled) or holds one; a slot in
which nothing is, is such a chassis that says ``Absent``. A slot's name is what its location says (the printed label,
else its number), else the chassis' Id. A chassis is no machine: a blade that was moved is the same blade, by what its
system shows of itself, in another slot.

A service that knows one machine and no enclosure around several is a BMC: its machine is in the slot ``1``. Where it
knows several that are in no blades, each is a slot by its Id.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from drivers.redfish.documents import is_absent, own, pointed, reference, references, same, text
from drivers.rest.session import Document
from drivers.vendors.redfish.quirks import Quirks

ALONE: Final = "1"
_BLADES: Final = frozenset({"Blade", "Sled", "Cartridge", "Node"})
_PLACES: Final = frozenset({"Slot", "Bay", ""})
_LABEL: Final = re.compile(r"(?i)(?:[a-z]+ )?(?:slot|bay|blade|sled|node)[\s#:._-]*(\w+)")
_VIRTUAL: Final = frozenset({"Virtual", "OS", "VirtuallyPartitioned", "DPU", "Composed"})
_LONGEST: Final = 63

_Pair = tuple[Document, Document | None]
"""A blade, and a system in it."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What a slot holds: a system, the chassis that it is in, or one of both. ``present``: something is there."""

    slot: str
    system: Document | None
    chassis: Document | None
    present: bool

    @property
    def document(self) -> Document:
        """What tells most of it: the system, else the chassis."""
        return self.system or self.chassis or {}

    @property
    def path(self) -> str:
        """Where :attr:`document` is."""
        return own(self.document)


def machines_of(systems: Sequence[Document], chassis: Sequence[Document], quirks: Quirks) -> dict[str, Machine]:
    """All slots, by name, in the order of the chassis and then of the systems."""
    blades = [] if quirks.slots == "systems" else _blades(chassis)
    pairs = _pairs(blades, systems)
    loose = _loose(systems, pairs)
    if quirks.slots == "auto" and len(pairs) + len(loose) == 1 and not _is_told(pairs, chassis, quirks):
        return _alone(pairs, loose, chassis)
    names = _names(pairs, chassis, quirks)
    found = {name: _machine(name, system, blade) for name, (blade, system) in zip(names, pairs, strict=True)}
    for system in loose:
        name = _key(text(system, quirks.system_name)) or _key(text(system, "Id")) or "system"
        name = _unused(name, found)
        found[name] = _machine(name, system, None)
    return found


def _pairs(blades: Sequence[Document], systems: Sequence[Document]) -> list[_Pair]:
    """Each blade with the systems in it; each system in one blade only.

    Some services say of every board that the same system is in it; a blade is what is made to be one, then.
    """
    home = _homes(blades, systems)
    found: list[_Pair] = []
    for blade in blades:
        inside = [system for system in _in(blade, systems) if home.get(same(own(system))) is blade]
        if inside or text(blade, "ChassisType") in _BLADES:
            found += [(blade, system) for system in inside] or [(blade, None)]
    return found


def _homes(blades: Sequence[Document], systems: Sequence[Document]) -> dict[str, Document]:
    found: dict[str, Document] = {}
    for blade in sorted(blades, key=lambda each: text(each, "ChassisType") not in _BLADES):
        for system in _in(blade, systems):
            found.setdefault(same(own(system)), blade)
    return found


def _machine(name: str, system: Document | None, blade: Document | None) -> Machine:
    absent = any(is_absent(each) for each in (system, blade) if each is not None)
    return Machine(name, system, blade, present=not absent)


def _alone(pairs: Sequence[_Pair], loose: Sequence[Document], chassis: Sequence[Document]) -> dict[str, Machine]:
    blade, system = pairs[0] if pairs else (None, loose[0])
    around = [each for each in chassis if system is not None and same(own(each)) in _chassis_of(system)]
    return {ALONE: _machine(ALONE, system, blade or next(iter(around), chassis[0] if len(chassis) == 1 else None))}


def _is_told(pairs: Sequence[_Pair], chassis: Sequence[Document], quirks: Quirks) -> bool:
    """Whether the only blade says in which slot of an enclosure it is that is there as well: others are empty, then."""
    if not pairs:
        return False
    around = _around(pairs[0][0], chassis)
    return bool(around) and any(same(own(each)) == around for each in chassis) and bool(_place(pairs[0][0], quirks))


def _blades(chassis: Sequence[Document]) -> list[Document]:
    contained = {same(path) for each in chassis for path in references(each, "Links", "Contains")}
    return [each for each in chassis if _is_blade(each, contained)]


def _is_blade(chassis: Document, contained: set[str]) -> bool:
    if not reference(chassis, "Links", "ContainedBy") and same(own(chassis)) not in contained:
        return False
    if references(chassis, "Links", "Contains") and not references(chassis, "Links", "ComputerSystems"):
        return False  # an enclosure in a rack
    return text(chassis, "ChassisType") in _BLADES or bool(references(chassis, "Links", "ComputerSystems"))


def _in(blade: Document, systems: Sequence[Document]) -> list[Document]:
    linked = {same(path) for path in references(blade, "Links", "ComputerSystems")}
    place = same(own(blade))
    return [each for each in systems if same(own(each)) in linked or place in _chassis_of(each)]


def _chassis_of(system: Document) -> set[str]:
    return {same(path) for path in references(system, "Links", "Chassis")}


def _loose(systems: Sequence[Document], pairs: Iterable[_Pair]) -> list[Document]:
    """Systems in no blade: physical ones, where there are any (a DPU is a system as well, and no server)."""
    taken = {same(own(system)) for _, system in pairs if system is not None}
    loose = [each for each in systems if same(own(each)) not in taken]
    physical = [each for each in loose if text(each, "SystemType") not in _VIRTUAL]
    return physical or loose


def _names(pairs: Sequence[_Pair], chassis: Sequence[Document], quirks: Quirks) -> list[str]:
    """A name for each, and no name twice: else by Id, else with the enclosure's before it."""
    holds = Counter(same(own(blade)) for blade, _ in pairs)
    blades = {same(own(blade)): blade for blade, _ in pairs}
    told = {path: _place(blade, quirks) or _key(text(blade, "Id")) for path, blade in blades.items()}
    if _doubled(told.values()):
        told = {path: _key(text(blade, "Id")) for path, blade in blades.items()}
    if _doubled(told.values()):
        outer = {same(own(each)): _key(text(each, "Id")) for each in chassis}
        told = {
            path: f"{outer.get(_around(blades[path], chassis), '')}.{name}".lstrip(".") for path, name in told.items()
        }
    made: dict[str, None] = {}
    for blade, system in pairs:
        path = same(own(blade))
        several = holds[path] > 1 and system is not None
        name = f"{told[path]}.{_key(text(system, 'Id'))}" if several else told[path]
        made[_unused(name or "slot", made)] = None
    return list(made)


def _doubled(names: Iterable[str]) -> bool:
    listed = list(names)
    return len(set(listed)) < len(listed) or not all(listed)


def _around(blade: Document, chassis: Iterable[Document]) -> str:
    above = same(reference(blade, "Links", "ContainedBy"))
    place = same(own(blade))
    holders = (same(own(each)) for each in chassis if place in {same(p) for p in references(each, "Links", "Contains")})
    return above or next(holders, "")


def _place(blade: Document, quirks: Quirks) -> str:
    """The slot that a location names; an empty text where there is none, or it names something else."""
    for pointer in quirks.slot_at:
        if name := _key(text({"it": pointed(blade, pointer)}, "it")):
            return name
    part = pointed(blade, "Location/PartLocation")
    if text(part, "LocationType") not in _PLACES:
        return ""
    label = text(part, "ServiceLabel")
    match = _LABEL.fullmatch(label)
    return _key(match[1] if match else label) or _key(text(part, "LocationOrdinalValue"))


def _key(name: str) -> str:
    """A name as keys of slots are written: letters, digits, and ``._-`` within."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:_LONGEST].rstrip("-._")


def _unused(name: str, taken: Iterable[str]) -> str:
    used = set(taken)
    return next(each for each in _numbered(name) if each not in used)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1
