"""A switch in memory and a driver for it, with faults at chosen points; and a service in memory.

The device is stateful and speaks a small language of its own (one JSON document a command), so that a step can be cut
between two of its commands and repeated, as on a real one. It counts every command that changes something.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from agents.elements import elements
from agents.goal import assemble_object
from device_profiles.compare import Change, Goal
from device_profiles.facts import Facts
from device_profiles.fields import Merge
from device_profiles.leaves import CREATABLE, FIELDS, RULES, SECTIONS, objects
from device_profiles.links import Neighbour
from device_profiles.operation import Operation, PortOperation
from device_profiles.paths import Path, shape_of
from device_profiles.profile import Profile
from device_profiles.state import State
from device_profiles.wire import Impact
from drivers.access import Access
from drivers.contract import ByteStream, Connection, Driver, OwnPath, Step
from drivers.credentials import Credential
from drivers.errors import DeviceError, Garbled, Rejected, Unreachable, WrongDevice
from drivers.planning import Edit, edits
from drivers.sending import may_send

__all__ = ["PROFILE", "FakeConnection", "FakeDriver", "FakeSwitch", "Rack"]

CAPABILITIES = (
    "ports.description", "ports.enabled", "ports.mode", "ports.access_vlan", "ports.native_vlan", "ports.trunk_vlans",
    "ports.mtu", "ports.stp.edge", "lags", "lags.members", "lags.lacp", "vlans", "vlans.name",
    "operation", "facts", "neighbours", "fdb", "own_path",
)  # fmt: skip
PROFILE = Profile(
    name="toy", title="Toy", vendor="Toy", kind="switch", driver="toy", capabilities=CAPABILITIES,
    persistence="startup", connect_timeout_s=1.0, command_timeout_s=1.0, poll_s=3600.0, facts_s=3600.0,
)  # fmt: skip
PDU = replace(PROFILE, name="toy_pdu", kind="pdu", capabilities=("outlets.power", "outlets.name"), persistence="none")


class FakeSwitch:
    """One device. ``faults`` maps a point (``open``, ``read``, ``apply``, ``save`` ...) to what happens there."""

    def __init__(self, state: State, *, identity: str = "SHA256:one") -> None:
        self.identity = identity
        self.writes = 0
        self.saves = 0
        self.calls: Counter[str] = Counter()
        self.faults: dict[str, DeviceError | str] = {}
        self.cut_after_commands: int | None = None
        """Lose the connection after so many more commands, in the middle of a step."""
        self.impact: Impact = "none"
        """Of every step."""
        self.shows_all = False
        """A port that becomes a trunk carries all VLANs until it is told which."""
        self.watchers: list[asyncio.Event] = []
        self.facts: dict[str, Any] = {}
        self.saved: State | None = state
        """What it would start from; None where it does not tell."""
        self._objects = {(s, k): {e.names: e.get(i) for e in FIELDS[s]} for s, k, i in objects(state)}
        self._state: State | None = None
        self.history: list[State] = []
        self.own_path: OwnPath | None = OwnPath()
        """By which way it says it is asked over its first access (``host``)."""
        self.host = ""
        self.is_cut: Callable[[State], bool] = lambda state: False
        """Whether its first access is cut while it shows this."""

    @property
    def state(self) -> State:
        """What it shows; the same object while nothing changes."""
        if self._state is None:
            sections: dict[str, dict[Any, Any]] = {name: {} for name in SECTIONS}
            for (section, key), values in self._objects.items():
                name = int(key) if section == "vlans" else key
                shown = {names: value for names, value in values.items() if value is not None}
                sections[section][name] = assemble_object(section, shown)
            self._state = State(**sections)
            self.history.append(self._state)
        return self._state

    def by_hand(self, section: str, key: str, **values: Any) -> None:
        """Somebody changes the device behind our back."""
        self._objects.setdefault((section, key), {}).update({(name,): value for name, value in values.items()})
        self._changed()

    def remove_by_hand(self, section: str, key: str) -> None:
        """Somebody removes an object."""
        self._objects.pop((section, key))
        self._changed()

    def push(self) -> None:
        """Tell watchers."""
        for watcher in self.watchers:
            watcher.set()

    def run(self, command: str) -> None:
        """Run one command of the device's language."""
        may_send()
        if self.cut_after_commands is not None:
            if self.cut_after_commands == 0:
                self.cut_after_commands = None
                raise Unreachable("the connection was cut")
            self.cut_after_commands -= 1
        self.writes += 1
        verb, path, value = json.loads(command)
        place = (path[0], path[1])
        if verb == "remove":
            self._objects.pop(place, None)
            if path[0] == "lags":
                self._objects.pop(("ports", path[1]), None)
        else:
            item = self._objects.setdefault(place, {})
            if path[0] == "lags":
                self._objects.setdefault(("ports", path[1]), {})
            if len(path) > 2:
                item[tuple(path[2:])] = tuple(value) if isinstance(value, list) else value
            if path[2:] == ["mode"]:
                self._switch_mode(item, value)
        self._changed()

    def _switch_mode(self, item: dict[Path, Any], mode: str) -> None:
        for name in ("trunk_vlans", "native_vlan") if mode == "access" else ("access_vlan",):
            item.pop((name,), None)
        if mode == "trunk" and self.shows_all:
            item[("trunk_vlans",)] = "all"

    def _changed(self) -> None:
        self._state = None
        assert self.state is not None
        self.push()

    async def at(self, point: str, host: str) -> None:
        """Come over the access ``host`` to a point at which something may happen."""
        if host == self.host and self.is_cut(self.state):
            raise Unreachable("no answer: the way is cut")
        self.calls[point] += 1
        fault = self.faults.get(point)
        if fault == "hang":
            await asyncio.Event().wait()
        if isinstance(fault, DeviceError):
            raise fault
        await asyncio.sleep(0)

    async def answer(self) -> None:
        """What happens between a command and its answer; nothing here."""


class FakeConnection:
    """One open connection."""

    def __init__(self, switch: FakeSwitch, host: str) -> None:
        self.switch = switch
        self.host = host
        self.closed = False

    @property
    def identity(self) -> str:
        return self.switch.identity

    async def stream(self, command: str) -> ByteStream:
        raise Garbled("this device has no streams")

    async def close(self) -> None:
        self.closed = True
        self.switch.push()


class FakeDriver:
    """A driver for :class:`FakeSwitch`."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {*CAPABILITIES, "outlets.power", "outlets.name", "watch", "unsaved"}
    )

    def __init__(self, connection: FakeConnection, profile: Profile) -> None:
        self.connection = connection
        self.switch = connection.switch
        self.profile = profile

    async def _at(self, point: str) -> None:
        await self.switch.at(point, self.connection.host)

    async def read(self, want: Any) -> State:
        await self._at("read")
        state = self.switch.state
        await self.switch.answer()
        return state

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        fault = self.switch.faults.get("plan")
        if isinstance(fault, DeviceError):
            raise fault
        return tuple(replace(_step(edit), impact=self.switch.impact) for edit in edits(goal, observed))

    async def apply(self, step: Step) -> None:
        await self._at("apply")
        for command in step.commands:
            self.switch.run(command)
        await self.switch.answer()

    async def undo(self, step: Step) -> None:
        await self._at("undo")
        for command in step.undo:
            self.switch.run(command)

    async def save(self) -> None:
        await self._at("save")
        self.switch.saves += 1
        self.switch.saved = self.switch.state

    async def unsaved(self) -> bool:
        await self._at("unsaved")
        if self.switch.saved is None:
            raise Rejected("not permitted")
        return self.switch.saved != self.switch.state

    async def operation(self, want: Any) -> Operation:
        await self._at("operation")
        ports = {name: PortOperation(oper_up=port.enabled) for name, port in self.switch.state.ports.items()}
        return Operation(at=datetime.now(UTC), source="toy", ports=ports)

    async def facts(self) -> Facts:
        await self._at("facts")
        return {"platform": "toy", "uptime_seconds": self.switch.calls["facts"], **self.switch.facts}

    async def links(self) -> tuple[Neighbour, ...]:
        await self._at("links")
        return (Neighbour(port="p1", kind="lldp", name="h1"),)

    async def own_path(self) -> OwnPath | None:
        return self.switch.own_path if self.connection.host == self.switch.host else OwnPath()

    async def changes(self) -> AsyncIterator[None]:
        news = asyncio.Event()
        self.switch.watchers.append(news)
        try:
            yield
            while not self.connection.closed:
                await news.wait()
                news.clear()
                yield
        finally:
            self.switch.watchers.remove(news)

    async def close(self) -> None:
        return None


def _step(edit: Edit) -> Step:
    creates = tuple(path for change in edit.changes for path in _made(change))
    ordered = sorted(edit.changes, key=lambda change: change.path[2:] != ("mode",))
    commands = tuple(command for change in ordered for command in _commands(change))
    return Step(
        capability=edit.section,
        text=f"set {edit.section} {edit.key}",
        commands=commands,
        undo=tuple(command for change in reversed(edit.changes) for command in _undoing(change)),
        impact="none",
        touches=edit.paths,
        creates=creates,
        removes=tuple(change.path for change in edit.changes if change.after is None),
    )


def _made(change: Change) -> list[Path]:
    if len(change.path) == 2:
        return [change.path] if change.after and change.path[0] in CREATABLE else []
    if RULES[shape_of(change.path)].merge is not Merge.UNION:
        return []
    return [(*change.path, key) for key in elements(change.after).keys() - elements(change.before).keys()]


def _commands(change: Change) -> list[str]:
    if change.after is None:
        return [json.dumps(["remove", change.path, None])]
    return [json.dumps(["make" if len(change.path) == 2 else "set", change.path, change.after])]


def _undoing(change: Change) -> list[str]:
    if len(change.path) == 2:
        return [json.dumps(["remove", change.path, None])] if change.after else []
    return [json.dumps(["set", change.path, change.before])]


class Rack:
    """Devices by host name; what the agent opens goes to them."""

    def __init__(self, **switches: FakeSwitch) -> None:
        self.switches = switches
        for host, switch in switches.items():
            switch.host = switch.host or host
        self.credentials: deque[Credential | None] = deque(maxlen=50)

    async def open_driver(
        self, access: Access, *, profile: Profile, credential: Credential | None, pin: str | None
    ) -> tuple[Driver, Connection]:
        switch = self.switches.get(access.host)
        if switch is None:
            raise Unreachable(f"{access}: no route")
        await switch.at("open", access.host)
        if pin is not None and pin != switch.identity:
            raise WrongDevice(f"{access} shows {switch.identity}, and shall show {pin}", shown=switch.identity)
        self.credentials.append(credential)
        connection = FakeConnection(switch, access.host)
        return FakeDriver(connection, profile), connection


def refuse(message: str = "no") -> Rejected:
    """A device that refuses."""
    return Rejected(message)


@contextlib.contextmanager
def fault(switch: FakeSwitch, point: str, what: DeviceError | str) -> Any:
    """For the length of a block something happens at ``point``."""
    switch.faults[point] = what
    try:
        yield
    finally:
        switch.faults.pop(point, None)
