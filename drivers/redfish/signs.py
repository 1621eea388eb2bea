"""What a service shows of itself, and which candidates it fits: a few resources, of which one each is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from device_profiles.redfish import Redfish, RedfishSign
from drivers.errors import DeviceError
from drivers.redfish.documents import at, pointed, references, text
from drivers.redfish.service import Service
from drivers.rest.session import Document

_FIRST = {"manager": ("Managers",), "system": ("Systems",), "chassis": ("Chassis",)}


@dataclass(frozen=True, slots=True)
class Shown:
    """The resources by the names that signs have for them."""

    resources: Mapping[str, Document]

    def __str__(self) -> str:
        root = self.resources.get("root", {})
        told = [text(root, "Vendor"), text(root, "Product") or text(root, "Name"), text(root, "RedfishVersion")]
        return " ".join(("Redfish", *(word for word in told if word)))

    def fits(self, sign: RedfishSign) -> bool:
        """Whether a sign is to be seen."""
        value = self._at(sign.at)
        if value is None or (sign.unless and self._at(sign.unless) is not None):
            return False
        shown = " ".join(value) if isinstance(value, Mapping) else str(value)
        return re.search(sign.shows, shown) is not None

    def _at(self, pointer: str) -> object:
        name, _, rest = pointer.partition("/")
        resource = self.resources.get(name)
        return pointed(resource, rest) if rest else resource


class Signed(Protocol):
    """A candidate."""

    @property
    def redfish(self) -> Redfish | None:
        """Its signs."""


S = TypeVar("S", bound=Signed)


async def look(service: Service) -> Shown:
    """Look at a service. Raises :class:`~drivers.errors.DeviceError` where it has no root."""
    found: dict[str, Document] = {"root": await service.root()}
    for name, way in _FIRST.items():
        await _note(service, found, name, found["root"], way)
    equipment = await _linked(service, found["root"], "PowerEquipment")
    for kind in ("RackPDUs", "FloorPDUs"):
        await _note(service, found, "pdu", equipment, (kind,))
    for kind in ("Storage", "StorageServices"):
        await _note(service, found, "storage", found["root"], (kind,))
    await _note(service, found, "pool", found.get("storage"), ("StoragePools",))
    await _note(service, found, "outlet", found.get("pdu"), ("Outlets",))
    return Shown(found)


async def _linked(service: Service, document: Document, name: str) -> Document | None:
    try:
        return await service.linked(document, name)
    except DeviceError:
        return None


async def _note(
    service: Service, found: dict[str, Document], name: str, document: Document | None, way: Sequence[str]
) -> None:
    """Remember the first member of a collection. What cannot be read shows nothing."""
    collection = await _linked(service, document, *way) if document is not None else None
    for path in references(collection, "Members"):
        try:
            first = await service.get(path)
        except DeviceError:
            return
        if first is not None and name not in found:
            found[name] = first
        if at(first, "@odata.id") is not None:
            return


def best(shown: Shown, candidates: Iterable[S]) -> list[S]:
    """The candidate of the highest rank of which a sign is to be seen.

    Where several of a rank fit (a board of one vendor in a machine of another), a more general one that fits alone is
    taken before any of them; where there is none, all of the highest rank are told.
    """
    fitting: dict[int, list[S]] = {}
    for each in candidates:
        if each.redfish is not None and any(shown.fits(sign) for sign in each.redfish.signs):
            fitting.setdefault(each.redfish.rank, []).append(each)
    ranks = sorted(fitting, reverse=True)
    alone = (fitting[rank] for rank in ranks if len(fitting[rank]) == 1)
    return next(alone, fitting[ranks[0]] if ranks else [])
