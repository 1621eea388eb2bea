"""powermand's own port (10101): lines over TCP, without a login.

powerman proves nothing about who answers and hides nothing: it is made for the management network of a cluster (its
manual restricts it by TCP wrappers). A pin cannot be checked here, and whoever writes ``powerman://`` into a node's
access has decided that the way to it is trusted.
"""

from __future__ import annotations

from drivers.access import Access
from drivers.credentials import Credential
from drivers.transports._tcp import Connection, dial


async def connect(access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float) -> Connection:
    """Dial powermand. It asks for no secret, and ``pin`` is of another access of the same node.

    Raises what :func:`drivers.transports.open_connection` says.
    """
    del credential, pin
    return Connection(access, timeout_s=timeout_s, first=await dial(access, timeout_s=timeout_s))
