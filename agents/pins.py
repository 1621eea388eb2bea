"""What each node's device showed of itself at first contact, and must show again.

What is declared stands above it. A changed device is accepted by declaring its identity, or by ``pointsman replace``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

import orjson

from agents.clock import Clock
from agents.identity import Members
from agents.store import Store, rows
from device_profiles.documents import Identity

KINDS: Final = tuple(field.name for field in dataclasses.fields(Identity))
"""The members that an identity can have."""


class Pins:
    """The pins of all nodes of this agent."""

    def __init__(self, store: Store, clock: Clock, known: Mapping[str, str]) -> None:
        self._store = store
        self._clock = clock
        self._known = {node: _read(text) for node, text in known.items()}

    def known(self, node: str, *, declared: Identity, pinned: Members) -> dict[str, str]:
        """What the node's device must show: declared, else pinned here, else by an agent before us (``pinned``)."""
        said = {kind: value for kind in KINDS if (value := getattr(declared, kind))}
        found = {**pinned, **self._known.get(node, {}), **said}
        return {kind: value for kind, value in found.items() if value}

    def pinned(self, node: str) -> Members:
        """What was pinned here."""
        return {kind: value for kind, value in self._known.get(node, {}).items() if value}

    async def learn(self, node: str, members: Members, *, access: str) -> None:
        """Remember what a device showed beside what is known; it is on disk when this returns."""
        await self._put(node, {**self._known.get(node, {}), **members}, access=access)

    async def replace(self, node: str, members: Members, *, access: str) -> None:
        """Pin a node to just these members: whatever else was known of it, here or by the service, is no more so."""
        await self._put(node, {**dict.fromkeys(KINDS, ""), **members}, access=access)

    async def _put(self, node: str, members: Members, *, access: str) -> None:
        if self._known.get(node, {}) == members:
            return
        at, text = self._clock.now().isoformat(), orjson.dumps(members).decode()
        await self._store.write(lambda db: rows.put_pin(db, node, text, access=access, at=at))
        self._known[node] = dict(members)

    def forget(self, node: str) -> None:
        """The node is no longer ours (its row goes with the others of the node)."""
        self._known.pop(node, None)


def _read(text: str) -> dict[str, str]:
    """A pin as it is kept; those of the first stores were an SSH host key and nothing else."""
    return dict(orjson.loads(text)) if text.startswith("{") else {"ssh_host_key": text}
