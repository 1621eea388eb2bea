"""HTTPS (and, by ``http.py``, HTTP): REST interfaces of arrays and others that are no Redfish.

User and password (or ``user:password`` as the credential) go with each request (RFC 7617); a driver whose device logs
in otherwise says so (:meth:`drivers.rest.served.Served.log_in_by`). ``?tls=1.0`` takes devices that speak nothing
newer.
"""

from __future__ import annotations

from drivers.access import Access
from drivers.credentials import Credential
from drivers.rest.messages import Request
from drivers.transports._http import Connection, basic, login_at, opened


async def connect(access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float) -> Connection:
    """Connect and look at who answers; the login goes with the first request.

    Raises what :func:`drivers.transports.open_connection` says.
    """
    login = login_at(access, credential)
    connection = Connection(access, log_in=basic(login), login=login, pin=pin, timeout_s=timeout_s)
    await opened(connection, Request(method="HEAD", path="/"), timeout_s=timeout_s)
    return connection
