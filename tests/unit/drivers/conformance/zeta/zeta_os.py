"""Zeta switches: a configuration of ``set`` lines (Zeta command reference, chapter 2)."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, ClassVar

from device_profiles.state import EMPTY, Port, State, Vlan
from drivers import limits
from drivers.contract import Step
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.planning import Edit, edits
from drivers.selection import Selection
from drivers.session import ShellSession

SWITCHING = frozenset({"mode", "access_vlan", "trunk_vlans"})
PORT = SWITCHING | {"description", "enabled"}


class ZetaOs:
    capabilities: ClassVar = frozenset({"vlans", "vlans.name", *(f"ports.{field}" for field in PORT), "facts"})

    def __init__(self, connection, profile):
        self.able = self.capabilities & frozenset(profile.capabilities)
        timeout_s = profile.command_timeout_s
        self.session = ShellSession(lambda: connection.stream(""), shell=profile.shell, timeout_s=timeout_s)
        self.text, self.state, self.selection = "", EMPTY, Selection()

    async def read(self, want):
        text = await self.run("show")
        if text != self.text:
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
        for command in step.undo:
            await self.run(command)

    async def save(self):
        await self.run("save")

    async def operation(self, want):
        raise Unsupported("these switches do not tell what they are doing")

    async def facts(self):
        words = dict(line.split(" ", 1) for line in (await self.run("version")).splitlines() if " " in line)
        if not {"name", "release"} <= words.keys():
            raise Garbled("the switch's version is not as it is printed elsewhere")
        return {"schema": 1, "platform": "zeta_os", "platform_version": words["release"], "hostname": words["name"]}

    async def links(self):
        raise Unsupported("these switches speak no LLDP")

    async def close(self):
        await self.session.close()

    async def run(self, command):
        reply = await self.session.run(command)
        if reply.status:
            raise Rejected(f"the switch refuses '{command}': {reply.line}")
        return reply.strict_text()


def step(edit: Edit) -> Step:
    if edit.section == "ports" and edit.before is None:
        raise Unsupported(f"ports.{edit.key} is declared, and the switch has no such port")
    said = {name: value for name, value in asdict(edit.after).items() if value is not None} if edit.after else {}
    after = replace(edit.before, **said) if edit.before and edit.after else edit.after
    return Step(
        capability=edit.section if not edit.fields else f"{edit.section}.{min(edit.fields)}",
        text=f"{edit.section} {edit.key}: {', '.join(sorted(edit.fields)) or 'made or removed'}",
        commands=tuple(_lines(edit, after)),
        undo=tuple(_lines(edit, edit.before)),
        impact="outage" if edit.fields & {*SWITCHING, "enabled"} else "none",
        touches=edit.paths,
    )


def _lines(edit: Edit, item: Any) -> Iterator[str]:
    what = f"{edit.section[:-1]} {edit.key}"
    if item is None or edit.section == "vlans":
        yield f"delete {what}" if item is None else f"set {what} name {item.name or ''}".removesuffix(" name ")
        return
    if edit.fields & SWITCHING:
        words = {None: "any", "access": f"access {item.access_vlan}", "trunk": f"trunk {_numbers(item.trunk_vlans)}"}
        yield f"set {what} mode {words[item.mode]}"
    if "description" in edit.fields:
        yield f"set {what} description {item.description or ''}".rstrip()
    if "enabled" in edit.fields:
        yield f"set {what} enabled {item.enabled}"


def _numbers(vlans: Any) -> str:
    return ",".join(map(str, vlans or ())) or "none"


def parse(text: str) -> State:
    *found, end = text.splitlines() or [""]
    vlans: dict[int, Vlan] = {}
    ports: dict[str, Port] = {}
    for line in found:
        match line.split(" ", 4):
            case ["set", "vlan", number, *name]:
                vlans[int(number)] = Vlan(name=name[1] if name else None)
            case ["set", "port", port, field, value]:
                ports[port] = replace(ports.get(port, Port()), **_values(field, value))
            case ["set", "user", *_]:
                continue
            case _:
                raise Garbled("the configuration has a line that is none")
    if end != "end":
        raise Garbled("the configuration has no end")
    return State(vlans=dict(sorted(vlans.items())), ports=dict(sorted(ports.items())))


def _values(field: str, value: str) -> dict[str, Any]:
    if field != "mode":
        return {field: value == "True" if field == "enabled" else value}
    mode, _, words = value.partition(" ")
    vlans = tuple(int(word) for word in words.split(",") if word.isdigit())
    cleared: dict[str, Any] = {"mode": None, "access_vlan": None, "trunk_vlans": None}
    said = {"access": {"mode": mode, "access_vlan": (*vlans, None)[0]}, "trunk": {"mode": mode, "trunk_vlans": vlans}}
    return cleared | said.get(mode, {})


DRIVER = ZetaOs
