"""The driver: what is asked of the array, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from pydantic import TypeAdapter

from device_profiles.profile import Profile
from drivers.cli.login import shell_stream
from drivers.contract import Connection
from drivers.errors import Rejected, Unreachable, Unsupported
from drivers.quirks import checked
from drivers.session import Reply, ShellSession
from drivers.storage.driver import Array
from drivers.storage.seen import Limits, Seen, System
from drivers.vendors.tgt import facts, reading, saving
from drivers.vendors.tgt.outlook import Outlook
from drivers.vendors.tgt.showing import targets
from drivers.vendors.tgt.telling import Tongue

_NOT_FOUND: Final = 127
_NO_DAEMON: Final = "failed to send request hdr to tgt daemon"
_HIGHEST_LUN: Final = 16383
_QUIRKS: Final = TypeAdapter(reading.Quirks)


class Tgt(Array):
    """tgt over a shell (see :class:`drivers.contract.Driver`)."""

    source: ClassVar[str] = "tgtadm"

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        if profile.shell is None:
            raise Unsupported(f"the profile {profile.name} says nothing about the shell, which this driver speaks")
        self._quirks = checked(profile, _QUIRKS)
        # LUN 0 is the controller of each target; a LUN is as large as its file was when it was attached.
        self.limits = Limits(luns=range(1, _HIGHEST_LUN + 1), grows_online=False, thin=self._quirks.thin)
        self._command = reading.command(self._quirks)
        self._session = ShellSession(
            lambda: shell_stream(connection, profile), shell=profile.shell, timeout_s=profile.command_timeout_s
        )
        self._answer = b""
        self._reading = reading.Reading(quirks=self._quirks)

    @property
    def waited_s(self) -> float:
        """All the time that commands took on the array and the way to it."""
        return self._session.waited_s

    @property
    def tongue(self) -> Tongue:
        """In the words of tgtadm."""
        return Tongue(self._reading)

    async def see(self) -> Seen:
        """Targets, sessions, pools and files in one exchange."""
        return (await self._read()).seen

    async def _read(self) -> reading.Reading:
        answer = (await self._run(self._command)).data
        if answer != self._answer:
            self._reading = reading.parse(answer, self._quirks)
            self._answer = answer
        return self._reading

    async def tell(self, commands: Sequence[str], *, doing: str) -> None:
        """What is still to be done of the commands, in one exchange."""
        shown = await self._run(reading.SHOW, doing=doing)
        needed = Outlook(targets(shown.strict_text())).needed(commands)
        if needed:
            await self._run(" && ".join(needed), doing=doing)

    async def system(self) -> System:
        """What the array is."""
        return facts.parse((await self._run(facts.COMMAND)).strict_text())

    async def save(self) -> None:
        """Write what is exported where tgt reads it when it starts, if the profile says where."""
        if self._quirks.conf:
            await self._run(saving.command(await self._read()), doing="saving")

    async def close(self) -> None:
        """Close the session; the connection stays."""
        await self._session.close()

    async def _run(self, command: str, *, doing: str = "reading") -> Reply:
        """Run a command that must succeed; what the array says otherwise becomes an error."""
        reply = await self._session.run(command)
        if reply.status == 0:
            return reply
        if _NO_DAEMON in reply.text:
            raise Unreachable(f"{doing}: tgtd does not answer on the array; is it running?")
        if reply.status == _NOT_FOUND:
            raise Unsupported(f"{doing}: the array lacks a command: {reply.line}")
        raise Rejected(f"{doing}: the array says: {reply.line or f'exit status {reply.status}'}")
