"""The driver: what is asked of the array, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from pydantic import TypeAdapter

from device_profiles.profile import Profile
from drivers.contract import Connection
from drivers.quirks import checked
from drivers.storage.seen import Limits, Seen, System
from drivers.storage.shelled import Shelled
from drivers.vendors.targetcli import reading
from drivers.vendors.targetcli.outlook import Outlook
from drivers.vendors.targetcli.telling import Tongue

_LUNS: Final = range(256)
_SYSTEM: Final = "uname -n && uname -r && cat /proc/uptime && targetcli --version"
_QUIRKS: Final = TypeAdapter(reading.Quirks)


class Lio(Shelled):
    """LIO over a shell (see :class:`drivers.contract.Driver`)."""

    source: ClassVar[str] = "configfs"

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        self._quirks = checked(profile, _QUIRKS)
        # A storage object has the size that its file had when it was made.
        self.limits = Limits(luns=_LUNS, grows_online=False, thin=self._quirks.thin)
        self._command = reading.command(self._quirks)
        self._answer = b""
        self._reading = reading.Reading(quirks=self._quirks)

    @property
    def tongue(self) -> Tongue:
        """In the words of targetcli."""
        return Tongue(self._reading)

    async def see(self) -> Seen:
        """All of it in one exchange."""
        return (await self._read()).seen

    async def _read(self) -> reading.Reading:
        answer = (await self.run(self._command)).data
        if answer != self._answer:
            self._reading = reading.parse(answer, self._quirks)
            self._answer = answer
        return self._reading

    async def tell(self, commands: Sequence[str], *, doing: str) -> None:
        """What is still to be done of the commands, in one exchange."""
        now = reading.parse((await self.run(self._command, doing=doing)).data, self._quirks)
        needed = Outlook(now).needed(commands)
        if needed:
            await self.run(" && ".join(needed), doing=doing)

    async def system(self) -> System:
        """What the array is."""
        lines = (await self.run(_SYSTEM)).strict_text().splitlines()
        hostname, _, uptime, version = (*lines, "", "", "", "")[:4]
        number = uptime.partition(" ")[0]
        return System(
            hostname=hostname,
            product="LIO",
            version=version.split()[-1] if version else "",
            uptime_s=int(float(number)) if number.replace(".", "", 1).isdecimal() else None,
        )

    async def save(self) -> None:
        """Save what is exported for the next start."""
        await self.run("targetcli saveconfig", doing="saving")
