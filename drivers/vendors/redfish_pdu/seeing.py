"""One reading of PDUs: their outlets, and what was measured."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from device_profiles.names import DESCRIPTION
from device_profiles.operation import InputOperation, OutletOperation
from drivers.errors import Garbled
from drivers.redfish.actions import Action, action_of, info_path
from drivers.redfish.commands import power_of
from drivers.redfish.documents import at, is_absent, number, own, text
from drivers.redfish.service import Service, gathered
from drivers.rest.session import Document

CONTROL: Final = "#Outlet.PowerControl"
_KINDS: Final = ("RackPDUs", "FloorPDUs", "TransferSwitches", "PowerShelves")
_INPUTS: Final[tuple[tuple[str, Literal["input", "bank"]], ...]] = (
    ("Mains", "input"),
    ("Branches", "bank"),
    ("OutletGroups", "bank"),
)
_DESCRIPTION: Final = re.compile(DESCRIPTION.removesuffix("$") + r"\Z")


@dataclass(frozen=True, slots=True)
class SeenOutlet:
    """One outlet. ``control`` is how it is switched; None where it is only measured."""

    document: Document
    control: Action | None

    @property
    def path(self) -> str:
        """Where it is."""
        return own(self.document)

    @property
    def label(self) -> str:
        """The name that somebody gave to it."""
        return text(self.document, "UserLabel")

    @property
    def name(self) -> str:
        """What it is called, by somebody or else by its manufacturer."""
        return self.label or text(self.document, "Name")

    @property
    def takes_a_name(self) -> bool:
        """Whether it can be named."""
        return at(self.document, "UserLabel") is not None

    @property
    def operation(self) -> OutletOperation:
        """The outlet as it runs."""
        power = power_of(self.document)
        return OutletOperation(
            on=None if power is None else power == "on",
            waiting=True if text(self.document, "PowerState") in ("PoweringOn", "PoweringOff") else None,
            **measured(self.document),
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """All PDUs of a service and their outlets by key."""

    documents: tuple[Document, ...] = ()
    pdus: tuple[Document, ...] = ()
    outlets: Mapping[str, SeenOutlet] = field(default_factory=dict)


class Reader:
    """Reads PDUs and outlets; what says the same as before is the same :class:`Seen`."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._infos: dict[str, Document | None] = {}
        self.seen = Seen()

    async def read(self) -> Seen:
        """All outlets. Raises ``Garbled`` where the service has no PDU."""
        root = await self._service.root()
        equipment = await self._service.linked(root, "PowerEquipment")
        pdus = [each for kind in _KINDS for each in await self._service.collection(equipment, kind)]
        if not pdus:
            raise Garbled("the service has no PDU in PowerEquipment")
        listed = await gathered(pdus, lambda pdu: self._service.collection(pdu, "Outlets"))
        documents = (*pdus, *(each for found in listed for each in found))
        if len(documents) == len(self.seen.documents) and all(map(_is, documents, self.seen.documents)):
            return self.seen
        several = sum(bool(found) for found in listed) > 1
        outlets = {}
        for pdu, found in zip(pdus, listed, strict=True):
            for each in found:
                key = text(each, "Id")
                if key and not is_absent(each):
                    outlets[f"{text(pdu, 'Id')}.{key}" if several else key] = SeenOutlet(
                        each, await self._control(each)
                    )
        self.seen = Seen(documents, tuple(pdus), outlets)
        return self.seen

    async def _control(self, outlet: Document) -> Action | None:
        info = info_path(outlet, CONTROL)
        if info and info not in self._infos:
            self._infos[info] = await self._service.get(info)
        return action_of(outlet, CONTROL, "PowerState", self._infos.get(info))

    async def inputs(self) -> dict[str, InputOperation]:
        """What feeds the outlets: the units as a whole, their inlets, and their branches and groups."""
        service, found = self._service.in_passing(), dict[str, InputOperation]()
        for pdu in self.seen.pdus:
            prefix = f"{text(pdu, 'Id')}." if len(self.seen.pdus) > 1 else ""
            metrics = await service.linked(pdu, "Metrics")
            if any(values := measured(metrics)):
                found[f"unit-{prefix or text(pdu, 'Id')}".rstrip(".")] = InputOperation(kind="unit", **values)
            for link, kind in _INPUTS:
                for each in await service.collection(pdu, link):
                    if name := text(each, "Id"):
                        told = text(each, "Name") or None
                        found[f"{kind}-{prefix}{name}"] = InputOperation(kind=kind, name=told, **measured(each))
        return found


def _is(one: Document, other: Document) -> bool:
    return one is other


def measured(document: Document | None) -> dict[str, Any]:
    """What is measured of an outlet or a circuit: by its sensors of today, else by those of the first drafts."""
    power = at(document, "PowerWatts") or at(document, "PowerSensor")
    values = {
        "amps": number(at(document, "CurrentAmps") or at(document, "CurrentSensor"), "Reading"),
        "volts": number(at(document, "Voltage") or at(document, "VoltageSensor"), "Reading"),
        "watts": number(power, "Reading"),
        "voltamps": number(power, "ApparentVA"),
        "power_factor": number(power, "PowerFactor"),
        "energy_wh": _energy(document),
    }
    return {name: value for name, value in values.items() if value is not None}


def _energy(document: Document | None) -> float | None:
    """Watt-hours; a sensor that gives another unit than one of energy is not believed."""
    kwh = number(document, "EnergykWh", "Reading")
    if kwh is not None:
        return round(kwh * 1000, 3)
    reading = number(document, "EnergySensor", "Reading")
    factor = {"kW.h": 1000, "kWh": 1000, "W.h": 1, "Wh": 1}.get(text(document, "EnergySensor", "ReadingUnits"))
    return None if reading is None or factor is None else round(reading * factor, 3)


def shown_name(outlet: SeenOutlet) -> str | None:
    """A name as the schema has it: None where there is none, or one that nobody could declare."""
    return outlet.name if _DESCRIPTION.match(outlet.name) else None
