"""The console of a machine in a slot of a chassis: the serial line that the node's controller carries for it.

Which machine is in the slot, the controller is asked each time: a blade may have been moved since. What the machine
shows of itself (UUID, serial number) is what its console is found by at the same controller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.connections import Device
from agents.console.over_lan import carried
from agents.desk import Desk
from device_profiles.names import printable
from device_profiles.wire import Assignment
from drivers.access import Access, parse_access


class NoConsole(Exception):
    """The node is reached by nothing that has a console, or a slot of it has none."""


async def line_of(slot: str, assignment: Assignment, desk: Desk) -> Access:
    """The line of the machine in a slot. Raises :class:`NoConsole`, :class:`~drivers.errors.DeviceError`."""
    ways = [parse_access(url) for url in assignment.access]
    line = carried(ways)
    node = assignment.node
    if line is None:
        schemes = ", ".join(sorted({access.scheme for access in ways})) or "nothing"
        raise NoConsole(
            f"{node} has no consoles of slots: it is reached by {schemes}, and by no controller that carries them "
            "(ipmi://, redfish+https://)"
        )
    slots = await _slots(assignment, desk)
    machine = slots.get(slot)
    if machine is None:
        raise NoConsole(f"{node} has no slot {printable(slot)}: it has {', '.join(slots) or 'none'}")
    if not machine.get("present", True):
        raise NoConsole(f"the slot {slot} of {node} is empty")
    if line.scheme == "sol+ipmi":
        return line
    name = str(machine.get("uuid") or machine.get("serial_number") or "")
    if not name and len(slots) > 1:
        raise NoConsole(
            f"the machine in slot {slot} of {node} shows neither UUID nor serial number, and its console is found by "
            "those: make it a node of its own, by sol+redfish+https://HOST/ID"
        )
    return replace(line, path=name)


async def _slots(assignment: Assignment, desk: Desk) -> Mapping[str, Mapping[str, Any]]:
    """What is in the slots, by name. Raises :class:`~drivers.errors.DeviceError`."""
    device = Device(desk)
    try:
        driver = await device.ready(assignment)
        facts = await device.facts() if "facts" in driver.capabilities else {}
    finally:
        await device.close()
    slots: Mapping[str, Mapping[str, Any]] = facts.get("chassis", {}).get("slots", {})
    return slots
