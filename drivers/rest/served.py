"""A connection that serves resources: one function, at which transports, recordings, twins and faults meet."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from drivers.contract import Connection
from drivers.errors import Unsupported
from drivers.rest.logins import LogIn
from drivers.rest.messages import Request, Response


@runtime_checkable
class Served(Protocol):
    """A connection to a device that serves resources. Raises only :class:`~drivers.errors.DeviceError`."""

    async def exchange(self, request: Request) -> Response:
        """One request and its response, whatever its status. Logged in, where the device asks for that."""

    def log_in_by(self, log_in: LogIn) -> None:
        """How to log in from here on; transports know Basic and Redfish's sessions, vendors may have their own."""


def served_of(connection: Connection) -> Served:
    """The connection as what it must be. Raises :class:`~drivers.errors.Unsupported`."""
    if not isinstance(connection, Served):
        raise Unsupported(
            "this device is asked over HTTP: give the node an access like redfish+https://admin@192.0.2.1"
        )
    return connection
