"""Zeta switches: a configuration in JSON, changed by ``set`` lines (Zeta command reference, chapter 2)."""

import json
from dataclasses import replace
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

SWITCHING = {"mode", "access_vlan", "trunk_vlans"}
PORT = {"description", "enabled", *SWITCHING}
STATE = TypeAdapter(State)


class ZetaOs:
    capabilities: ClassVar = frozenset({"vlans", "vlans.name", *(f"ports.{field}" for field in PORT)})

    def __init__(self, connection, profile):
        self.able = self.capabilities & frozenset(profile.capabilities)
        shell, timeout_s = profile.shell, profile.command_timeout_s
        self.session = ShellSession(lambda: connection.stream(""), shell=shell, timeout_s=timeout_s)
        self.text, self.state, self.selection = "", EMPTY, Selection()

    async def read(self, want):
        if (text := await self.run("show")) != self.text:
            self.state, self.text = parse(text), text
        return self.selection.of(self.state, want)

    def plan(self, goal, observed):
        found = edits(goal, observed)
        limits.check(found, capabilities=self.able)
        return tuple(map(step, found))

    async def apply(self, step):
        for command in step.commands:
            await self.run(command)

    async def undo(self, step):
        await self.apply(replace(step, commands=step.undo))

    async def save(self):
        await self.run("save")

    async def operation(self, want):
        raise Unsupported("these switches do not tell what they are doing")

    async def facts(self):
        raise Unsupported("these switches tell nothing of themselves and of their neighbours")

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
        impact="outage" if edit.fields & {*SWITCHING, "enabled"} else "none",
        touches=edit.paths,
    )


def lines(edit, item):
    what = f"{edit.section[:-1]} {edit.key}"
    if item is None or edit.section == "vlans":
        return (yield f"set {what} name {item.name or ''}".removesuffix(" name ") if item else f"delete {what}")
    if edit.fields & SWITCHING:
        trunk = ",".join(map(str, item.trunk_vlans or ())) or "none"
        yield f"set {what} mode " + {None: "any", "access": f"access {item.access_vlan}"}.get(
            item.mode, f"trunk {trunk}"
        )
    for field in sorted(edit.fields - SWITCHING):
        value = getattr(item, field)
        yield f"set {what} {field} {'' if value is None else value}".rstrip()


def parse(text):
    try:
        found = json.loads(text)
        return STATE.validate_python({"vlans": found["vlans"], "ports": found["ports"]}, context=OBSERVED)
    except (KeyError, TypeError, ValueError):
        raise Garbled("the switch's configuration is not as it is printed elsewhere") from None


DRIVER = ZetaOs
