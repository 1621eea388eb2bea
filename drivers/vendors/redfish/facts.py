"""What the device is and holds, in ohai's words: ``dmi.system`` is the machine behind a lone BMC, or the enclosure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.profile import Profile
from drivers.redfish.documents import at, is_absent, mac, number, objects, reference, references, text
from drivers.redfish.network import network_of, port_mac
from drivers.redfish.service import Service, gathered
from drivers.rest.session import Document
from drivers.vendors.redfish.machines import ALONE, Machine
from drivers.vendors.redfish.quirks import Quirks
from drivers.vendors.redfish.seeing import Seen


async def facts(service: Service, seen: Seen, profile: Profile, quirks: Quirks) -> dict[str, Any]:
    """The document. Manager, network interfaces and firmware are read for it; slots were."""
    root = await service.root()
    managers = await service.collection(root, "Managers")
    manager = _first_manager(managers, seen)
    network = await network_of(service, manager)
    firmware = await service.collection(await service.linked(root, "UpdateService"), "FirmwareInventory")
    cards = await machine_macs(service, seen.machines.values(), quirks)
    body = _body(seen)
    bios = text(seen.machines[ALONE].system, "BiosVersion") if ALONE in seen.machines else ""
    return {
        "schema": FACTS_SCHEMA,
        "platform": profile.name,
        "platform_version": text(manager, "FirmwareVersion"),
        **network,
        "dmi": {
            "system": _system(body, uuid=text(body, "UUID") or text(root, "UUID"), vendor=profile.vendor),
            **({"bios": {"version": bios}} if bios else {}),
        },
        "chassis": {
            "type": text(body, "ChassisType").lower(),
            "slots": {name: _slot(machine, cards.get(name, ())) for name, machine in seen.machines.items()},
        },
        "bmc": {
            "redfish_version": text(root, "RedfishVersion"),
            "model": text(manager, "Model"),
            "firmware": _firmware(firmware),
        },
    }


def _first_manager(managers: Iterable[Document], seen: Seen) -> Document | None:
    """Whom we talk to: the enclosure's manager where there is an enclosure, else the first that says it is a BMC."""
    listed = list(managers)
    order = ("EnclosureManager", "RackManager", "ManagementController", "BMC")
    wanted = order if ALONE not in seen.machines else order[::-1]
    of_kind = (each for kind in wanted for each in listed if text(each, "ManagerType") == kind)
    return next(of_kind, listed[0] if listed else None)


def _body(seen: Seen) -> Document:
    """What the node itself is: the machine of a lone BMC, else the chassis that is in no other."""
    if ALONE in seen.machines and len(seen.machines) == 1:
        machine = seen.machines[ALONE]
        return {**(machine.chassis or {}), **{key: each for key, each in (machine.system or {}).items() if each}}
    outer = [each for each in seen.chassis if not reference(each, "Links", "ContainedBy")]
    holding = [each for each in outer if references(each, "Links", "Contains")]
    return next(iter((*holding, *outer, *seen.chassis)), {})


def _system(document: Document, *, uuid: str, vendor: str = "") -> dict[str, str]:
    found = {
        "manufacturer": text(document, "Manufacturer") or vendor,
        "product_name": text(document, "Model") or text(document, "Name"),
        "serial_number": serial(document),
        "uuid": uuid.lower(),
    }
    return found if found["uuid"] else {key: value for key, value in found.items() if key != "uuid"}


def serial(*documents: Document | None) -> str:
    """The serial number of the first that tells one."""
    return next((found for each in documents if (found := text(each, "SerialNumber"))), "")


def _slot(machine: Machine, macs: Iterable[str]) -> dict[str, Any]:
    if not machine.present:
        return {"present": False}
    system, chassis = machine.system, machine.chassis
    told = {
        "manufacturer": text(system, "Manufacturer") or text(chassis, "Manufacturer"),
        "product_name": text(system, "Model") or text(chassis, "Model"),
        "serial_number": serial(system, chassis),
        "uuid": (text(system, "UUID") or text(chassis, "UUID")).lower(),
        "hostname": text(system, "HostName"),
        "bios_version": text(system, "BiosVersion"),
        "part_number": text(system, "PartNumber") or text(chassis, "PartNumber"),
        "sku": text(system, "SKU") or text(chassis, "SKU"),
    }
    sizes = {
        "processors": number(system, "ProcessorSummary", "Count"),
        "memory_gib": number(system, "MemorySummary", "TotalSystemMemoryGiB"),
    }
    return (
        {"present": True, "serial_number": told["serial_number"], "product_name": told["product_name"]}
        | {word: value for word, value in told.items() if value}
        | {word: int(value) if value.is_integer() else value for word, value in sizes.items() if value is not None}
        | {"macs": list(macs)}
    )


def _firmware(inventory: Iterable[Document]) -> dict[str, str]:
    """Version by name; several of a name by their Id."""
    found: dict[str, str] = {}
    for each in inventory:
        name, version = text(each, "Name") or text(each, "Id"), text(each, "Version")
        if name and version:
            found[text(each, "Id") if name in found else name] = version
    return found


async def machine_macs(
    service: Service, machines: Iterable[Machine], quirks: Quirks, *, inner: bool = True
) -> dict[str, tuple[str, ...]]:
    """The MACs of each slot's network interfaces, each once, in the device's order.

    ``inner``: with those that lead to the machine's own BMC only, which no network ever sees.
    """
    present = [each for each in machines if each.present]
    found = await gathered(present, lambda machine: _macs(service, machine, quirks, inner=inner))
    return {machine.slot: macs for machine, macs in zip(present, found, strict=True)}


async def _macs(service: Service, machine: Machine, quirks: Quirks, *, inner: bool) -> tuple[str, ...]:
    ports = await service.collection(machine.system, "EthernetInterfaces")
    led = [port for port in ports if inner or not reference(port, "Links", "HostInterface")]
    found = dict.fromkeys(port_mac(port) for port in led if not is_absent(port))
    chassis = [] if machine.chassis is None else [machine.chassis]
    for adapter in [each for one in chassis for each in await service.collection(one, "NetworkAdapters")]:
        found |= dict.fromkeys(await _adapter_macs(service, adapter))
    if not any(found):
        found = dict.fromkeys(await _vendor_macs(service, machine, quirks))
    return tuple(each for each in found if each)


async def _vendor_macs(service: Service, machine: Machine, quirks: Quirks) -> list[str]:
    """Of adapters that only a vendor's own links lead to."""
    found = []
    for pointer in quirks.adapters_at:
        adapters = await service.collection(machine.system, *pointer.split("/"))
        found += [mac(at(port, "MacAddress")) for each in adapters for port in objects(each, "PhysicalPorts")]
    return found


async def _adapter_macs(service: Service, adapter: Document) -> list[str]:
    """By function, else by port: the schema has had both, and each firmware has its own mixture."""
    functions = await service.collection(adapter, "NetworkDeviceFunctions")
    found = [
        mac(at(each, "Ethernet", "MACAddress")) or mac(at(each, "Ethernet", "PermanentMACAddress"))
        for each in functions
    ]
    if any(found):
        return found
    ports = await service.collection(adapter, "Ports") or await service.collection(adapter, "NetworkPorts")
    told = [at(each, "Ethernet", "AssociatedMACAddresses") or at(each, "AssociatedNetworkAddresses") for each in ports]
    return [mac(each) for listed in told if isinstance(listed, list) for each in listed]
