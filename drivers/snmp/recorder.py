"""A connection whose answers are kept as a recording, without its secrets.

Every variable that was answered is kept, once, as it was answered last; those of the bridge of a VLAN in a file of
their own. Taken out are texts that are secrets known to us, and the branches of MIBs that hold communities, users and
keys, which no driver reads: a device that hands one out unasked shall not get it into a bug report.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from drivers.contract import ByteStream, Connection
from drivers.errors import Unsupported
from drivers.snmp.managed import Manager, managed_of
from drivers.snmp.pdu import Kind, Request, Response
from drivers.snmp.records import SUFFIX, write
from drivers.snmp.values import Missing, Octets, Oid, Value, oid

NAME: Final = "device"
_REMOVED: Final = b"removed"
_SHORTEST_KNOWN: Final = 4
_SECRET: Final = tuple(
    oid(text)
    for text in (
        "1.3.6.1.6.3.15",  # SNMP-USER-BASED-SM-MIB
        "1.3.6.1.6.3.18",  # SNMP-COMMUNITY-MIB
        "1.3.6.1.6.3.12",  # SNMP-TARGET-MIB
        "1.3.6.1.6.3.16",  # SNMP-VIEW-BASED-ACM-MIB, whose indexes are names of users
    )
)


class RecordingManager(Manager):
    """A connection that is heard (see :class:`~drivers.snmp.managed.Managed`)."""

    def __init__(self, connection: Connection, *, secrets: Sequence[str] = ()) -> None:
        managed = managed_of(connection)
        super().__init__(has_bulk=getattr(managed, "has_bulk", True), limits=managed.limits)
        self._connection = connection
        self._inner = managed
        self._secrets = tuple(text.encode() for text in secrets if len(text) >= _SHORTEST_KNOWN)
        self._kept: dict[int | None, dict[Oid, Value]] = {None: {}}

    @property
    def identity(self) -> str:
        """What the far end proved."""
        return self._connection.identity

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._connection.closed

    @property
    def count(self) -> int:
        """How many variables are kept."""
        return sum(map(len, self._kept.values()))

    async def stream(self, command: str) -> ByteStream:
        """Refused: SNMP has no command line."""
        del command
        raise Unsupported("SNMP has no command line")

    async def exchange(self, request: Request) -> Response:
        """One request and its response, kept where it read something."""
        response = await self._inner.exchange(request)
        if request.kind is not Kind.SET and response.status == 0:
            kept = self._kept.setdefault(request.vlan, {})
            for name, value in response.bindings:
                if not isinstance(value, Missing) and not any(name[: len(root)] == root for root in _SECRET):
                    kept[name] = self._scrubbed(value)
        return response

    def _scrubbed(self, value: Value) -> Value:
        if not isinstance(value, Octets):
            return value
        found = bytes(value)
        for secret in self._secrets:
            found = found.replace(secret, _REMOVED)
        return value if found == value else type(value)(found)

    async def save(self, folder: Path) -> None:
        """Write the recording, and one for each VLAN that was asked."""
        for vlan, values in self._kept.items():
            if values:
                file = folder / f"{NAME}{'' if vlan is None else f'@{vlan}'}{SUFFIX}"
                await asyncio.to_thread(write, file, values)

    async def close(self) -> None:
        """Close the connection. Never raises."""
        await self._connection.close()
