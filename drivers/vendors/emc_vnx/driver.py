"""The driver: one command for each kind of thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from pydantic import ConfigDict, TypeAdapter

from device_profiles.profile import Profile
from drivers.contract import Connection
from drivers.quirks import checked
from drivers.storage.listed import Answers, Listed
from drivers.storage.seen import Seen, System
from drivers.vendors.emc_vnx import reading

AGENT: Final = "getagent"
DOMAIN: Final = "domain -list"
POOLS: Final = "storagepool -list"
LUNS: Final = "lun -list"
GROUPS: Final = "storagegroup -list -host"
HBAS: Final = "port -list -hba"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How the client is called on the machine where it is."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    client: str = "/nas/sbin/naviseccli -h spa"


_QUIRKS: Final = TypeAdapter(Quirks)


class Vnx(Listed):
    """A VNX (see :class:`drivers.contract.Driver`), read only."""

    source: ClassVar[str] = "naviseccli"

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        self._client = checked(profile, _QUIRKS).client

    async def answers(self) -> Answers:
        """All lists."""
        commands = {f"{self._client} {command}": command for command in (AGENT, DOMAIN, POOLS, LUNS, GROUPS, HBAS)}
        return {commands[asked]: text for asked, text in (await self.ask(commands)).items()}

    def parse(self, answers: Answers) -> Seen:
        """What the answers mean."""
        return reading.parse(
            pools=answers.get(POOLS, ""),
            luns=answers.get(LUNS, ""),
            groups=answers.get(GROUPS, ""),
            hbas=answers.get(HBAS, ""),
        )

    def about(self, answers: Answers) -> System:
        """What the array is."""
        return reading.system(answers.get(AGENT, ""), answers.get(DOMAIN, ""))
