"""A connection around another: who is there, and whether it is gone, is the inner one's to say."""

from __future__ import annotations

from drivers.contract import Connection, login_of
from drivers.credentials import Login


class Around:
    """What all of them have in common (see :class:`drivers.contract.Connection`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def identity(self) -> str:
        """What the far end proved."""
        return self._connection.identity

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._connection.closed

    @property
    def login(self) -> Login:
        """Who we are there (see :class:`drivers.contract.Guarded`)."""
        return login_of(self._connection)

    async def close(self) -> None:
        """Close the connection. Never raises."""
        await self._connection.close()
