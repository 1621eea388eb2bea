"""Telnet: a device's own terminal, or a port of a console server; see :mod:`drivers.line`.

Either can be had once at a time as far as we know, so it is a line: passes and the console share it. Telnet proves
nothing about who answers and hides nothing: whoever writes ``telnet://`` into a node's access has decided that the way
to it is trusted. Logging in is up to the session, which has the prompts (:mod:`drivers.cli.login`).
"""

from __future__ import annotations

from drivers.access import Access
from drivers.credentials import Credential
from drivers.line.connection import LineConnection
from drivers.line.connection import connect as connect_line


async def connect(
    access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float
) -> LineConnection:
    """A connection over the line at ``access``. A ``pin`` that is no line's name is of another access of the node.

    Raises what :func:`drivers.transports.open_connection` says.
    """
    line = pin if pin is not None and pin.startswith("telnet://") else None
    return await connect_line(access, credential=credential, pin=line, timeout_s=timeout_s)
