"""What the schema, the operation, the facts and the links say of an enclosure (pure)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from device_profiles.facts import FACTS_SCHEMA, Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation, SlotOperation
from device_profiles.profile import Profile
from device_profiles.state import Slot, State
from drivers.contract import Want
from drivers.enclosures.blades import Blade, Enclosure


def state_of(enclosure: Enclosure, *, able: Collection[str]) -> State:
    """The configuration of all slots, as far as the profile declares it; an empty slot shows nothing."""
    return State(slots={name: _slot(blade, able) for name, blade in enclosure.slots.items()})


def _slot(blade: Blade | None, able: Collection[str]) -> Slot:
    if blade is None:
        return Slot()
    shown: dict[str, Any] = {"power": blade.power, "identify": blade.lit}
    return Slot(**{name: value for name, value in shown.items() if f"slots.{name}" in able})


def operation_of(enclosure: Enclosure, want: Want, *, at: datetime, source: str) -> Operation:
    """``slots``, ``sensors`` and ``inputs``; nothing wanted is all."""

    def wanted(word: str) -> bool:
        return not want or word in want

    return Operation(
        at=at,
        source=source,
        slots={name: _running(blade) for name, blade in enclosure.slots.items()} if wanted("slots") else {},
        sensors=enclosure.sensors if wanted("sensors") else {},
        inputs=enclosure.inputs if wanted("inputs") else {},
    )


def _running(blade: Blade | None) -> SlotOperation:
    if blade is None:
        return SlotOperation(present=False)
    on = None if blade.power is None else blade.power == "on"
    return SlotOperation(present=True, on=on, health=blade.health, watts=blade.watts)


def facts_of(enclosure: Enclosure, profile: Profile) -> Facts:
    """The enclosure as ohai's system, and its blades below ``chassis.slots``."""
    found: dict[str, Any] = {
        "schema": FACTS_SCHEMA,
        "platform": profile.name,
        "platform_version": enclosure.firmware,
        "hostname": enclosure.name,
        "fqdn": enclosure.name,
        "dmi": {
            "system": {
                "manufacturer": enclosure.manufacturer or profile.vendor,
                "product_name": enclosure.product_name,
                "serial_number": enclosure.serial,
                **({"uuid": enclosure.uuid} if enclosure.uuid else {}),
            }
        },
        "chassis": {"slots": {name: _held(blade) for name, blade in enclosure.slots.items()}},
    }
    if enclosure.macs:
        found["macaddress"] = enclosure.macs[0]
    return found


def _held(blade: Blade | None) -> dict[str, Any]:
    if blade is None:
        return {"present": False}
    told: dict[str, Any] = {
        "manufacturer": blade.manufacturer,
        "product_name": blade.product_name,
        "part_number": blade.part_number,
        "serial_number": blade.serial,
        "uuid": blade.uuid,
        "name": blade.name,
        "firmware": blade.firmware,
        "macs": list(blade.macs),
    }
    return {"present": True, **{key: value for key, value in told.items() if value}}


def links_of(enclosure: Enclosure) -> tuple[Neighbour, ...]:
    """A blade is at the other end of its slot."""
    return tuple(
        Neighbour(
            port=slot,
            kind="slot",
            medium="slot",
            name=blade.name,
            serial=blade.serial,
            uuid=blade.uuid,
            macs=blade.macs,
        )
        for slot, blade in enclosure.slots.items()
        if blade is not None
    )
