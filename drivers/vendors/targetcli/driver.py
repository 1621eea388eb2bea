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
from drivers.vendors.targetcli import reading
from drivers.vendors.targetcli.outlook import Outlook
from drivers.vendors.targetcli.telling import Tongue

_LUNS: Final = range(256)
_SYSTEM: Final = "uname -n && uname -r && cat /proc/uptime && targetcli --version"
_QUIRKS: Final = TypeAdapter(reading.Quirks)


class Lio(Shelled[reading.Reading]):
    """LIO over a shell (see :class:`drivers.contract.Driver`)."""

    source: ClassVar[str] = "configfs"

    def __init__(self, connection: Connection, profile: Profile) -> None:
        quirks = checked(profile, _QUIRKS)
        super().__init__(
            connection,
            profile,
            command=reading.command(quirks),
            parse=lambda answer: reading.parse(answer, quirks),
            unread=reading.Reading(quirks=quirks),
        )
        # A storage object has the size that its file had when it was made.
        self.limits = Limits(luns=_LUNS, grows_online=False, thin=quirks.thin)

    @property
    def tongue(self) -> Tongue:
        """In the words of targetcli."""
        return Tongue(self.reading)

    async def tell(self, commands: Sequence[str], *, doing: str) -> None:
        """What is still to be done of the commands, in one exchange."""
        now = self.parse((await self.run(self.command, doing=doing)).data)
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
