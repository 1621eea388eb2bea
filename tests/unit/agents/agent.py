"""A running agent for a test: against devices and a service in memory, crashed and started again at will."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.clock import Clock
from agents.observers import Moment, Observer
from agents.process import Agent
from agents.settings import SecretRule, Settings
from device_profiles.desired import Desired
from device_profiles.leaves import leaves
from device_profiles.paths import render_path
from device_profiles.state import State
from tests.unit.agents.devices import Rack
from tests.unit.agents.services import FakeService


class Killed(BaseException):
    """The process is gone at this point: nothing after it happens."""


class KillAt:
    """Kills the agent the first time that a pass comes to a phase."""

    def __init__(self, phase: str, step: int = 0) -> None:
        self.phase, self.step, self.done = phase, step, False

    def notice(self, moment: Moment) -> None:
        if not self.done and moment.phase == self.phase and moment.step == self.step and moment.steps:
            self.done = True
            raise Killed(self.phase)


class Phases:
    """Remembers where passes were."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []

    def notice(self, moment: Moment) -> None:
        self.moments.append(moment)


def desired(node: str, generation: int, state: State, *, role: str = "role", **more: Any) -> Desired:
    """A desired state in which one role declares everything."""
    owners = {render_path(path): (role,) for path in leaves(state)}
    return Desired(node=node, generation=generation, state=state, **{"owners": owners, **more})


def settings(folder: Path, **more: Any) -> Settings:
    """Settings of an agent that may use any secret for any host."""
    rules = (SecretRule(name="*", hosts=("sw1", "sw2")),)
    chosen = {
        "data_dir": folder,
        "secrets": rules,
        "heartbeat_s": 0.05,
        "discover_s": 3600.0,
        "power_on_gap_s": 0.02,
        **more,
    }
    return Settings(name="a1", location="row", service="http://nowhere", **chosen)


@contextlib.asynccontextmanager
async def running(
    folder: Path,
    rack: Rack,
    service: FakeService,
    *,
    observers: Sequence[Observer] = (),
    clock: Clock | None = None,
    **more: Any,
) -> AsyncIterator[Agent]:
    """An agent that runs for the length of a block. A fault of it is raised at the end."""
    agent = Agent(
        settings(folder, **more),
        join_token="join",
        observers=observers,
        open_driver=rack.open_driver,
        open_service=service.client,
        clock=clock,
    )
    task = asyncio.create_task(agent.run())
    try:
        yield agent
    finally:
        agent.stop()
        await task


async def run_until_killed(
    folder: Path, rack: Rack, service: FakeService, killer: KillAt, *, clock: Clock | None = None, **more: Any
) -> None:
    """Run an agent until ``killer`` strikes."""
    agent = Agent(
        settings(folder, **more),
        join_token="join",
        observers=(killer,),
        open_driver=rack.open_driver,
        open_service=service.client,
        clock=clock,
    )
    async with asyncio.timeout(5.0):
        with pytest.raises(BaseExceptionGroup) as group:
            await agent.run()
    assert killer.done
    assert group.value.split(Killed)[1] is None, group.value
