"""The driver: what is asked of the array, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from pydantic import TypeAdapter

from device_profiles.profile import Profile
from drivers.contract import Connection
from drivers.quirks import checked
from drivers.storage.seen import Limits, System
from drivers.storage.shelled import Shelled
from drivers.vendors.tgt import facts, reading, saving
from drivers.vendors.tgt.outlook import Outlook
from drivers.vendors.tgt.showing import targets
from drivers.vendors.tgt.telling import Tongue

_HIGHEST_LUN: Final = 16383
_QUIRKS: Final = TypeAdapter(reading.Quirks)


class Tgt(Shelled[reading.Reading]):
    """tgt over a shell (see :class:`drivers.contract.Driver`)."""

    source: ClassVar[str] = "tgtadm"
    gone: ClassVar[tuple[str, str]] = (
        "failed to send request hdr to tgt daemon",
        "tgtd does not answer on the array; is it running?",
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        quirks = checked(profile, _QUIRKS)
        super().__init__(
            connection,
            profile,
            command=reading.command(quirks),
            parse=lambda answer: reading.parse(answer, quirks),
            unread=reading.Reading(quirks=quirks),
        )
        # LUN 0 is the controller of each target; a LUN is as large as its file was when it was attached.
        self.limits = Limits(luns=range(1, _HIGHEST_LUN + 1), grows_online=False, thin=quirks.thin)
        self._conf = quirks.conf

    @property
    def tongue(self) -> Tongue:
        """In the words of tgtadm."""
        return Tongue(self.reading)

    async def tell(self, commands: Sequence[str], *, doing: str) -> None:
        """What is still to be done of the commands, in one exchange."""
        shown = await self.run(reading.SHOW, doing=doing)
        needed = Outlook(targets(shown.strict_text())).needed(commands)
        if needed:
            await self.run(" && ".join(needed), doing=doing)

    async def system(self) -> System:
        """What the array is."""
        return facts.parse((await self.run(facts.COMMAND)).strict_text())

    async def save(self) -> None:
        """Write what is exported where tgt reads it when it starts, if the profile says where."""
        if self._conf:
            await self.run(saving.command(await self.look()), doing="saving")
