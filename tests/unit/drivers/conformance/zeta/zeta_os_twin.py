"""A twin of Zeta switches (grammar: Zeta command reference, chapter 2)."""

from contextlib import asynccontextmanager

from drivers.conformance import Ground, Login, Subject
from drivers.conformance.memory import MemoryConnection
from drivers.errors import AuthFailed

PORTS = ("e1", "e2", "e3", "e4", "e5")
SECRET = "hush-hush"


class Twin:
    def __init__(self):
        self.writes = 0
        self.reset()

    def reset(self):
        ports = {("port", port, "enabled"): "True" for port in PORTS} | {("port", port, "mode"): "any" for port in PORTS}
        self.running = {("user", "admin", "password"): SECRET} | ports
        self.startup = dict(self.running)

    def restart(self):
        self.running = dict(self.startup)

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
                lines = [" ".join(("set", *path, value)).rstrip() for path, value in sorted(self.running.items())]
                return "\n".join((*lines, "end\n")), 0
            case ["version"]:
                return "name zeta\nrelease 4.2\n", 0
            case ["save"]:
                self.startup = dict(self.running)
            case [":"]:
                pass
            case ["set", "vlan", number, *name]:
                self.change({("vlan", number): " ".join(name)})
            case ["delete", "vlan", number]:
                self.writes += 1
                self.running.pop(("vlan", number), None)
            case ["set", "port", port, ("mode" | "enabled" | "description") as field, *value] if port in PORTS:
                self.change({("port", port, field): "".join(value)})
            case _:
                return "what?\n", 1
        return "", 0

    def change(self, values):
        self.writes += 1
        self.running |= values
        self.running = {path: value for path, value in self.running.items() if value or path[0] == "vlan"}


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
