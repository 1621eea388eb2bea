"""The driver: one document, read again and again; nothing is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

from device_profiles.compare import Goal
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.profile import Profile
from device_profiles.state import State
from drivers import limits
from drivers.contract import Connection, Step, Want
from drivers.enclosures import telling
from drivers.enclosures.blades import Enclosure
from drivers.errors import Unsupported
from drivers.planning import edits
from drivers.rest.messages import Request
from drivers.rest.session import Session
from drivers.selection import Remembered, Selection
from drivers.vendors.hp_xmldata.reading import PATH, parse


class HpXmlData:
    """An enclosure that only tells (see :class:`drivers.contract.Driver`)."""

    capabilities: ClassVar[frozenset[str]] = frozenset({"operation", "facts", "neighbours"})

    def __init__(self, connection: Connection, profile: Profile) -> None:
        self._profile = profile
        self._session = Session(connection, timeout_s=profile.command_timeout_s)
        self._remembered = Remembered()
        self._selection = Selection()

    async def read(self, want: Want) -> State:
        """The slots that there are."""
        body = await self._body()
        state = self._remembered.of(body, lambda: telling.state_of(parse(body), able=self._profile.capabilities))
        return self._selection.of(state, want)

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """Nothing can be changed by this way."""
        found = limits.check(
            edits(goal, observed), capabilities=self._profile.capabilities, implicit=self._profile.implicit
        )
        if found:
            raise Unsupported("this enclosure is only read by its XML: use the profile hp_c7000 over SSH to change it")
        return ()

    async def apply(self, step: Step) -> None:
        """Nothing is ever planned."""
        raise Unsupported(f"{step.text}: nothing can be changed by this way")

    async def undo(self, step: Step) -> None:
        """Nothing was ever done."""
        raise Unsupported(f"undo of {step.text}: nothing can be changed by this way")

    async def save(self) -> None:
        """Nothing to do."""

    async def operation(self, want: Want) -> Operation:
        """``slots``, ``sensors`` and ``inputs``."""
        return telling.operation_of(await self._whole(), want, at=datetime.now(UTC), source=PATH)

    async def facts(self) -> Facts:
        """The enclosure, its controller and its blades."""
        return telling.facts_of(await self._whole(), self._profile)

    async def links(self) -> tuple[Neighbour, ...]:
        """The blades in their slots."""
        return telling.links_of(await self._whole())

    async def _whole(self) -> Enclosure:
        return parse(await self._body())

    async def _body(self) -> bytes:
        return (await self._session.ask(Request(method="GET", path=PATH, headers={"accept": "application/xml"}))).body

    async def close(self) -> None:
        """Nothing is held; the connection stays."""
