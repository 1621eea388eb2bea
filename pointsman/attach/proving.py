"""What becomes of SSH to a device that was made reachable: its new user logs in, to the device that the line is of."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from device_profiles.bootstrap import network
from device_profiles.profile import Profile
from drivers.access import Access, parse_access
from drivers.credentials import Credential
from drivers.errors import Unreachable
from drivers.transports import open_connection
from pointsman.attach.bootstrapping import SSH_PORT, Wanted, bootstrap_of
from pointsman.attach.commands import OnLine, commands, on_line
from pointsman.attach.finding import Found


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What became of SSH. ``host_key`` is empty where nobody showed one; ``from_line``: the device did, on its line.

    ``unreachable`` says why the network did not lead there from here, where it did not.
    """

    access: str
    host_key: str
    from_line: bool
    unreachable: str = ""


async def prove(device: OnLine, wanted: Wanted) -> Proof | None:
    """Log in over SSH as the new user; None where no user or address was wanted.

    The host key that the device showed on its line is pinned; where it shows none, that of the first connection is. A
    network that does not lead there is told in the answer. Raises ``AuthFailed``, ``WrongDevice`` and so on.
    """
    if not (wanted.user and wanted.management):
        return None
    port = "" if wanted.ssh_port == SSH_PORT else f":{wanted.ssh_port}"
    access = f"ssh://{wanted.user}@{network(wanted.management)['address']}{port}"
    pin = await _host_key(device)
    try:
        shown = await _logged_in(parse_access(access), device.profile, wanted.credential, pin)
        if not pin:
            await _logged_in(parse_access(access), device.profile, wanted.credential, shown)
    except Unreachable as error:
        return Proof(access=access, host_key=pin, from_line=bool(pin), unreachable=str(error))
    return Proof(access=access, host_key=shown, from_line=bool(pin))


async def _host_key(device: OnLine) -> str:
    """The fingerprint of the SSH key that the device shows on its line; an empty text where it shows none."""
    where = bootstrap_of(device.profile).host_key
    if where is None:
        return ""
    async with on_line(device) as cli:
        match = re.search(where.shows, (await cli.run(where.asks)).text)
    return _fingerprint(match["key"]) if match is not None else ""


def _fingerprint(key: str) -> str:
    """The fingerprint of a public key in base64, as OpenSSH writes it."""
    try:
        data = base64.b64decode("".join(key.split()), validate=True)
    except binascii.Error:
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


async def _logged_in(access: Access, profile: Profile, credential: Credential | None, pin: str) -> str:
    """Who answered to a login that reached the command line."""
    timeout_s = profile.connect_timeout_s
    connection = await open_connection(access, credential=credential, pin=pin or None, timeout_s=timeout_s)
    try:
        cli = commands(connection, profile)
        try:
            await cli.run_all(())
        finally:
            await cli.close()
        return connection.identity
    finally:
        await connection.close()


def bootstrapped(found: Found, wanted: Wanted, proof: Proof | None) -> Found:
    """The device as its node is declared now: SSH first, then its line."""
    facts: Mapping[str, object] = {**found.facts, **({"hostname": wanted.hostname} if wanted.hostname else {})}
    if proof is None:
        return replace(found, facts=facts)
    return replace(found, facts=facts, network=proof.access, host_key=proof.host_key)
