"""A port of a console server that is reached by SSH (``line+ssh://ops@cs1/port07?server=opengear``).

SSH logs in, and its host key is held against what is pinned before a secret is sent; the rest of the way is what it is
over telnet.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.access import Access
from drivers.errors import AuthFailed
from drivers.line.console_server import through
from drivers.line.endpoint import Endpoint
from drivers.line.served_access import ServerRefused
from drivers.line.sol_shell import open_shell


async def open_served_shell(access: Access, timeout_s: float) -> Endpoint:
    """The port that ``access`` wants; ``access.secret`` logs in, and ``access.pin`` is the server's host key.

    Raises what :func:`drivers.transports.open_connection` says, and ``LineBusy``.
    """

    async def connect(to: Access) -> Endpoint:
        there = replace(to, scheme="ssh", path="", options=())
        try:
            return await open_shell(
                there, credential=access.secret, pin=access.pin, name=str(access), timeout_s=timeout_s
            )
        except AuthFailed:
            raise ServerRefused(
                f"the console server {to.host} refuses the login, which was tried once: check its user in access, and "
                "login="
            ) from None

    return await through(access, connect, timeout_s=timeout_s)
