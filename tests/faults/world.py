"""The world of one trial: a switch, a service, and an agent that is killed and started again, in virtual time.

Everything that acts goes through :meth:`World.reach`, which does what the schedule has for that point.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, Self
from unittest import mock

from agents import connections, process
from agents.elements import elements
from agents.observers import Moment, Phase
from device_profiles.documents import Management
from device_profiles.state import State
from device_profiles.wire import AgentRequest
from drivers.errors import Garbled, Rejected
from tests.faults.disk import Disk, LoopStore
from tests.faults.lives import Life, TrialService
from tests.faults.schedules import CUTTING, CUTTING_VLAN, DECLARATIONS, ERRORS, FOUND, Act, Declared, Schedule
from tests.faults.switch import FIRST, SECOND, TrialRack, TrialSwitch
from tests.faults.virtual import WorldClock
from tests.unit.agents.agent import desired
from tests.unit.agents.devices import PROFILE

CANARY: Final = "canary-Vb7-never-told"
_VARIABLE: Final = "POINTSMAN_SECRET_TRIAL"
POLL_S: Final = 30.0
_PROFILE: Final = replace(PROFILE, poll_s=POLL_S)
_WATCHED: Final = replace(_PROFILE, capabilities=(*PROFILE.capabilities, "watch"))
_START_S: Final = 0.3
_BUSY_S: Final = 2.0


class BrokenDriver(Exception):
    """A driver's own fault: no DeviceError, raised where a secret is at hand."""


class World:
    """One trial. ``async with`` starts the agent, and keeps it started until it is left."""

    def __init__(self, folder: Path, schedule: Schedule) -> None:
        self.folder = folder
        self.clock = WorldClock()
        self.disk = Disk(self.reach)
        self.switch = TrialSwitch(FOUND, reach=self.reach)
        self.switch.shows_all = schedule.shows_all
        self._profile = _WATCHED if schedule.watched else _PROFILE
        self.service = TrialService(self)
        self.injected: Counter[str] = Counter()
        self.begun: dict[str, Moment] = {}
        """Passes that were on disk before they acted."""
        self.old: dict[int, frozenset[str]] = {}
        """Of each generation, which of its marks stood when it was first tried with a way back."""
        self.generation = 0
        self.declarations = DECLARATIONS
        self.access = (f"ssh://{FIRST}", f"telnet://{SECOND}:2003")
        self.management = Management()
        self.declared: Declared = self.declarations[schedule.first]
        self._before: Declared = self.declared
        self.lost: list[tuple[int, datetime]] = []
        """To which generations the service went back, and when, after a later one was proved."""
        self.seen: set[str] = set()
        """What was ever declared or drifted, by the kinds of acts."""
        self._armed: list[tuple[Act, list[int]]] = []
        self._pass_at = -1000.0
        self._life: Life | None = None
        self._start_at = 0.0
        self._healed = asyncio.Event()
        self._requests = 0

    def opening(self, alive: Callable[[], None]) -> Any:
        """How one life of the agent opens devices."""
        return TrialRack(self.switch, alive=alive).open_driver

    # -- the agent ---------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self.declare(self.declared)
        self._keeper = asyncio.create_task(self._keep_running())
        return self

    async def __aexit__(self, *failure: object) -> None:
        self._keeper.cancel()
        if self._life is not None:
            if failure[0] is None:
                self._life.agent.stop()
            else:
                self._life.kill()
            await asyncio.wait([self._life.task])

    async def _keep_running(self) -> None:
        while True:
            self._life = Life(self)
            await asyncio.wait([self._life.task])
            self._life.task.result()
            await asyncio.sleep(_START_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._start_at):
                    await self._healed.wait()

    def keeps_running(self) -> None:
        """Raises what ended an agent that nobody killed."""
        if self._keeper.done():
            self._keeper.result()

    def kill(self, *, for_s: float) -> None:
        if self._life is not None:
            self._start_at = asyncio.get_running_loop().time() + for_s
            self._life.kill()

    def open_store(self, file: Path) -> LoopStore:
        """What the agent makes in place of its store."""
        store = LoopStore(file, disk=self.disk)
        assert self._life is not None
        self._life.store = store
        return store

    # -- points ------------------------------------------------------------------------------------------------------

    def notice(self, moment: Moment) -> None:
        self._pass_at = asyncio.get_running_loop().time()
        if moment.phase == Phase.APPLYING:
            self.begun[moment.pass_id] = moment
            if moment.step == 1 and self._must_be_confirmed(moment.pass_id):
                self.old.setdefault(self.generation, marks(self.switch.state))
            elif moment.step == 1:
                # What cuts us off was refused (no way back just now), and all else is done: it stays, whatever comes.
                self.old.pop(self.generation, None)
        self.reach(moment.phase)

    def _must_be_confirmed(self, pass_id: str) -> bool:
        assert self._life is not None
        assert self._life.store is not None
        return self._life.store.way_of(pass_id) != ""

    @property
    def is_passing(self) -> bool:
        """Whether a pass may be under way, which cannot know what is done by hand meanwhile."""
        return asyncio.get_running_loop().time() - self._pass_at < _BUSY_S

    def arm(self, act: Act) -> None:
        self._armed.append((act, [act.nth]))

    def reach(self, point: str) -> str:
        """Somebody is at ``point``: do what is to be done there. May raise a DeviceError; ``hang`` is to hang."""
        told = ""
        for item in list(self._armed):
            act, left = item
            if act.point != point:
                continue
            left[0] -= 1
            if left[0] == 0:
                self._armed.remove(item)
                told = self.do(act) or told
        return told

    def disarm(self) -> None:
        self._armed.clear()

    # -- actions -----------------------------------------------------------------------------------------------------

    def do(self, act: Act) -> str:
        """Do it now."""
        self.injected[act.kind] += 1
        self.seen.add(act.kind)
        if act.kind in ERRORS:
            return self._fail(act)
        getattr(self, f"_{act.kind}")(act)
        return ""

    def _fail(self, act: Act) -> str:
        if act.kind == "hang":
            return "hang" if act.point != "command" else ""
        secret = CANARY
        raise {
            "garble": Garbled("half an answer"),
            "refuse": Rejected("the device says no"),
            "break": BrokenDriver(f"a driver's fault near {len(secret)} letters"),
        }[act.kind]

    def _kill(self, act: Act) -> None:
        self.kill(for_s=act.lasts_s)

    def _service(self, act: Act) -> None:
        self.service.go()
        asyncio.get_running_loop().call_later(act.lasts_s, self.service.come)

    def _lose_answer(self, act: Act) -> None:
        self.service.lose_next_answer = True

    def _replay(self, act: Act) -> None:
        self.service.replay()

    def _cut(self, act: Act, *, hosts: tuple[str, ...] = (FIRST,), silent: bool = False) -> None:
        until = asyncio.get_running_loop().time() + act.lasts_s
        self.switch.silent = silent
        self.switch.cut_until.update(dict.fromkeys(hosts, until))

    def _cut_both(self, act: Act) -> None:
        self._cut(act, hosts=(FIRST, SECOND))

    def _cut_silently(self, act: Act) -> None:
        self._cut(act, silent=True)

    def _drop(self, act: Act) -> None:
        self.switch.drop()

    def _restart(self, act: Act) -> None:
        self.switch.restart(away_s=act.lasts_s)

    def _full(self, act: Act) -> None:
        self.disk.full = act.nth

    def _clock(self, act: Act) -> None:
        self.clock.ahead_s += (act.number - 3.5) * 7200

    def _theirs(self, act: Act) -> None:
        """Somebody changes what nobody declares."""
        switch = self.switch
        with switch.hands():
            if act.number % 3 == 0:
                switch.by_hand("ports", "p5", description=f"theirs {act.number}")
            elif act.number % 3 == 1:
                switch.by_hand("vlans", "71", name="theirs")
            else:
                shown = elements(switch.state.ports["p1"].trunk_vlans)
                switch.by_hand("ports", "p1", trunk_vlans=tuple(sorted({*map(int, shown), 70})))
                if self.is_passing:
                    switch.disputed.add("ports.p1.trunk_vlans.70")

    def _drift(self, act: Act) -> None:
        """Somebody changes what may be declared."""
        switch = self.switch
        with switch.hands():
            if act.number % 4 == 0:
                switch.by_hand("ports", "p1", description="drifted")
            elif act.number % 4 == 1 and 40 in switch.state.vlans:
                switch.remove_by_hand("vlans", "40")
            elif act.number % 4 == 2:
                shown = elements(switch.state.ports["p1"].trunk_vlans).keys() - {"40", "50"}
                switch.by_hand("ports", "p1", trunk_vlans=tuple(sorted(map(int, shown))))
            else:
                if 50 not in switch.state.vlans:
                    switch.disputed.add("vlans.50")
                switch.by_hand("vlans", "50", name="drifted")

    def _declare(self, act: Act) -> None:
        self.declare(self.declarations[act.number % len(self.declarations)])

    def declare(self, declared: Declared) -> None:
        """A new generation."""
        self.generation += 1
        self._before, self.declared = self.declared, declared
        wanted = desired("sw1", self.generation, declared.state, allow=declared.allow)
        self.service.assign(
            wanted,
            profile=self._profile,
            access=self.access,
            management=self.management,
            credentials=f"env:{_VARIABLE}",
        )

    def _put_back(self, act: Act) -> None:
        """The service's database is restored; its numbers go back, and are given again to other content."""
        proved = self.service.converged("sw1", self.generation)
        if not self.service.put_back():
            return
        self.old.pop(self.generation, None)
        self.generation -= 1
        self.old.pop(self.generation, None)
        if proved and self.declared.state != self._before.state:
            self.lost.append((self.generation, self.clock.now()))
        self.declared = self._before

    def _rollback(self, act: Act) -> None:
        self._requests += 1
        deadline = self.clock.now() + timedelta(seconds=60)
        request = AgentRequest(id=f"r{self._requests}", node="sw1", kind="rollback", body={}, deadline=deadline)
        self.service.ask(request)

    def heal(self) -> None:
        """All faults are over."""
        self.disarm()
        self.disk.full = 0
        self.switch.heal()
        self.service.come()
        self.service.lose_next_answer = False
        self.service.overrule()
        self._healed.set()


def marks(state: State) -> frozenset[str]:
    """What only a declaration that cuts us off leaves on the device, beside the cut."""
    found = {"ports.p1.description"} if state.ports["p1"].description == CUTTING else set()
    return frozenset(found | ({f"vlans.{CUTTING_VLAN}"} if CUTTING_VLAN in state.vlans else set()))


@contextmanager
def patched(world: World) -> Iterator[None]:
    """The agent's store and its connections' deadlines, in a trial's disk and time."""
    time = SimpleNamespace(monotonic=lambda: asyncio.get_running_loop().time())
    with (
        mock.patch.object(process, "Store", world.open_store),
        mock.patch.object(connections, "time", time),
        mock.patch.dict("os.environ", {_VARIABLE: CANARY}),
    ):
        yield
