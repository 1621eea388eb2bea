"""A twin of Zeta switches (grammar: Zeta command reference, chapter 2)."""

import copy
import json
from contextlib import asynccontextmanager
from typing import Any

from drivers.conformance import Ground, Login, Subject
from drivers.conformance.memory import MemoryConnection
from drivers.errors import AuthFailed

PORTS = ("e1", "e2", "e3", "e4", "e5")
SECRET = "hush-hush"


class Twin:
    def __init__(self):
        self.writes = 0
        self.running: dict[str, dict[str, Any]] = {}
        self.reset()

    def reset(self):
        ports = {port: {"enabled": True} for port in PORTS}
        self.running = {"users": {"admin": SECRET}, "vlans": {}, "ports": ports}
        self.startup = copy.deepcopy(self.running)

    def restart(self):
        self.running = copy.deepcopy(self.startup)

    def start(self, _command, stream):
        rest, status = "", 0

        def talk(data):
            nonlocal rest, status
            *whole, rest = (rest + data.decode()).split("\n")
            said = ""
            for line in whole:
                if line.startswith("mark "):
                    said += f"#{line[5:]} {status}\n"
                else:
                    answer, status = self.answer(line)
                    said += answer
            return said.encode()

        stream.talk = talk

    def answer(self, line):
        match line.split(" ", 4):
            case ["show"]:
                return json.dumps(self.running, indent=1) + "\n", 0
            case ["save"]:
                self.startup = copy.deepcopy(self.running)
            case [":"]:
                pass
            case ["set", "vlan", number, *name]:
                self.change("vlans", number, {"name": name[1]} if len(name) > 1 else {})
            case ["delete", "vlan", number]:
                self.writes += 1
                self.running["vlans"].pop(number, None)
            case ["set", "port", port, ("mode" | "enabled" | "description") as field, *value] if port in PORTS:
                shown = dict(self.running["ports"][port])
                self.change("ports", port, set_port(shown, field, "".join(value)))
            case _:
                return "what?\n", 1
        return "", 0

    def change(self, section, key, value):
        self.writes += 1
        self.running[section][key] = value


def set_port(port, field, value):
    if field == "mode":
        mode, _, words = value.partition(" ")
        numbers = [int(word) for word in words.split(",") if word.isdigit()]
        said = {"access": {"access_vlan": (*numbers, None)[0]}, "trunk": {"trunk_vlans": numbers}}.get(mode)
        port = {name: shown for name, shown in port.items() if name in ("enabled", "description")}
        return port if said is None else port | {"mode": mode} | said
    if field == "enabled":
        return port | {"enabled": value == "True"}
    return {name: shown for name, shown in (port | {field: value}).items() if shown != ""}


@asynccontextmanager
async def subject(profile):
    """A twin of its own for each subject."""
    twin = Twin()

    async def connect():
        return MemoryConnection(twin.start)

    async def login(wanted: Login):
        if wanted.wrong_secret:
            raise AuthFailed("zeta refuses the login: check credentials")
        return await connect()

    async def call(function):
        function()

    async def writes():
        return twin.writes

    yield Subject(
        profile=profile,
        ground=Ground(ports=PORTS[:4], prompt="#zeta 0"),
        open=connect,
        reset=lambda: call(twin.reset),
        writes=writes,
        restart=lambda: call(twin.restart),
        login=login,
        secrets=(SECRET,),
        grammar="Zeta command reference, chapter 2",
    )
