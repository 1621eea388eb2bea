"""Who speaks to the device: our own session by the profile's command line, or netmiko where that is not described."""

from __future__ import annotations

from typing import Protocol

from device_profiles.profile import Profile
from drivers.cli.session import CliSession
from drivers.contract import Connection, Played, login_of
from drivers.errors import Unsupported
from drivers.libraries.netmiko_session import NetmikoSession
from drivers.session import Reply


class Session(Protocol):
    """A line that is asked, one command after the other."""

    @property
    def waited_s(self) -> float:
        """All the time that commands took on the device and the way to it."""

    @property
    def host(self) -> str:
        """The device's name as its prompt shows it; an empty text where it shows none."""

    async def run(self, command: str) -> Reply:
        """A command's whole answer. Raises :class:`~drivers.errors.DeviceError`."""

    async def close(self) -> None:
        """Close it. Never raises; a later command opens it again."""


def session_of(connection: Connection, profile: Profile, *, device_type: str) -> Session:
    """The session for a profile. A recording plays what the profile says, so netmiko is not needed for it.

    Raises ``Unsupported`` for a profile without a command line.
    """
    if profile.cli is None:
        raise Unsupported(f"the profile {profile.name} says nothing about the command line that this driver speaks")
    login = login_of(connection)
    if device_type and not isinstance(connection, Played):
        return NetmikoSession(
            lambda: connection.stream(""),
            device_type=device_type,
            cli=profile.cli,
            timeout_s=profile.command_timeout_s,
            login=login,
        )
    return CliSession(lambda: connection.stream(""), cli=profile.cli, timeout_s=profile.command_timeout_s, login=login)
