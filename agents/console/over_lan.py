"""Consoles that a management controller carries: its machine's serial line, over LAN.

A node that is the controller itself (``ipmi://``, ``redfish+https://``) has its machine's serial line for a console; a
service with several machines says which there are, and one of them is then named by an access of its own.

Who the controller is, is held against what is pinned before it is told a secret, and pinned where nothing was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from agents.desk import Desk
from agents.identity import CONTROLLER, PROVED_BY
from device_profiles.wire import Assignment
from drivers.access import Access
from drivers.credentials import Credential
from drivers.line.shared import Borrowed, borrow
from drivers.line.sol import for_line

_CARRIED: Final = {
    "ipmi": "sol+ipmi",
    "redfish+https": "sol+redfish+https",
    "redfish+http": "sol+redfish+http",
}
"""How the serial line of a controller's machine is reached, by how the controller is."""


def carried(ways: Iterable[Access]) -> Access | None:
    """The serial line of a controller's machine, by the first access that has one."""
    found = (replace(access, scheme=_CARRIED[access.scheme]) for access in ways if access.scheme in _CARRIED)
    return next(found, None)


def is_over_lan(access: Access) -> bool:
    """Whether a controller carries this line."""
    return PROVED_BY.get(access.scheme) == CONTROLLER


async def borrow_over_lan(access: Access, secret: Credential | None, assignment: Assignment, desk: Desk) -> Borrowed:
    """The line, from who is known to carry it. Raises :class:`~drivers.errors.DeviceError`."""
    known = desk.pins.known(assignment.node, declared=assignment.identity, pinned=assignment.pinned)
    pin = known.get(CONTROLLER) or _as_itself(access, assignment, known)
    asked = replace(for_line(access, secret), pin=pin)
    has = await borrow(asked, timeout_s=assignment.profile.connect_timeout_s)
    if CONTROLLER not in known and has.line.proof:
        await desk.pins.learn(assignment.node, {CONTROLLER: has.line.proof}, access=str(access))
    return has


def _as_itself(access: Access, assignment: Assignment, known: dict[str, str]) -> str | None:
    """What the controller showed as a node, if it is the node."""
    scheme = next((scheme for scheme, over in _CARRIED.items() if over == access.scheme), "")
    is_node = any(url.startswith(f"{scheme}://") for url in assignment.access)
    return known.get(PROVED_BY.get(scheme, "")) if is_node else None
