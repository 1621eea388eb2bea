"""Facts, links and operation of a node: read at their intervals and soon after a change, told only where they changed.

Each is read by its own call and fails on its own: a device without LLDP still has its ports. What cannot be read is
said once in the log, and tried again at the next interval; it says nothing about the configuration.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from agents.connections import Device
from agents.desk import Desk
from agents.nodes import Node
from agents.redaction import redacted
from agents.reports import digest_of, dump, report
from agents.store import rows
from device_profiles.facts import digest
from device_profiles.operation import Operation
from drivers.contract import Driver
from drivers.errors import DeviceError, Transient

log = structlog.get_logger(__name__)

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_AFTER_CHANGE_S: Final = 0.5
"""A device needs a moment until what it does follows what it was told."""
_BETWEEN_CHANGES_S: Final = 5.0
"""A device that is changed again and again is not looked over after every change."""
_BETWEEN_STIRS_S: Final = 1.0
"""Nor is one whose ports or neighbours come and go."""
_STIRRED_S: Final = 40.0
"""Who was plugged in tells itself by and by: LLDP sends at once where it is told of the port, else every 30 s."""
_STIRRED_EVERY_S: Final = 3.0
_LEISURE: Final = 4
"""How many times as long as a reading took it is left between two: a slow line is for passes and people, too."""
_SWITCH: Final = ("ports", "macs", "vlans")
_POWER: Final = ("outlets", "inputs", "slots", "sensors")
_STORAGE: Final = ("pools", "volumes", "sessions")
_OPERATION: Final = (*_SWITCH, *_POWER, *_STORAGE)
_ABILITY: Final = {"facts": "facts", "links": "neighbours", "operation": "operation"}


class Discovery:
    """What is to be read of one node beside its configuration, and when."""

    def __init__(self, node: Node, device: Device, *, desk: Desk) -> None:
        self._node = node
        self._device = device
        self._desk = desk
        now = desk.clock.monotonic()
        self._due = dict.fromkeys(_ABILITY, now)
        self._read_at = dict.fromkeys(_ABILITY, now - _BETWEEN_CHANGES_S)
        self._failing: set[str] = set()
        self._ports_up: frozenset[str] | None = None
        self._stirred_until = now

    def wait_s(self) -> float:
        """Seconds until something is due."""
        return max(min(self._due.values()) - self._desk.clock.monotonic(), 0.0)

    def now(self, part: str) -> None:
        """Read ``part`` with the next turn: somebody asks for it."""
        self._due[part] = self._desk.clock.monotonic()

    def soon(self, *parts: str, between_s: float = _BETWEEN_CHANGES_S) -> None:
        """Read ``parts`` soon: something changed."""
        due = self._desk.clock.monotonic() + _AFTER_CHANGE_S
        for part in parts:
            self._due[part] = min(self._due[part], max(due, self._read_at[part] + between_s))

    def stirred(self) -> None:
        """The device tells of a change that is none of its configuration: a carrier, or a neighbour."""
        self.soon("operation", "links", between_s=_BETWEEN_STIRS_S)

    async def run(self, driver: Driver) -> None:
        """Read what is due and tell what is new. Raises :class:`~drivers.errors.Transient` when the device is lost."""
        now = self._desk.clock.monotonic()
        self._device.begin(self._node.profile)
        parts: dict[str, Any] = {}
        for part in [part for part, due in self._due.items() if due <= now]:
            due = self._due[part] = now + self._every_s(part, now)
            self._read_at[part] = now
            if _ABILITY[part] in self._node.capabilities & driver.capabilities:
                begun = self._desk.clock.monotonic()
                await self._read(part, driver, parts)
                if self._due[part] == due:  # nobody wants it sooner
                    ended = self._desk.clock.monotonic()
                    self._due[part] = max(due, begun + _LEISURE * (ended - begun))
            else:
                self._node.resend.discard(part)
        if parts:
            await self._tell(parts)

    def _every_s(self, part: str, now: float) -> float:
        if part == "facts":
            return self._node.profile.facts_s
        every = self._desk.settings.discover_s
        return min(every, _STIRRED_EVERY_S) if part == "links" and now < self._stirred_until else every

    async def _read(self, part: str, driver: Driver, parts: dict[str, Any]) -> None:
        asks: dict[str, Callable[[], Awaitable[Any]]] = {
            "facts": self._device.facts,
            "links": driver.links,
            "operation": lambda: driver.operation(_OPERATION),
        }
        try:
            document = await (asks[part]() if part == "facts" else self._device.call(asks[part]))
        except Transient:
            raise
        except DeviceError as error:
            if part not in self._failing:
                self._failing.add(part)
                log.warning("cannot be discovered", node=self._node.name, part=part, error=str(error))
            return
        self._failing.discard(part)
        self._remember(part, document)
        if part == "facts":
            document = redacted(document, self._desk.settings.redact, node=self._node.name)
        self._compare(part, document, parts)

    def _remember(self, part: str, document: Any) -> None:
        """Keep what tells where this node stands to the others."""
        seen = self._desk.company.of(self._node.name)
        if part == "operation":
            seen.macs = document.macs
            self._look_for_neighbours(document)
        elif part == "links":
            seen.links = document
        else:
            seen.facts = document

    def _look_for_neighbours(self, operation: Operation) -> None:
        """Where a port came up or went down, see soon, and for a while, who is there now."""
        up = frozenset(name for name, port in operation.ports.items() if port.oper_up)
        if self._ports_up is not None and up != self._ports_up:
            self._stirred_until = self._desk.clock.monotonic() + _STIRRED_S
            self.soon("links", between_s=_BETWEEN_STIRS_S)
        self._ports_up = up

    def _compare(self, part: str, document: Any, parts: dict[str, Any]) -> None:
        node = self._node
        body = dump(document)
        if part == "facts":
            found = digest(document)
        elif part == "operation":
            # The time of the reading moves always; what was read may not have.
            found = digest_of(dump(replace(document, at=_EPOCH)))
        else:
            found = digest_of(body)
        if node.hashes.get(part) != found or part in node.resend:
            node.hashes[part] = found
            node.resend.discard(part)
            parts[part] = body

    async def _tell(self, parts: dict[str, Any]) -> None:
        node, desk = self._node, self._desk
        hashes = {f"{part}_hash": node.hashes.get(part) for part in ("observed", "facts", "links")}
        fence = node.accepted.assignment.fence
        body = report(fence=fence, node=node.name, at=desk.clock.now(), parts={**hashes, **parts})
        memory = node.memory()

        def change(db: sqlite3.Connection) -> None:
            rows.put_memory(db, node.name, memory)
            desk.outbox.add(db, node.name, body, record=False)

        await desk.store.write(change)
        desk.outbox.wake()
