"""The command line at the far end of a connection: a vendor's own, or a shell, by what the profile says it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from device_profiles.profile import Profile, Shell
from drivers.cli.asking import session
from drivers.cli.login import shell_stream
from drivers.contract import Connection
from drivers.errors import Rejected
from drivers.session import Reply, ShellSession


class Commands(Protocol):
    """What :class:`drivers.cli.session.CliSession` does, as far as a device is prepared by it."""

    async def run(self, command: str) -> Reply:
        """Ask something."""

    async def run_all(
        self, commands: Sequence[str], *, mode: str = "", timeout_s: float | None = None, renames: str = ""
    ) -> tuple[Reply, ...]:
        """Do something in several lines; stops at the first that is refused (``Rejected``)."""

    async def close(self) -> None:
        """Leave the command line as it is found by the next one."""


class Shelled:
    """A shell. It has no modes, and what refuses a command there is its exit status."""

    def __init__(self, connection: Connection, profile: Profile, shell: Shell) -> None:
        self._session = ShellSession(
            partial(shell_stream, connection, profile), shell=shell, timeout_s=profile.command_timeout_s
        )

    async def run(self, command: str) -> Reply:
        return await self._session.run(command)

    async def run_all(
        self, commands: Sequence[str], *, mode: str = "", timeout_s: float | None = None, renames: str = ""
    ) -> tuple[Reply, ...]:
        del mode, renames
        replies = []
        for command in commands or (":",):
            reply = await self._session.run(command, timeout_s=timeout_s)
            if reply.status:
                # Not with the command, in which a secret may stand.
                raise Rejected(f"the device refuses it: {reply.line or f'exit status {reply.status}'}")
            replies.append(reply)
        return tuple(replies)

    async def close(self) -> None:
        await self._session.close()


def commands(connection: Connection, profile: Profile) -> Commands:
    """A session in the command line of a profile. Raises :class:`~drivers.errors.Unsupported` where it tells none."""
    return session(connection, profile) if profile.shell is None else Shelled(connection, profile, profile.shell)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLine:
    """A device at the far end of a line, and how the line is opened."""

    profile: Profile
    open: Callable[[], Awaitable[Connection]]


@asynccontextmanager
async def on_line(device: OnLine) -> AsyncIterator[Commands]:
    """A session there, and the line given back at its end."""
    connection = await device.open()
    try:
        cli = commands(connection, device.profile)
        try:
            yield cli
        finally:
            await cli.close()
    finally:
        await connection.close()
