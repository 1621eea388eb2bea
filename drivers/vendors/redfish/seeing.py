"""One reading of a service, and what of it is configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from device_profiles.state import Slot
from drivers.errors import Garbled
from drivers.redfish.actions import Action, action_of, info_path
from drivers.redfish.commands import power_of
from drivers.redfish.documents import at, own, reference, same, text
from drivers.redfish.service import Service
from drivers.rest.session import Document
from drivers.vendors.redfish.machines import Machine, machines_of
from drivers.vendors.redfish.quirks import Quirks

_RESETS = (("#ComputerSystem.Reset", "system"), ("#Chassis.Reset", "chassis"))


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read: ``documents`` are all of it, so that the same reading is known by them."""

    documents: tuple[Document, ...] = ()
    machines: Mapping[str, Machine] = field(default_factory=dict)
    resets: Mapping[str, Action] = field(default_factory=dict)
    chassis: tuple[Document, ...] = ()
    systems: tuple[Document, ...] = ()


class Reader:
    """Reads systems and chassis; what says the same as before is the same :class:`Seen`."""

    def __init__(self, service: Service, quirks: Quirks) -> None:
        self._service = service
        self._quirks = quirks
        self._infos: dict[str, Document | None] = {}
        self.seen = Seen()

    async def read(self) -> Seen:
        """Everything that slots are made of. Raises ``Garbled`` where the service has neither systems nor chassis."""
        root = await self._service.root()
        paths = reference(root, "Systems"), reference(root, "Chassis")
        if not any(paths):
            raise Garbled("the service has neither Systems nor Chassis: it is none of a machine (is it a PDU's?)")
        systems, chassis = [await self._service.members(path) if path else () for path in paths]
        documents = (*systems, *chassis)
        if _are_same(documents, self.seen.documents) and self.seen.machines:
            return self.seen
        machines = machines_of(systems, chassis, self._quirks)
        resets = {name: found for name, each in machines.items() if (found := await self._reset(each)) is not None}
        self.seen = Seen(documents, machines, resets, chassis, systems)
        return self.seen

    async def _reset(self, machine: Machine) -> Action | None:
        """How a machine is switched; by its chassis, where it has no system."""
        for name, part in _RESETS:
            document: Document | None = getattr(machine, part)
            if document is None or own(document) != machine.path:
                continue
            info = info_path(document, name)
            if info and info not in self._infos:
                self._infos[info] = await self._service.get(info)
            return action_of(document, name, "ResetType", self._infos.get(info))
        return None


def _are_same(some: tuple[Document, ...], others: tuple[Document, ...]) -> bool:
    return len(some) == len(others) and all(one is other for one, other in zip(some, others, strict=True))


def slot_of(machine: Machine, quirks: Quirks, *, able: frozenset[str], before: Slot | None) -> Slot:
    """A slot's configuration, as far as the profile declares it. ``before``: as it was last read.

    While a boot device is set for one boot, nothing tells which one was set for all: it is what it was.
    """
    if not machine.present:
        return Slot()
    values: dict[str, Any] = {
        "power": power_of(machine.document) or power_of(machine.chassis),
        "boot_device": _boot_device(machine.system, quirks, before),
        "identify": identify_of(machine)[1],
    }
    return Slot(**{name: value for name, value in values.items() if f"slots.{name}" in able})


def _boot_device(system: Document | None, quirks: Quirks, before: Slot | None) -> str | None:
    boot = at(system, "Boot")
    match text(boot, "BootSourceOverrideEnabled"):
        case "Disabled":
            return "none"
        case "Continuous":
            return quirks.device_of(text(boot, "BootSourceOverrideTarget"))
        case "Once" if before is not None:
            return before.boot_device
    return None


def identify_of(machine: Machine) -> tuple[str, bool | None]:
    """The path of what is lit to find a machine, and whether it is; an empty path where nothing can be."""
    for document in (machine.system, machine.chassis):
        if document is None or not own(document):
            continue
        lit = at(document, "LocationIndicatorActive")
        if isinstance(lit, bool):
            return own(document), lit
        led = text(document, "IndicatorLED")
        if led in ("Lit", "Blinking", "Off"):
            return own(document), led != "Off"
    return "", None


def document_at(machine: Machine, path: str) -> Document:
    """The one of a machine's documents that is at ``path``."""
    for document in (machine.system, machine.chassis):
        if document is not None and same(own(document)) == same(path):
            return document
    return {}
