"""Console servers that speak each family's dialogue, with a switch at the far end of a port.

Written from the families' documents, and apart from the data that the tests prove: prompts, answers and keys stand here
a second time.
"""

import asyncio
import contextlib
import dataclasses
import re
from dataclasses import dataclass, field
from typing import ClassVar

import asyncssh

from device_profiles.console_server import console_servers
from drivers.line.negotiation import Negotiation
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.terminal import Respawned, Terminal

USER, PASSWORD = "ops", "pw-of-cs"
BREAK = b"\xff\xf3"


def hurry(monkeypatch):
    """Have nobody wait for long to see whether a server has something against it, or lets go."""
    known = {name: dataclasses.replace(each, settle_s=0.05) for name, each in console_servers().items()}
    monkeypatch.setattr("drivers.line.served_access.console_servers", lambda: known)
    monkeypatch.setattr("drivers.line.served_port._LEAVES_S", 0.05)
    monkeypatch.setattr("drivers.cli.login._QUIET_S", 0.01)


class Hangup(Exception):
    """The server ends the connection."""


@dataclass
class Port:
    """A port with a switch at its far end, which stays as it is when its callers change. ``held``: by whom."""

    switch: Switch = field(default_factory=lambda: Switch("cisco_ios"))
    held: str = ""
    group: int = 0
    session: "Session | None" = None
    logins: list[tuple[str, str]] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    breaks: int = 0
    left: int = 0
    menus: int = 0
    asks_again: str = ""
    got: bytearray = field(default_factory=bytearray)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self):
        self.talk = Respawned(lambda: Terminal(IosSession(self.switch)))

    async def until(self, check):
        async with asyncio.timeout(2):
            while not check():
                self.news.clear()
                await self.news.wait()


class Session:
    """One connection to a server. ``keys`` are those of the port's session: what each does behind the ``lead``."""

    lead, at_line_start = b"", False
    keys: ClassVar = {}
    telnet = True

    def __init__(self, port, reader, writer):
        self.port, self.reader, self.writer = port, reader, writer
        self.side = Negotiation()
        self.came = b""

    async def serve(self):
        with contextlib.suppress(Hangup, ConnectionError):
            await self.talk()
            await self.carry()
        self.port.news.set()
        self.writer.close()

    async def talk(self):
        """The way to the port."""

    def say(self, text):
        self.writer.write(text.encode())

    async def hear(self):
        data = await self.reader.read(4096)
        if not data:
            raise Hangup
        self.port.breaks += data.count(BREAK) if self.telnet else 0
        return self.side.take(data)[0] if self.telnet else data

    async def line(self, *, echo=True):
        while not re.search(rb"[\r\n]", self.came):
            self.came += await self.hear()
        line, self.came = re.split(rb"\r?\n|\r", self.came, maxsplit=1)
        if echo:
            self.say(line.decode())
        self.say("\r\n")
        return line.decode()

    async def login(self, user="login: ", password="Password: ", wrong="Login incorrect\r\n"):
        while True:
            self.say(user)
            name = await self.line()
            self.say(password)
            self.port.logins.append((name, await self.line(echo=False)))
            if self.port.logins[-1] == (USER, PASSWORD):
                return
            self.say(wrong)

    async def carry(self):
        """Between the caller and the switch, but for the server's own keys."""
        begun, fresh = b"", True
        while True:
            for byte in self.came:
                begun += bytes((byte,))
                if self.lead and (fresh or not self.at_line_start) and self.lead.startswith(begun[: len(self.lead)]):
                    act = self.keys.get(begun[len(self.lead) :])
                    if act is None and any(key.startswith(begun[len(self.lead) :]) for key in self.keys):
                        continue
                    self.act(act or begun)
                else:
                    self.to_device(begun)
                    fresh = begun[-1:] in (b"\r", b"\n")
                begun = b""
            self.came = await self.hear()
            self.port.news.set()

    def act(self, act):
        if isinstance(act, bytes):
            self.to_device(act)
        elif act == "break":
            self.port.breaks += 1
        else:
            self.port.left += 1
            raise Hangup

    def to_device(self, data):
        self.port.got += data
        self.port.news.set()
        self.writer.write(self.port.talk(data))


class Ser2net(Session):
    async def talk(self):
        if self.port.held:
            self.say("Port already in use\r\n")
            raise Hangup


class Cisco(Session):
    async def talk(self):
        self.say("\r\n\r\nUser Access Verification\r\n\r\n")
        await self.login("Username: ", wrong="% Login invalid\r\n\r\n")


class Opengear(Session):
    lead, at_line_start = b"~", True
    keys: ClassVar = {b".": "leave", b"b": "break", b"~": b"~"}

    async def talk(self):
        self.say("\r\n")
        await self.login("cm7148 login: ")


class Digi(Session):
    lead = b"\x1a"
    keys: ClassVar = {b"x": "leave", b"b": "break", b"\x1a": b"\x1a"}

    async def talk(self):
        await self.login()
        if self.port.held:
            self.port.menus += 1
            self.say("\r\n--- Port escape menu ---\r\n s. sniff session\r\n t. take over main session\r\n> ")
            await self.hear()


class Slc(Session):
    lead = b"\x1b"
    keys: ClassVar = {b"A": "leave", b"B": "break"}

    async def talk(self):
        await self.login(wrong="Login incorrect\r\n\r\n")
        self.say("Welcome to the console manager\r\n\r\n[slc30ef]> ")
        self.port.called.append(await self.line())
        if self.port.held:
            self.say(f"Port 3 is used by {self.port.held}\r\n[slc30ef]> ")
            await self.hear()

    def act(self, act):
        if act == "leave":
            self.port.left += 1
            self.port.news.set()
            self.say("\r\n[slc30ef]> ")
        else:
            super().act(act)


class Acs(Session):
    """Behind SSH: its command line, which may ask for the password of a port once more."""

    lead = b"\x1a"
    keys: ClassVar = {b"": "leave"}

    async def talk(self):
        self.say("Welcome to ACS8000 acs-1.\r\nType help for more information\r\n--:- / cli-> ")
        self.port.called.append(await self.line())
        self.say("--:- access cli-> ")
        self.port.called.append(await self.line())
        if self.port.held:
            self.say(f"*\r\n* * * ttyS3 is being used by ({self.port.held}) !!!\r\n*\r\n")
            self.say("\r\n5 - Quit\r\n\r\nEnter your option : ")
            await self.hear()
        if self.port.asks_again:
            self.say("Password: ")
            self.port.logins.append(("", await self.line(echo=False)))
            if self.port.logins[-1][1] != self.port.asks_again:
                self.say("Authentication failed.\r\n--:- access cli-> ")
                await self.hear()
        self.say("Type the hot key to suspend the connection: <CTRL>z\r\n")

    def act(self, act):
        self.port.left += 1
        self.port.news.set()
        self.say("\r\n--:- access cli-> ")


class Conserver(Session):
    """A group's port; the master's is :class:`Master`."""

    telnet = False
    lead = b"\x05c"
    keys: ClassVar = {b".": "leave", b"l0": "break", b"\\005": b"\x05"}

    async def talk(self):
        await self.enter()
        self.port.called.append(await self.line(echo=False))
        self.say("[spy]\r\n" if self.port.held else "[attached]\r\n")
        for _ in range(3):
            while len(self.came) < 3:
                self.came += await self.hear()
            asked, self.came = self.came[:3], self.came[3:]
            if asked == b"\x05ca":
                self.say(f"[no, {self.port.held} is attached]\r\n")
            elif asked == b"\x05c=":
                self.say("[up]\r\n")
            elif asked == b"\x05c;":
                self.say("[connected]\r\n")
                return

    async def enter(self):
        self.say("ok\r\n")
        who = (await self.line(echo=False)).removeprefix("login ")
        self.say("passwd? cs1\r\n")
        self.port.logins.append((who, await self.line(echo=False)))
        if self.port.logins[-1] != (USER, PASSWORD):
            self.say("invalid password\r\n")
            raise Hangup
        self.say("ok\r\n")

    async def line(self, *, echo=True):
        while b"\n" not in self.came:
            self.came += await self.hear()
        line, _, self.came = self.came.partition(b"\n")
        return line.decode().strip()


class Master(Conserver):
    async def talk(self):
        await self.enter()
        await self.line(echo=False)
        self.say(f"{self.port.group}\r\n")
        await self.hear()


@contextlib.asynccontextmanager
async def serving(kind, port):
    """A server of a kind, with this port; its TCP port."""
    tasks = set()

    async def serve(reader, writer):
        task = asyncio.current_task()
        tasks.add(task)
        port.session = kind(port, reader, writer)
        await port.session.serve()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*tasks)  # every caller hangs up


class SshServer(asyncssh.SSHServer):
    """Lets one user in, by whatever name ends in the port."""

    def __init__(self, port, connections):
        self.port, self.connections = port, connections

    def connection_made(self, conn):
        self.connections.append(conn)

    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        self.port.logins.append((username, password))
        return username.partition(":")[0] == USER and password == PASSWORD


@contextlib.asynccontextmanager
async def serving_ssh(kind, port):
    """A server of a kind, reached by SSH, which logs in; its TCP port and its host key."""

    class Inside(kind):  # type: ignore[valid-type, misc]
        telnet = False

        async def login(self, *prompts, **more):
            """SSH has done that."""

    async def serve(process):
        port.session = Inside(port, process.stdin, process.stdout)
        with contextlib.suppress(asyncssh.BreakReceived):
            await port.session.serve()
        process.exit(0)

    key, connections = asyncssh.generate_private_key("ssh-ed25519"), []
    server = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: SshServer(port, connections),
        server_host_keys=[key],
        process_factory=serve,
        encoding=None,
        line_editor=False,
        gss_host=None,
    )
    try:
        yield server.get_port(), key.get_fingerprint()
    finally:
        server.close()
        for each in connections:
            each.abort()
            await each.wait_closed()
        await server.wait_closed()
