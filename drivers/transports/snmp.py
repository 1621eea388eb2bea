"""SNMP v1 and v2c (RFC 1157, RFC 3416) over UDP, by our own encoder, which is made for walks.

The credential's first line is the community to read with, its second the one to write with (the same where there is
none). The access may say ``?version=1`` (else v2c is tried, and then v1), ``?timeout=1&tries=2`` and ``?rate=20``
(requests a second). A community proves nothing about who answers and hides nothing: a pin cannot be checked here, and
whoever writes ``snmp://`` into a node's access has decided that the way to it is trusted. A device that is asked with a
wrong community says nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from drivers.access import Access
from drivers.contract import ByteStream
from drivers.credentials import Credential
from drivers.errors import SecretRefused, Unreachable, Unsupported
from drivers.snmp import ber
from drivers.snmp.managed import Limits, Manager
from drivers.snmp.pdu import RESPONSE, Kind, Request, Response, asking
from drivers.snmp.values import oid
from drivers.transports._datagrams import Datagrams, Manners, dial, manners_of, only

_VERSIONS: Final = {"1": 0, "2c": 1, "2": 1}
_SYS_OBJECT_ID: Final = oid("1.3.6.1.2.1.1.2.0")


class Connection(Manager):
    """A device that speaks SNMP v1 or v2c (:class:`drivers.contract.Connection`, :class:`~drivers.snmp.Managed`)."""

    identity = ""

    def __init__(self, access: Access, datagrams: Datagrams, community: Credential, *, version: int) -> None:
        super().__init__(has_bulk=version > 0, limits=Limits())
        self._access = access
        self._datagrams = datagrams
        self._community = community
        self._version = version

    @property
    def closed(self) -> bool:
        """Whether the socket is gone."""
        return self._datagrams.closed

    async def stream(self, command: str) -> ByteStream:
        """Refused: SNMP has no command line."""
        del command
        raise Unsupported(f"{self._access} has no command line: SNMP reads and writes variables")

    async def exchange(self, request: Request) -> Response:
        """One request and its response (see :data:`drivers.snmp.pdu.Exchange`)."""
        number = self._datagrams.number()
        text = self._community.enable if request.kind is Kind.SET else self._community.password
        community = (text if request.vlan is None else f"{text}@{request.vlan}").encode()
        data = ber.encode(request, version=self._version, community=community, number=number)

        def take(came: bytes) -> Response | None:
            message = ber.decode(came)
            if message.tag != RESPONSE or message.number != number:
                return None
            return Response(message.status, message.index, message.bindings)

        return await self._datagrams.ask(data, take)

    async def close(self) -> None:
        """Close the socket. Never raises."""
        self._datagrams.close()


async def connect(access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float) -> Connection:
    """Ask a device who it is. ``pin`` is of another access of the same node: a community proves nothing.

    Raises what :func:`drivers.transports.open_connection` says.
    """
    del pin
    said = only(access, "version").get("version")
    if said is not None and said not in _VERSIONS:
        raise Unsupported(f"{access}: version is 1 or 2c; version 3 is snmpv3://user@host")
    manners, community = manners_of(access, timeout_s=timeout_s), _community(access, credential)
    try:
        return await _open(access, manners, community, version=_VERSIONS[said or "2c"])
    except Unreachable as error:
        # What is too old for v2c says nothing to it.
        if said is None and (old := await _old(access, manners, community)) is not None:
            return old
        raise Unreachable(f"{error}; a device that is asked with a wrong community says nothing as well") from None


async def _old(access: Access, manners: Manners, community: Credential) -> Connection | None:
    """A connection by v1, asked for once."""
    try:
        return await _open(access, replace(manners, tries=1), community, version=_VERSIONS["1"])
    except Unreachable:
        return None


async def _open(access: Access, manners: Manners, community: Credential, *, version: int) -> Connection:
    connection = Connection(access, await dial(access, manners), community, version=version)
    try:
        await connection.exchange(asking(Kind.GET, [_SYS_OBJECT_ID]))
    except BaseException:
        await connection.close()
        raise
    return connection


def _community(access: Access, credential: Credential | None) -> Credential:
    """The community; a probe may name it in the URL, as ``snmp://public@192.0.2.1``."""
    if credential is not None:
        return credential
    if access.user:
        return Credential(name="the URL", text=access.user)
    raise SecretRefused(f"{access}: name the community in credentials")
