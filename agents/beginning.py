"""How a pass began: what the pass, its journal and whatever takes its steps know alike.

They share this rather than know each other: what holds one another in a circle is freed only by Python's collector, and
hundreds of nodes are read again and again.
"""

from __future__ import annotations

from agents.desk import Desk
from agents.nodes import Node
from agents.store import rows
from device_profiles.wire import Cause


class Beginning:
    """The beginning of one pass over ``node``, now."""

    __slots__ = ("_desk", "_id", "_node", "at", "cause")

    def __init__(self, node: Node, *, desk: Desk, cause: Cause) -> None:
        self._node = node
        self._desk = desk
        self._id = ""
        self.cause = cause
        self.at = desk.clock.now()

    @property
    def id(self) -> str:
        """The pass's name, given when somebody first asks: most passes find nothing to tell, and need none."""
        if not self._id:
            self._id = self._desk.pass_id()
        return self._id

    def row(self) -> rows.PassRow:
        """As the store keeps it."""
        return rows.PassRow(
            id=self.id,
            node=self._node.name,
            cause=self.cause,
            generation=self._node.desired.generation,
            started_at=self.at.isoformat(),
        )
