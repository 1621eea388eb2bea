"""Which device is the right one: what was declared, else what the first contact showed.

The identity is the SSH host key (``SHA256:...``) for now. The transport finds a mismatch before a secret is sent. A
changed device is accepted by declaring its key in the node, and by nothing else.
"""

from __future__ import annotations

from agents.clock import Clock
from agents.store import Store, rows


class Pins:
    """The pins of all nodes of this agent."""

    def __init__(self, store: Store, clock: Clock, known: dict[str, str]) -> None:
        self._store = store
        self._clock = clock
        self._known = known

    def expected(self, node: str, declared: str | None) -> str | None:
        """What the node's device must show; None before the first contact."""
        return declared or self._known.get(node)

    async def learn(self, node: str, identity: str, *, access: str) -> None:
        """Remember what a device showed; it is on disk when this returns."""
        if identity and self._known.get(node) != identity:
            at = self._clock.now().isoformat()
            await self._store.write(lambda db: rows.put_pin(db, node, identity, access=access, at=at))
            self._known[node] = identity

    def forget(self, node: str) -> None:
        """The node is no longer ours (its row goes with the others of the node)."""
        self._known.pop(node, None)
