"""From the parts that a controller lists to the machine that they make: who built it, its numbers, its MAC addresses.

The machine's own part is the one that the controller calls so (``/SYS`` of Oracle's ILOM, whose FRU 0 is the controller
itself), or that its record places on the system board or chassis, else FRU 0, else the first with a product of a serial
number. Network parts bear their MAC address as a serial number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from drivers.ipmi.fru import Area, Fru

_SYSTEM: Final = re.compile(r"/?SYS|system|mainboard fru|builtin fru device", re.IGNORECASE)
_MACHINE: Final = frozenset({0x07, 0x17})
"""Entities (table 43-13): system board, system chassis."""
_MAC: Final = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_NETWORK: Final = re.compile(r"\bNET\d*\b|ethernet|network|\bnic\b|\blom\b", re.IGNORECASE)
_CONTROLLER: Final = re.compile(r"\bSP\b|\bBMC\b|\bILOM\b|\biDRAC\b|\biLO\b", re.IGNORECASE)
"""A label or a product name of what belongs to the controller, not to its machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the parts say of the machine. ``macs`` lower case with colons, in the order of the parts."""

    manufacturer: str = ""
    product_name: str = ""
    part_number: str = ""
    version: str = ""
    serial_number: str = ""
    asset_tag: str = ""
    board_serial: str = ""
    macs: tuple[str, ...] = ()


def machine_of(parts: Iterable[Fru]) -> Machine:
    """The machine that these parts make."""
    known = [part for part in parts if not part.is_empty]
    system = _system(known)
    macs = tuple(dict.fromkeys(mac for part in known for mac in _macs(part)))
    if system is None:
        return Machine(macs=macs)
    product, board = system.product or Area(), system.board or Area()
    chassis = system.chassis or Area()
    return Machine(
        manufacturer=product.manufacturer or board.manufacturer,
        product_name=product.name or board.name,
        part_number=product.part or board.part or chassis.part,
        version=product.version,
        serial_number=product.serial or chassis.serial or board.serial,
        asset_tag=product.asset,
        board_serial=board.serial,
        macs=macs,
    )


def is_of_interest(label: str, entity: int) -> bool:
    """Whether a part is the machine itself (its board, its chassis), or one of its network parts."""
    return entity in _MACHINE or bool(_SYSTEM.fullmatch(label) or _NETWORK.search(label))


def _system(parts: list[Fru]) -> Fru | None:
    named = [part for part in parts if _SYSTEM.fullmatch(part.label) and not _is_controller(part)]
    first = [part for part in parts if part.number == 0 and not _is_controller(part)]
    selling = [part for part in parts if part.product is not None and part.product.serial]
    return next(iter((*named, *first, *selling, *parts)), None)


def _is_controller(part: Fru) -> bool:
    return bool(_CONTROLLER.search(part.label) or (part.product is not None and _CONTROLLER.search(part.product.name)))


def _macs(part: Fru) -> Iterator[str]:
    """The MAC addresses of a network part of the machine."""
    areas = [area for area in (part.board, part.product) if area is not None]
    if _is_controller(part) or not any(_NETWORK.search(text) for text in (part.label, *(area.name for area in areas))):
        return
    for area in areas:
        if _MAC.fullmatch(area.serial):
            yield area.serial.lower().replace("-", ":")
