"""Reaching into a namespace from outside: sockets that belong to it.

setns(2) moves only the calling thread, and a socket stays in the namespace in which it was made. So a short-lived
thread goes there, connects and ends; the socket can be used from anywhere afterwards.
"""

import ctypes
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

T = TypeVar("T")


def inside(namespace: Path, function: Callable[[], T]) -> T:
    """Call the function in a thread that is in the network namespace of that file; its exceptions come through."""
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            _enter(namespace)
            results.append(function())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
            errors.append(error)

    thread = threading.Thread(target=work, name="lab-reach")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _enter(namespace: Path) -> None:
    """Move this thread, and only it, into the namespace."""
    with namespace.open("rb") as handle:
        if _libc.setns(handle.fileno(), _CLONE_NEWNET) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(namespace))


def connect(namespace: Path, address: tuple[str, int], *, timeout_s: float = 1.0) -> socket.socket:
    """A TCP connection made inside the namespace. Raises OSError as `socket.create_connection` does."""
    return inside(namespace, lambda: socket.create_connection(address, timeout=timeout_s))


def greets(namespace: Path, address: tuple[str, int], *, greeting: bytes = b"") -> bool:
    """Whether something listens there and, where a greeting is given, begins with it."""
    try:
        with connect(namespace, address) as connection:
            return not greeting or connection.recv(len(greeting)) == greeting
    except OSError:
        return False


def listens(path: Path) -> bool:
    """Whether somebody takes connections at a Unix socket: its file is there a moment earlier, from bind on."""
    with socket.socket(socket.AF_UNIX) as attempt:
        attempt.settimeout(1.0)
        try:
            attempt.connect(os.fspath(path))
        except OSError:
            return False
    return True
