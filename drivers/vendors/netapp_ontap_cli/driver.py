"""The driver: one command for each kind of thing."""

from __future__ import annotations

from typing import ClassVar, Final

from drivers.storage.listed import Answers, Listed
from drivers.storage.seen import Seen, System
from drivers.vendors.netapp_ontap_cli import reading

IDENTITY: Final = "cluster identity show"
VERSION: Final = "version"
NODES: Final = "system node show -instance"
AGGREGATES: Final = "storage aggregate show -instance"
FLEXVOLS: Final = "volume show -instance"
LUNS: Final = "lun show -instance"
MAPPINGS: Final = "lun mapping show -instance"
IGROUPS: Final = "igroup show -instance"


class OntapCli(Listed):
    """An ONTAP cluster (see :class:`drivers.contract.Driver`), read only."""

    source: ClassVar[str] = "lun show"

    async def answers(self) -> Answers:
        """All lists."""
        return await self.ask((IDENTITY, VERSION, NODES, AGGREGATES, FLEXVOLS, LUNS, MAPPINGS, IGROUPS))

    def parse(self, answers: Answers) -> Seen:
        """What the answers mean."""
        return reading.parse(
            aggregates=answers.get(AGGREGATES, ""),
            flexvols=answers.get(FLEXVOLS, ""),
            luns=answers.get(LUNS, ""),
            mappings=answers.get(MAPPINGS, ""),
            igroups=answers.get(IGROUPS, ""),
        )

    def about(self, answers: Answers) -> System:
        """What the cluster is."""
        return reading.system(answers.get(IDENTITY, ""), answers.get(VERSION, ""), answers.get(NODES, ""))
