"""The same trials over the twins: real drivers over bytes, so that what is cut, garbled or hangs is an answer's part.

Which twins, is a list of profiles (`schedules.TWINS`); what is declared on them, is what the conformance suite has for
any device of the kind. Who made what cannot be told on a twin, so the oracle holds what can be seen: the device is as
was declared last, nobody's power was cycled twice, what is left was made by us or was there, writing ends, and every
pass is told once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from agents.elements import elements
from device_profiles.catalogue import all_profiles
from device_profiles.documents import Management
from device_profiles.leaves import SHAPES
from device_profiles.state import Outlet, Port, State
from drivers.conformance import Subject
from drivers.conformance.goals import Goals
from drivers.conformance.managed import ManagedWire
from drivers.conformance.wire import Clock, Event, Fault, Stream, Wire
from drivers.errors import Unreachable
from drivers.registry import make_driver
from drivers.snmp.managed import Managed
from pointsman.subjects import factory
from tests.faults import oracle
from tests.faults.schedules import Act, Declared, Schedule
from tests.faults.switch import FIRST, LATENCY_S
from tests.faults.virtual import EPOCH
from tests.faults.world import POLL_S, BrokenDriver, World

TOKEN: Final = EPOCH
"""In a declaration: cycle it now."""
_LATE: Final = ("CycleExpired",)
"""How a cycle may rightly end where the agent's clock was set."""
_POINTS: Final = {"opening": "open", "sending": "command", "receiving": "answer"}
_NO_PORT: Final = Management(ports=("none",))
"""No port of a twin is the agent's way to it."""


class _Reached(Fault):
    """Tells of each event on the wire to one device, and does what is to happen there."""

    def __init__(self, device: TwinDevice, alive: Callable[[], None]) -> None:
        super().__init__()
        self._device = device
        self._alive = alive
        self._spoils = ""

    async def event(self, stream: Stream | None, event: Event) -> None:
        self._alive()
        if event not in _POINTS:
            return
        await asyncio.sleep(LATENCY_S)
        self._alive()
        await self._device.answers(stream)
        told = self._device.reach(_POINTS[event])
        self._alive()
        if told == "hang":
            await asyncio.Event().wait()
        self._spoils = told or self._spoils

    async def arrived(self, stream: Stream, data: bytes) -> bytes:
        spoils, self._spoils = self._spoils, ""
        if spoils == "garble":
            return b"\xff\xfe\x00 no word of it" + data[len(data) // 2 :]
        if spoils == "refuse":
            await stream.break_off()
            return data[: len(data) // 2]
        return data


class TwinDevice:
    """A twin behind wires on which ``reach`` is told of what happens."""

    def __init__(self, subject: Subject, *, reach: Callable[[str], str]) -> None:
        self.subject = subject
        self.reach = reach
        self.cut_until: dict[str, float] = {}
        self.away_until = 0.0
        self.silent = False
        self.state = State()
        """What it showed when the oracle last looked."""
        self._wires: list[Wire] = []
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def writes(self) -> int:
        """How many commands that change something it has had. A twin tells that at once, without waiting."""
        assert self.subject.writes is not None
        asking: Any = self.subject.writes()
        try:
            asking.send(None)
        except StopIteration as told:
            return int(told.value)
        raise AssertionError("a twin waits before it tells")

    async def open(self, alive: Callable[[], None] = lambda: None, *, faultless: bool = False) -> Wire:
        """A connection; a faultless one is the oracle's own."""
        inner = await self.subject.open()
        fault = Fault() if faultless else _Reached(self, alive)
        if isinstance(inner, Managed):
            limit_s = self.subject.profile.command_timeout_s
            wire: Wire = ManagedWire(inner, Clock(), fault, None, timeout_s=limit_s)
        else:
            wire = Wire(inner, Clock(), fault)
        if not faultless:
            self._wires.append(wire)
        return wire

    async def answers(self, stream: Stream | None) -> None:
        """Come back where the way is open. Raises ``Unreachable``, or never comes back."""
        if asyncio.get_running_loop().time() < max(self.cut_until.get(FIRST, 0.0), self.away_until):
            if self.silent:
                await asyncio.Event().wait()
            if stream is not None:
                await stream.break_off()
            raise Unreachable("no answer: the way is cut")

    async def look(self) -> State:
        """What it shows of what its profile declares."""
        wire = await self.open(faultless=True)
        driver = make_driver(wire, self.subject.profile)
        want = frozenset(self.subject.profile.capabilities) & SHAPES
        try:
            self.state = await driver.read(tuple(want))
        finally:
            await driver.close()
            await _hang_up(wire)
        return self.state

    def hang_up(self) -> None:
        """Every session ends."""
        wires, self._wires = self._wires, []
        for wire in wires:
            wire.lost = True
            task = asyncio.create_task(_hang_up(wire))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    drop = hang_up

    def restart(self, *, away_s: float) -> None:
        """Lose power: what was not saved is gone, where it is a device that has to be told to save."""
        self.away_until = asyncio.get_running_loop().time() + away_s
        self.hang_up()
        if self.subject.restart is not None:
            asking: Any = self.subject.restart()
            with contextlib.suppress(StopIteration):
                asking.send(None)

    def heal(self) -> None:
        self.cut_until.clear()
        self.away_until, self.silent = 0.0, False


async def _hang_up(wire: Wire) -> None:
    await wire.close()
    await wire.inner.close()


class TwinWorld(World):
    """One trial with a twin."""

    def __init__(self, folder: Path, schedule: Schedule, subject: Subject) -> None:
        super().__init__(folder, schedule)
        self.switch: Any = TwinDevice(subject, reach=self.reach)
        able = subject.profile.capabilities
        capabilities = able if schedule.watched else tuple(each for each in able if each != "watch")
        self._profile = replace(subject.profile, poll_s=POLL_S, capabilities=capabilities)
        self.declarations = declarations(subject)
        self.access, self.management = (f"ssh://{FIRST}",), _NO_PORT
        self.declared = self.declarations[schedule.first % len(self.declarations)]
        self.tokens = 0
        self.open: frozenset[str] = frozenset()
        """Ports that were open at first, and are to be left open: a bundle's own are shut where it is taken apart."""

    def remember(self, before: State) -> None:
        """Know what the twin was before anything happened."""
        bundled = {
            member for each in self.declarations for lag in each.state.lags.values() for member in lag.members or ()
        }
        self.open = frozenset(name for name, port in before.ports.items() if port.enabled) - bundled

    def opening(self, alive: Callable[[], None]) -> Any:
        device: TwinDevice = self.switch

        async def open_driver(access: Any, *, profile: Any, **more: Any) -> Any:
            del access, more
            alive()
            await device.answers(None)
            if device.reach("open") == "hang":
                await asyncio.Event().wait()
            wire = await device.open(alive)
            return make_driver(wire, profile), wire

        return open_driver

    def declare(self, declared: Declared) -> None:
        at = EPOCH + timedelta(seconds=asyncio.get_running_loop().time())
        cycled = {key for key, item in declared.state.outlets.items() if item.cycled_at is not None}
        self.tokens += bool(cycled)
        outlets = {key: replace(declared.state.outlets[key], cycled_at=at) for key in cycled}
        super().declare(replace(declared, state=replace(declared.state, outlets={**declared.state.outlets, **outlets})))

    def _must_be_confirmed(self, pass_id: str) -> bool:
        del pass_id
        return False  # nothing that is declared here cuts us off

    def _fail(self, act: Act) -> str:
        if act.kind == "break":
            raise BrokenDriver("something in the driver breaks")
        return "" if act.kind == "hang" and act.point == "command" else act.kind

    def _theirs(self, act: Act) -> None:
        self._drop(act)

    _drift = _theirs


def declarations(subject: Subject) -> tuple[Declared, ...]:
    """What is declared on a twin: both sides of the suite's cases, and cycles of an outlet whose power nobody declares.

    Outlets are named after nobody that has another feed, so an outage is allowed.
    """
    goals = Goals(subject.profile, subject.ground, few=True)
    sides = (side for case in goals.cases for side in (case.before, case.after))
    found = [Declared(side.state, allow=("outage",)) for side in sides if not side.absent]
    if subject.ground.outlets:
        one, other = subject.ground.outlets[:2]
        found = [each for each in found if other not in each.state.outlets]
        cycled = {other: Outlet(cycled_at=TOKEN)}
        found += [Declared(State(outlets=cycled), ("outage",), _LATE)] * 2
        found += [Declared(State(outlets={one: Outlet(power="off"), **cycled}), ("outage",), _LATE)]
    return (*found, Declared(State()))


def last(subject: Subject) -> Declared:
    """What is declared when all faults are over."""
    if subject.ground.outlets:
        one, other = subject.ground.outlets[:2]
        wanted = State(outlets={one: Outlet(power="on"), other: Outlet(cycled_at=TOKEN)})
        return Declared(wanted, ("outage",), _LATE)
    goals = Goals(subject.profile, subject.ground)
    return Declared(goals.whole.after.state)


async def boots(world: TwinWorld) -> int:
    """How often what hangs at the cycled outlet got its power back."""
    subject = world.switch.subject
    if subject.machines is None or len(subject.ground.outlets) < 2:
        return 0
    return len(await subject.machines.boots(subject.ground.outlets[1]))


async def as_declared(world: TwinWorld) -> list[str]:
    """Whether the twin shows what was declared last."""
    status, reason = oracle.converged(world)
    wanted = world.declared.state
    bare = replace(
        wanted,
        outlets={key: replace(item, cycled_at=None) for key, item in wanted.outlets.items()},
        ports={key: _without_native(port) for key, port in wanted.ports.items()},
    )
    shown = await world.switch.look()
    if status is not True:
        rightly = {"RolledBack": "rollback", "CycleExpired": "clock"}.get(reason, "") in world.seen
        return [] if rightly else [f"never converged: {reason}"]
    found = [f"told converged, but not so: {path}" for path in oracle.lacking(bare, shown)]
    found += [f"left shut: {name}" for name in sorted(world.open) if _is_left_shut(shown, wanted, name)]
    if not world.service.converged("sw1", world.generation):
        found.append("the generation was not told as converged")
    return found


def _is_left_shut(shown: State, wanted: State, name: str) -> bool:
    """Whether a port is shut that nobody wants shut."""
    declared = wanted.ports.get(name, Port()).enabled
    return declared is None and shown.ports[name].enabled is False


def _without_native(port: Port) -> Port:
    """A port whose native VLAN is not listed: it is carried whether it is listed or not."""
    listed = elements(port.trunk_vlans)
    if str(port.native_vlan) not in listed:
        return port
    return replace(port, trunk_vlans=tuple(sorted(int(vlan) for vlan in listed if vlan != str(port.native_vlan))))


def left_over(world: TwinWorld, before: State, folder: Path) -> Iterator[str]:
    """What is there now and was not at first, and is not in the ledger: made by us, and forgotten."""
    known = oracle.ledger_of(folder).keys() | _made(before)
    for path in sorted(_made(world.switch.state) - known):
        yield f"made by us, declared by nobody, and in no ledger: {path}"


def _made(state: State) -> set[str]:
    found = {f"vlans.{vlan}" for vlan in state.vlans} | {f"lags.{lag}" for lag in state.lags}
    for name, item in state.lags.items():
        found |= {f"lags.{name}.members.{member}" for member in elements(item.members)}
    return found


@contextlib.asynccontextmanager
async def twin(profile: str) -> Any:
    """The twin of a profile."""
    found = all_profiles()[profile]
    made = factory(found.driver)
    assert made is not None
    async with made(found) as subject:
        yield subject
