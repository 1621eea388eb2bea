"""Serial over LAN: the device at the far end of the serial line that a management controller serves.

``sol+ipmi://admin@192.0.2.1`` by IPMI, ``sol+redfish+https://admin@192.0.2.1/SYSTEM`` by what Redfish says of the
system's console. User and options of the URL are the controller's; ``?user=`` is the device's own user, and
``?login=file:NAME`` names the controller's secret where the device has one of its own: then the node's credential is
the device's. Without it the node's credential is the controller's, and no login prompt is ever told it.

What a node pins of such a line is who its controllers are (a GUID, a certificate, a host key). What is pinned must not
be contradicted; a way that shows something else beside is no contradiction.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.access import Access
from drivers.credentials import Credential
from drivers.errors import WrongDevice
from drivers.line.connection import LineConnection, over
from drivers.line.shared import borrow
from drivers.line.sol import for_line
from drivers.line.sol_proofs import contradiction


async def connect(
    access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float
) -> LineConnection:
    """A connection over the line at ``access``, which is opened unless somebody has it open.

    Raises what :func:`drivers.transports.open_connection` says, and ``LineBusy`` where the controller gave the line to
    somebody else.
    """
    own = credential if access.secret is not None else None
    access = replace(for_line(access, credential), pin=pin)
    first = await borrow(access, timeout_s=timeout_s)
    if pin and (shown := contradiction(pin, first.line.proof)):
        await first.give_back()
        raise WrongDevice(f"{access} shows {shown}, and shall show {pin}", shown=first.line.proof)
    connection = over(first, access, user=access.option("user"), secret=own, timeout_s=timeout_s)
    connection.identity = pin or first.line.proof
    return connection
