"""The driver: lists first, and the details of what the lists do not tell."""

from __future__ import annotations

from typing import ClassVar, Final

from drivers.storage.listed import Answers, Listed
from drivers.storage.seen import Seen, System
from drivers.vendors.ibm_storwize import reading

SYSTEM: Final = "lssystem -delim :"
POOLS: Final = "lsmdiskgrp -bytes -delim :"
VOLUMES: Final = "lsvdisk -bytes -delim :"
HOSTS: Final = "lshost -delim :"
MAPPINGS: Final = "lshostvdiskmap -delim :"


class Storwize(Listed):
    """A Storwize or SVC (see :class:`drivers.contract.Driver`), read only."""

    source: ClassVar[str] = "lsvdisk"

    async def answers(self) -> Answers:
        """The lists, the details of each host, and of pools and volumes whose lists lack what is needed."""
        found = await self.ask((SYSTEM, POOLS, VOLUMES, HOSTS, MAPPINGS))
        more = [f"{HOSTS} {key}" for key in reading.ids(found.get(HOSTS, ""))]
        more += [f"{POOLS} {key}" for key in reading.ids(found.get(POOLS, ""), without="free_capacity")]
        more += [f"{VOLUMES} {key}" for key in reading.ids(found.get(VOLUMES, ""), without="vdisk_UID")]
        return {**found, **await self.ask(more)}

    def parse(self, answers: Answers) -> Seen:
        """What the answers mean."""
        return reading.parse(answers, pools=POOLS, volumes=VOLUMES, hosts=HOSTS, mappings=MAPPINGS)

    def about(self, answers: Answers) -> System:
        """What the system is."""
        return reading.system(answers.get(SYSTEM, ""))
