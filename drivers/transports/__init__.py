"""What carries bytes to a device: one file per protocol, found by the scheme of an access URL.

A transport's file is named after its scheme and has one coroutine ``connect``; a new one is a new file and nothing
else. It is imported when it is first used, so that an agent of PDUs never loads an SSH library. What stands behind a
``+`` says what carries it (``redfish+https``); those are in :data:`drivers.access.DEFAULT_PORTS`.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Awaitable, Callable

from drivers.access import DEFAULT_PORTS, Access
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.errors import Unsupported


@functools.cache
def schemes() -> tuple[str, ...]:
    """The schemes of access URLs that can be opened here."""
    names = {module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")}
    carried = {scheme: _file_of(scheme) for scheme in DEFAULT_PORTS if "+" in scheme}
    bare = names - set(carried.values())
    return tuple(sorted(bare | {scheme for scheme, name in carried.items() if name in names}))


def _file_of(scheme: str) -> str:
    return scheme.partition("+")[0]


async def open_connection(
    access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float
) -> Connection:
    """A connection to the device at ``access``.

    ``pin`` is the identity that the far end must prove before it is sent any secret; None accepts whoever answers, and
    ``connection.identity`` then says who that was. Raises :class:`~drivers.errors.Unsupported` for a scheme that
    nobody here speaks, ``Unreachable`` (also after ``timeout_s``), ``AuthFailed``, ``WrongDevice``, ``SecretRefused``.
    """
    known = schemes()
    if access.scheme not in known:
        raise Unsupported(f"{access.scheme}:// cannot be opened here: use one of {', '.join(known)}")
    connect: Callable[..., Awaitable[Connection]] = importlib.import_module(
        f"{__name__}.{_file_of(access.scheme)}"
    ).connect
    return await connect(access, credential=credential, pin=pin, timeout_s=timeout_s)
