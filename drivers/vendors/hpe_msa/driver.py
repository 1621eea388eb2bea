"""The driver: one command for each kind of thing."""

from __future__ import annotations

from typing import ClassVar, Final

from drivers.storage.listed import Answers, Listed
from drivers.storage.seen import Seen, System
from drivers.vendors.hpe_msa import reading

SYSTEM: Final = "show system"
VERSIONS: Final = "show versions"
POOLS: Final = "show pools"
VOLUMES: Final = "show volumes"
HOSTS: Final = "show host-groups"
INITIATORS: Final = "show initiators"
MAPS: Final = "show maps"


class Msa(Listed):
    """An MSA (see :class:`drivers.contract.Driver`), read only."""

    source: ClassVar[str] = "show maps"

    async def answers(self) -> Answers:
        """All lists."""
        return await self.ask((SYSTEM, VERSIONS, POOLS, VOLUMES, HOSTS, INITIATORS, MAPS))

    def parse(self, answers: Answers) -> Seen:
        """What the answers mean."""
        return reading.parse(
            pools=answers.get(POOLS, ""),
            volumes=answers.get(VOLUMES, ""),
            hosts=[answers.get(command, "") for command in (HOSTS, INITIATORS)],
            maps=answers.get(MAPS, ""),
        )

    def about(self, answers: Answers) -> System:
        """What the array is."""
        return reading.system(answers.get(SYSTEM, ""), answers.get(VERSIONS, ""))
