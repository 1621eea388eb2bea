"""The two that talk in a trial: the service, which remembers all it was told, and one life of the agent."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from agents.observers import Moment
from agents.process import Agent
from agents.settings import SecretRule
from agents.store.schema import StoreError
from device_profiles.signing import Standing
from device_profiles.wire import Stored
from tests.faults.disk import LoopStore
from tests.faults.switch import FIRST, SECOND
from tests.unit.agents.agent import Killed, settings
from tests.unit.agents.services import FakeService, Seal

if TYPE_CHECKING:
    from tests.faults.world import World

_RULES: Final = (SecretRule(name="*", hosts=(FIRST, SECOND)),)


class TrialService(FakeService):
    """The service, which remembers what it was told for ever."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.seal = Seal()
        self._world = world
        self.token = "token"
        self.went_away = 0
        self._before: dict[str, Any] | None = None
        self._overrules = False

    def go(self) -> None:
        self.went_away += 1
        super().go()

    async def send_reports(self, agent: str, body: bytes) -> Stored:
        self._world.reach("post")
        return await super().send_reports(agent, body)

    def assign_raw(self, raw: dict[str, Any]) -> None:
        self._before = self.documents.get(raw["node"])
        super().assign_raw(raw)

    def put_back(self) -> bool:
        """Be the service of a backup from before the last declaration; False where there was none before."""
        if self._before is None:
            return False
        assert self.seal is not None
        self.seal.epoch += "+"
        self.documents[self._before["node"]], self._before = self._before, None
        for stream in self._streams:
            stream.put_nowait(None)
        return True

    def overrule(self) -> None:
        """From now on somebody has it accepted whenever the agent holds something newer (`pointsman overrule`)."""
        self._overrules = True
        if self.standings:
            self._accept_instead(self.standings[-1])

    def _accept_instead(self, standing: Standing) -> None:
        for refusal in standing.refused:
            self.assign_raw({**self.documents[refusal.node], "overrules": refusal.holds})
            self._before = None

    async def send_standing(self, agent: str, body: bytes) -> None:
        await super().send_standing(agent, body)
        if self._overrules:
            self._accept_instead(self.standings[-1])

    def replay(self) -> None:
        """Every stream hears the last events again, as after a resumption from an older place."""
        for stream in self._streams:
            for event in self._events[-2:]:
                stream.put_nowait(event)


class Line(SimpleNamespace):
    """The service as one life of the agent sees it: a dead agent sends nothing."""

    def __init__(self, service: TrialService, life: Life) -> None:
        super().__init__(service=service, life=life, token="token")

    async def close(self) -> None:
        return None

    async def enrol(self, *about: Any, **more: Any) -> Any:
        self.life.alive()
        return await self.service.enrol(*about, **more)

    async def send_reports(self, *about: Any) -> Any:
        self.life.alive()
        stored = await self.service.send_reports(*about)
        self.life.alive()
        return stored

    async def send_answer(self, *about: Any) -> None:
        self.life.alive()
        await self.service.send_answer(*about)

    async def attach(self, *about: Any) -> None:
        self.life.alive()
        await self.service.attach(*about)

    async def send_standing(self, *about: Any) -> None:
        self.life.alive()
        await self.service.send_standing(*about)

    @contextlib.asynccontextmanager
    async def assignments(self, agent: str, *, after: str) -> AsyncIterator[Any]:
        self.life.alive()
        async with self.service.assignments(agent, after=after) as events:
            yield events


class Life:
    """One life of the agent, from its start to its kill."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.dead = False
        self.store: LoopStore | None = None
        self.agent = Agent(
            settings(world.folder, heartbeat_s=10.0, confirm_s=3.0, secrets=_RULES),
            join_token="join",
            observers=(self,),
            open_driver=world.opening(self.alive),
            open_service=lambda url: Line(world.service, self),
            clock=world.clock,
        )
        self.task = asyncio.create_task(self._run())

    def alive(self) -> None:
        if self.dead:
            raise Killed

    def kill(self) -> None:
        """Nothing of it happens any more, neither on disk nor on the device nor at the service."""
        if not self.dead and not self.task.done():
            self.dead = True
            if self.store is not None:
                self.store.die()
            self._world.switch.hang_up()
            self.task.cancel()

    def notice(self, moment: Moment) -> None:
        self.alive()
        self._world.notice(moment)
        self.alive()

    async def _run(self) -> None:
        try:
            await self.agent.run()
        except BaseException as error:
            if self.dead:
                return
            if isinstance(error, BaseExceptionGroup) and error.split((sqlite3.OperationalError, StoreError))[1] is None:
                return
            if isinstance(error, sqlite3.OperationalError):
                return
            raise
