"""The driver: a few questions, and steps that are awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Final, Protocol

from device_profiles.compare import Goal
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.profile import Profile
from device_profiles.state import State
from drivers.cli import asking
from drivers.cli.driver import Spoken
from drivers.contract import Connection, Step, Want
from drivers.enclosures import planning, telling
from drivers.enclosures.blades import Enclosure
from drivers.errors import Rejected
from drivers.quirks import checked
from drivers.selection import Remembered
from drivers.vendors.blade_enclosure import dell_cmc, hp_oa
from drivers.vendors.blade_enclosure.quirks import QUIRKS

_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0


class Language(Protocol):
    """What a controller is asked, and what its answers mean."""

    LIST: str
    """The question whose answer tells the power of every slot."""
    MORE: tuple[str, ...]
    """Questions for facts and operation; a controller need not know each."""

    @staticmethod
    def read(answers: Mapping[str, str]) -> Enclosure:
        """The enclosure, as far as the answers tell. Raises :class:`~drivers.errors.Garbled`."""


_LANGUAGES: Final[Mapping[str, Language]] = {"hp_oa": hp_oa.HpOa, "dell_cmc": dell_cmc.DellCmc}


class BladeEnclosure(Spoken):
    """The controller of a blade enclosure (see :class:`drivers.contract.Driver`)."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {"slots.power", "slots.identify", "slots.boot_once", "operation", "facts", "neighbours"}
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        quirks = checked(profile, QUIRKS)
        self._profile = profile
        self._words = quirks.words
        self._done_within_s = quirks.done_within_s
        self._language = _LANGUAGES[quirks.language]
        self._remembered = Remembered()

    async def read(self, want: Want) -> State:
        """The power of every slot, in one question."""
        reply = await self._session.run(self._language.LIST)
        state = self._remembered.of(reply.data, lambda: self._state(reply.text))
        return self._selection.of(state, want)

    def _state(self, text: str) -> State:
        return telling.state_of(self._language.read({self._language.LIST: text}), able=self._profile.capabilities)

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """One step for each thing of a slot."""
        return planning.plan(goal, observed, words=self._words, profile=self._profile)

    async def apply(self, step: Step) -> None:
        """Say it, and wait until the slot shows it, but for a request to shut down."""
        await self._run(step, step.commands)

    async def undo(self, step: Step) -> None:
        """Switch back."""
        await self._run(step, step.undo)

    async def _run(self, step: Step, commands: Sequence[str]) -> None:
        await self._session.run_all(commands)
        slot = step.touches[0][1]
        if step.capability == "slots.power" and commands:
            if commands[0] == self._words.switch_on.format(slot=slot):
                await self._until(slot, "on", step.text)
            elif commands[0] == self._words.cut_off.format(slot=slot):
                await self._until(slot, "off", step.text)

    async def _until(self, slot: str, wanted: str, doing: str) -> None:
        pause_s, shown = _FIRST_PAUSE_S, None
        try:
            async with asyncio.timeout(self._done_within_s):
                while (shown := (await self.read(("slots.power",))).slots[slot].power) != wanted:
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        except TimeoutError:
            seen = shown or "no power state"
            raise Rejected(
                f"{doing}: was accepted, and is not done after {self._done_within_s:g} s: the slot shows {seen}"
            ) from None

    async def save(self) -> None:
        """Nothing to do: what is switched is not configured."""

    async def operation(self, want: Want) -> Operation:
        """``slots``, ``sensors`` and ``inputs``."""
        at = datetime.now(UTC)
        return telling.operation_of(await self._whole(), want, at=at, source=self._language.LIST)

    async def facts(self) -> Facts:
        """The enclosure, its controller and its blades."""
        return telling.facts_of(await self._whole(), self._profile)

    async def links(self) -> tuple[Neighbour, ...]:
        """The blades in their slots."""
        return telling.links_of(await self._whole())

    async def _whole(self) -> Enclosure:
        asked = (self._language.LIST, *self._language.MORE)
        return self._language.read(await asking.answers(self._session.run, asked, needed=asked[:1]))
