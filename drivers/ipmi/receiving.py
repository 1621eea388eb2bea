"""How a packet is taken from a socket that pyghmi's thread and its loop share."""

from __future__ import annotations

import socket
from typing import Any


def receive(from_socket: socket.socket, size: int) -> tuple[bytes, Any] | None:
    """A packet that is there, and from whom.

    In place of pyghmi's own function, which makes the socket non-blocking first, while its loop makes it blocking to
    send: where the two meet, the thread waits at one port for a packet that nobody sends, and all others go unheard.
    """
    try:
        return from_socket.recvfrom(size, socket.MSG_DONTWAIT)
    except OSError:
        return None
