"""NETCONF over SSH (RFC 6242): a connection as :mod:`drivers.transports.ssh` makes it, whose streams are NETCONF."""

from __future__ import annotations

from drivers.access import Access
from drivers.contract import ByteStream
from drivers.credentials import Credential, Login
from drivers.errors import Unsupported
from drivers.transports import ssh


class Connection:
    """An SSH connection to a NETCONF server (see :class:`drivers.contract.Connection`)."""

    def __init__(self, inner: ssh.Connection) -> None:
        self._inner = inner
        self.identity = inner.identity
        self.login: Login = inner.login

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._inner.closed

    async def stream(self, command: str) -> ByteStream:
        """A NETCONF session, before its hellos. Raises ``Unsupported`` for a command: there is no command line."""
        if command:
            raise Unsupported("a NETCONF server runs no commands: use ssh:// for this")
        return await self._inner.subsystem("netconf")

    async def close(self) -> None:
        """Close the connection and its sessions. Never raises."""
        await self._inner.close()


async def connect(access: Access, *, credential: Credential | None, pin: str | None, timeout_s: float) -> Connection:
    """Connect and log in. Raises what :func:`drivers.transports.open_connection` says."""
    return Connection(await ssh.connect(access, credential=credential, pin=pin, timeout_s=timeout_s))
