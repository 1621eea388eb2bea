"""What a controller and its machine are, in ohai's words, with ``chassis.slots``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.profile import Profile
from drivers.ipmi import controller
from drivers.ipmi.fru import Fru, read_fru
from drivers.ipmi.inventory import Machine, is_of_interest, machine_of
from drivers.ipmi.messages import Commanded
from drivers.ipmi.sdr import Part

_MOST_PARTS: Final = 16
_FIRST: Final = "Builtin FRU Device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was read. ``unread``: what could not be, a sentence each."""

    machine: Machine
    uuid: str = ""
    name: str = ""
    device: Mapping[str, Any] = field(default_factory=dict)
    lan: Mapping[str, Any] = field(default_factory=dict)
    log: Mapping[str, Any] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


async def machine(bmc: Commanded, parts: Iterable[Part]) -> Found:
    """The machine, from its inventory. Raises :class:`~drivers.errors.DeviceError`."""
    listed = {part.number: part for part in parts if is_of_interest(part.name, part.entity)}
    numbers = dict.fromkeys((0, *sorted(listed)[:_MOST_PARTS]))
    read: list[Fru] = []
    for number in numbers:
        found = await read_fru(bmc, number, label=listed[number].name if number in listed else _FIRST)
        if found is not None:
            read.append(found)
    return Found(machine=machine_of(read), unread=tuple(sentence for part in read for sentence in part.wrong))


async def look(bmc: Commanded, parts: Iterable[Part], *, uuid: str) -> Found:
    """All of it. Raises :class:`~drivers.errors.DeviceError`."""
    inventory = await machine(bmc, parts)
    return Found(
        machine=inventory.machine,
        uuid=uuid,
        name=await controller.name(bmc),
        device=await controller.device_id(bmc),
        lan=await controller.lan(bmc),
        log=await controller.event_log(bmc),
        unread=inventory.unread,
    )


def document(found: Found, profile: Profile, *, slot: str) -> dict[str, Any]:
    """The facts."""
    machine = found.machine
    name = found.name or machine.serial_number or found.uuid or profile.name
    system = {
        "manufacturer": machine.manufacturer,
        "product_name": machine.product_name,
        "serial_number": machine.serial_number,
        "uuid": found.uuid,
        **({"version": machine.version} if machine.version else {}),
    }
    made: dict[str, Any] = {
        "schema": FACTS_SCHEMA,
        "platform": profile.name,
        "platform_version": str(found.device.get("firmware", "")),
        "hostname": name.partition(".")[0],
        "fqdn": name,
        "dmi": {
            "system": system,
            "base_board": {"serial_number": machine.board_serial},
            "chassis": {"asset_tag": machine.asset_tag, "part_number": machine.part_number},
        },
        "chassis": {
            "slots": {
                slot: {
                    "present": True,
                    "serial_number": machine.serial_number,
                    "product_name": machine.product_name,
                    "uuid": found.uuid,
                    "macs": list(machine.macs),
                }
            }
        },
        "ipmi": {**{key: value for key, value in found.device.items() if key != "firmware"}, "sel": dict(found.log)},
    }
    if found.lan:
        made["network"] = {"interfaces": {"bmc": _interface(found.lan)}}
    if "mac" in found.lan:
        made["macaddress"] = found.lan["mac"]
    return made


def _interface(lan: Mapping[str, Any]) -> dict[str, Any]:
    """The controller's own port, as ohai has interfaces."""
    addresses: dict[str, Any] = {}
    if "address" in lan:
        addresses[lan["address"]] = {"family": "inet", **({"netmask": lan["netmask"]} if "netmask" in lan else {})}
    if "mac" in lan:
        addresses[lan["mac"]] = {"family": "lladdr"}
    more = {word: lan[word] for word in ("gateway", "vlan", "source") if word in lan}
    return {"addresses": addresses, "type": "bmc", "encapsulation": "Ethernet", **more}
