"""Redfish: ``redfish+https://user@host`` (or ``redfish+http://``, where the way to the device is trusted).

A session is made with user and password, and deleted when the connection is closed; where the service has none, or
``?auth=basic`` says so, they go with each request. The credential is the password, or ``user:password`` where the
access names no user. ``/redfish/v1/`` tells without a login whether Redfish is spoken at
all (DSP0266, section 8.1).
"""

from __future__ import annotations

from typing import Final

import orjson

from device_profiles.names import printable
from drivers.access import Access
from drivers.credentials import Credential, Login
from drivers.errors import Garbled, Unsupported
from drivers.rest.logins import LogIn, TokenSession
from drivers.rest.messages import Response, asking
from drivers.transports._http import Connection, basic, login_at, opened

_ROOT: Final = "/redfish/v1/"
_WAYS: Final = ("session", "basic")


async def connect(access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float) -> Connection:
    """Connect, look at who answers, and log in. Raises what :func:`drivers.transports.open_connection` says."""
    login = login_at(access, credential)
    connection = Connection(access, log_in=_log_in(access, login), login=login, pin=pin, timeout_s=timeout_s)
    response = await opened(connection, asking("GET", _ROOT), timeout_s=timeout_s)
    try:
        _is_redfish(access, response)
        await connection.log_in()
    except BaseException:
        await connection.close()
        raise
    return connection


def _log_in(access: Access, login: Login) -> LogIn:
    way = dict(access.options).get("auth", "session")
    if way not in _WAYS:
        raise Unsupported(f"{access}: auth={printable(way, most=20)}: it is one of {', '.join(_WAYS)}")
    if login.secret is None or way == "basic":
        return basic(login)
    return TokenSession(login.user, login.secret)


def _is_redfish(access: Access, response: Response) -> None:
    """A service root, or at least a service that asks for a login already here."""
    if response.status in (401, 403):
        return
    try:
        root = orjson.loads(response.body)
    except ValueError:
        root = None
    if not response.is_good or not isinstance(root, dict) or not ("RedfishVersion" in root or "Systems" in root):
        raise Garbled(f"what answers at {access} is no Redfish service: it says {response.status} to {_ROOT}")
