"""Serial over LAN by Redfish as a line (``sol+redfish+https://admin@192.0.2.1/SYSTEM``): Redfish says where it is.

The service is asked over a connection whose certificate is pinned, and left again; the console itself is then opened by
SSH, whose host key is pinned beside the certificate, or by IPMI. User and password are the same for all of them.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from device_profiles.names import printable
from drivers.access import Access
from drivers.errors import Unreachable, Unsupported
from drivers.line.endpoint import Endpoint, opening
from drivers.line.sol import SolPort, open_sol, with_secret
from drivers.line.sol_choice import Console, managers_of, of_manager, of_system, system_called
from drivers.line.sol_proofs import pinned
from drivers.line.sol_shell import ShellPort, open_shell
from drivers.redfish.service import Service
from drivers.transports import redfish
from drivers.transports._http import login_at

_REDFISH: Final = frozenset({"auth", "tls"})
_IPMI: Final = frozenset({"cipher", "guid", "timeout"})


async def open_sol_redfish(access: Access, timeout_s: float) -> Endpoint:
    """The console of a system. ``access.secret`` logs in; ``access.pin`` is held against all that answer before.

    Raises what :func:`drivers.transports.open_connection` says, and ``LineBusy``.
    """
    try:
        async with asyncio.timeout(timeout_s):
            console, certificate = await _ask(access, timeout_s)
            port = await _open(console, access, timeout_s)
    except TimeoutError:
        raise Unreachable(f"{access}: its console did not open within {timeout_s:g} s") from None
    port.proof = f"{certificate} {port.proof}".strip()
    return port


async def _ask(access: Access, timeout_s: float) -> tuple[Console, str]:
    """Where the console is, and the certificate of who says so."""
    served = _part(access, access.scheme.removeprefix("sol+"), _REDFISH)
    pin = pinned(access.pin, "certificate")
    secret = with_secret(access)
    connection = await redfish.connect(replace(served, path=""), credential=secret, pin=pin, timeout_s=timeout_s)
    try:
        return await _found(Service(connection, timeout_s=timeout_s), access), connection.identity
    except Unsupported as error:
        raise Unsupported(f"{access}: {error}") from None
    finally:
        await connection.close()


async def _found(service: Service, access: Access) -> Console:
    command = printable(access.option("command"), most=200)
    root = await service.root()
    system = system_called(access.path, await service.collection(root, "Systems"))
    found = of_system(system, command=command)
    if found is not None:
        return found
    managers = managers_of(system, await service.collection(root, "Managers"))
    for manager in managers:
        protocols = await service.linked(manager, "NetworkProtocol")
        found = of_manager(manager, protocols, command=command)
        if found is not None:
            return found
    raise Unsupported("neither this system nor its manager tells of a serial console: reach the device otherwise")


async def _open(console: Console, access: Access, timeout_s: float) -> SolPort | ShellPort:
    if console.way == "IPMI":
        part = _part(access, "sol+ipmi", _IPMI)
        return await open_sol(replace(part, path="", port=console.port), timeout_s)
    login = login_at(_part(access, access.scheme, frozenset()), access.secret)
    there = Access(scheme="ssh", host=access.host, port=console.port, user=login.user)
    port = await open_shell(there, credential=login.secret, pin=access.pin, name=str(access), timeout_s=timeout_s)
    async with opening(port):
        if console.command:
            await port.enter(console.command, timeout_s=timeout_s)
    return port


def _part(access: Access, scheme: str, options: frozenset[str]) -> Access:
    """The access with the options that one of its protocols knows."""
    kept = tuple((name, value) for name, value in access.options if name in options)
    return replace(access, scheme=scheme, options=kept)
