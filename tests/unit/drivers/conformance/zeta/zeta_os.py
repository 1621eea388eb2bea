"""Zeta switches: a configuration in JSON, changed by ``set`` lines (Zeta command reference, chapter 2)."""

import json
from functools import partial
from typing import ClassVar

from pydantic import TypeAdapter

from device_profiles.names import OBSERVED
from device_profiles.state import EMPTY, State
from drivers import limits
from drivers.contract import Step
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.planning import edits
from drivers.selection import Selection
from drivers.session import ShellSession

MODE = {"mode", "access_vlan", "trunk_vlans"}
ABLE = frozenset({"vlans", "vlans.name", "ports.description", "ports.enabled", *(f"ports.{x}" for x in MODE)})
STATE = TypeAdapter(State)


class ZetaOs:
    capabilities: ClassVar = ABLE

    def __init__(self, connection, profile):
        self.able, stream = profile.capabilities, partial(connection.stream, "")
        self.session = ShellSession(stream, shell=profile.shell, timeout_s=profile.command_timeout_s)
        self.text, self.state, self.selection = "", EMPTY, Selection()

    async def read(self, want):
        if (text := await self.run("show")) != self.text:
            self.state, self.text = parse(text), text
        return self.selection.of(self.state, want)

    def plan(self, goal, observed):
        return tuple(map(step, limits.check(edits(goal, observed), capabilities=self.able)))

    async def apply(self, step):
        [await self.run(command) for command in step.commands]

    async def undo(self, step):
        [await self.run(command) for command in step.undo]

    async def save(self):
        await self.run("save")

    async def operation(self, want):
        raise Unsupported("these switches tell nothing of themselves")

    async def facts(self):
        await self.operation(())

    links = facts

    async def close(self):
        await self.session.close()

    async def run(self, command):
        reply = await self.session.run(command)
        if reply.status:
            raise Rejected(f"the switch refuses '{command}': {reply.line}")
        return reply.strict_text()


def step(edit):
    return Step(
        capability=f"{edit.section}.{min(edit.fields)}" if edit.fields else edit.section,
        text=f"{edit.section} {edit.key}: {', '.join(sorted(edit.fields)) or 'made or removed'}",
        commands=tuple(lines(edit, edit.merged)),
        undo=tuple(lines(edit, edit.before)),
        impact="outage" if edit.fields & {*MODE, "enabled"} else "none",
        touches=edit.paths,
        creates=edit.creates,
        removes=edit.removes,
    )


def lines(edit, item):
    what = f"{edit.section[:-1]} {edit.key}"
    if item is None:
        return (yield f"delete {what}")
    if edit.section == "vlans":
        yield f"set {what}"
    if edit.fields & MODE:
        vlans = {"access": [item.access_vlan], "trunk": item.trunk_vlans}.get(item.mode) or ["none"]
        yield f"set {what} mode {item.mode or 'any'} {','.join(map(str, vlans))}"
    for field in sorted(edit.fields - MODE):
        yield f"set {what} {field} {'' if getattr(item, field) is None else getattr(item, field)}".rstrip()


def parse(text):
    try:
        return STATE.validate_python({name: json.loads(text)[name] for name in ("vlans", "ports")}, context=OBSERVED)
    except (KeyError, TypeError, ValueError):
        raise Garbled("the switch's configuration is not as it is printed elsewhere") from None


DRIVER = ZetaOs
