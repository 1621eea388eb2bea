"""A recording of SNMP in the place of a device: the variables of a file, answered at the same seam as a device's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from drivers.contract import ByteStream
from drivers.errors import Unreachable, Unsupported
from drivers.snmp.managed import Manager
from drivers.snmp.pdu import Request, Response
from drivers.snmp.records import Tree, load_all


class Played(Manager):
    """A recording as a connection (see :class:`drivers.contract.Connection`, :class:`~drivers.snmp.managed.Managed`).

    ``problems`` are the lines of it that cannot be read.
    """

    identity = ""

    def __init__(self, trees: Mapping[int | None, Tree]) -> None:
        super().__init__()
        self._trees = trees
        self.closed = False
        self.problems = tuple(problem for tree in trees.values() for problem in tree.problems)

    async def stream(self, command: str) -> ByteStream:
        """Refused: SNMP has no command line."""
        del command
        raise Unsupported("a recording of SNMP has no command line")

    async def exchange(self, request: Request) -> Response:
        """What the recording answers; a VLAN that was not recorded says nothing, as on a device."""
        tree = self._trees.get(request.vlan)
        if self.closed or tree is None:
            raise Unreachable("the recording was closed" if self.closed else f"VLAN {request.vlan} was not recorded")
        return tree.answer(request)

    async def close(self) -> None:
        """Close it. Never raises."""
        self.closed = True


def play(path: Path) -> Played:
    """A recording and those of its VLANs. Raises :class:`~drivers.errors.Unsupported`."""
    return Played(load_all(path))
