"""What drivers of Redfish services share: one session, one that writes, and nothing to save.

A vendor's driver says what a service shows, and which commands bring about what is wanted.
"""

from __future__ import annotations

from typing import Protocol

from device_profiles.profile import Profile
from drivers.contract import Connection, Step
from drivers.redfish.commands import Writer
from drivers.redfish.service import Service


class Manners(Protocol):
    """How a service is asked, as its profile says (see ``drivers.vendors.redfish.quirks``)."""

    @property
    def done_within_s(self) -> float:
        """How long what it was told may take to be done."""

    @property
    def conditional(self) -> bool:
        """Whether its ETags can be trusted."""

    @property
    def expand(self) -> bool:
        """Whether collections are asked for with their members."""


class ServiceDriver:
    """A driver of a service that keeps what it is told. What could not be read: :attr:`unread`."""

    def __init__(self, connection: Connection, profile: Profile, manners: Manners) -> None:
        self._profile = profile
        self._able = frozenset(profile.capabilities)
        self._service = Service(
            connection,
            timeout_s=profile.command_timeout_s,
            conditional=manners.conditional,
            expand=manners.expand,
        )
        self._writer = Writer(self._service, within_s=manners.done_within_s)

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read so far, a sentence each."""
        return self._service.unread

    async def apply(self, step: Step) -> None:
        """A step's commands in order; what is switched is awaited, and an operating system that is asked is not."""
        await self._writer.run(step.commands, doing=step.text)

    async def undo(self, step: Step) -> None:
        """A step's undo commands in order."""
        await self._writer.run(step.undo, doing=f"undo of {step.text}")

    async def save(self) -> None:
        """Nothing to do: a service keeps what it is told."""

    async def close(self) -> None:
        """Nothing of its own is open; the connection stays."""
