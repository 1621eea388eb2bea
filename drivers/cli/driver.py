"""What drivers of devices with a command line share: one session, in the words of the profile."""

from __future__ import annotations

from device_profiles.profile import Profile
from drivers.cli import asking
from drivers.contract import Connection
from drivers.selection import Selection


class Spoken:
    """A driver with a session. Raises :class:`~drivers.errors.Unsupported` where the profile tells no command line."""

    def __init__(self, connection: Connection, profile: Profile) -> None:
        self._session = asking.session(connection, profile)
        self._selection = Selection()

    @property
    def waited_s(self) -> float:
        """All the time that commands took on the device and the way to it."""
        return self._session.waited_s

    async def close(self) -> None:
        """Close the session; the connection stays."""
        await self._session.close()
