"""A manager in this process: a Redfish service over TLS that tells of its consoles, and the SSH server behind them."""

import contextlib
from dataclasses import dataclass, field, replace

import asyncssh

from drivers.access import Access, parse_access
from drivers.credentials import Credential
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.service import PASSWORD, ROOT, USER
from pointsman.twins.vde import Console, Vde
from pointsman.twins.web import Web

SECRET = Credential(name="file:bmc", text=PASSWORD)
PROMPT = b"</>mgr-> "
COMMAND = "console com2"


@dataclass(eq=False)
class Manager:
    """``shared``: SSH leads to its command line first. ``busy``: what it says instead of leading on."""

    shared: bool = False
    busy: str = ""
    switch: Vde = field(default_factory=lambda: Vde(numports=12))
    breaks: int = 0
    typed: bytes = b""
    sessions: list["Session"] = field(default_factory=list)
    service: Enclosure = field(default_factory=lambda: Enclosure(blades=2, places=2, needs_login=True))

    def tell(self, *, system="TW1-B1", **console):
        """Have a system tell of its console."""
        self.service.resources[f"{ROOT}/Systems/{system}"]["SerialConsole"] = console


class Session(asyncssh.SSHServerSession):
    def __init__(self, manager):
        self.manager = manager
        self.console = None if manager.shared else Console(lambda: manager.switch)
        self.line = b""

    def connection_made(self, chan):
        self.channel = chan
        self.manager.sessions.append(self)

    def connection_lost(self, exc):
        self.manager.sessions.remove(self)

    def pty_requested(self, *_):
        return True

    def shell_requested(self):
        return True

    def session_started(self):
        self.channel.write(b"Welcome\r\n" + PROMPT if self.console is None else b"")

    def data_received(self, data, datatype):
        if self.console is not None:
            self.channel.write(self.console.feed(data))
            return
        self.manager.typed += data
        self.channel.write(data)
        self.line += data
        if self.line.endswith(b"\r"):
            self.run(self.line.strip().decode())
            self.line = b""

    def run(self, words):
        if self.manager.busy or words != COMMAND:
            self.channel.write(f"\r\n{self.manager.busy or 'no such command'}\r\n".encode() + PROMPT)
            return
        self.console = Console(lambda: self.manager.switch)
        self.channel.write(b"\r\nPress ~. to exit\r\n")

    def drop_back(self):
        """Somebody ends the console, and the manager's command line is there again."""
        self.console = None
        self.channel.write(b"\r\n" + PROMPT)

    def break_received(self, msec):
        self.manager.breaks += 1
        return True


class Server(asyncssh.SSHServer):
    def __init__(self, manager):
        self.manager = manager

    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == (USER, PASSWORD)

    def session_requested(self):
        return Session(self.manager)


@dataclass(frozen=True)
class Reached:
    """How a manager is reached. ``proof`` is all that it shows of itself."""

    manager: Manager
    access: Access
    port: int
    certificate: str
    host_key: str

    @property
    def proof(self):
        return f"{self.certificate} {self.host_key}"

    def to(self, system, *, pin=None, **options):
        """The access to a system's console."""
        return replace(self.access, path=system, pin=pin, options=tuple(options.items()))


@contextlib.asynccontextmanager
async def serving(manager, key):
    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: Server(manager),
        server_host_keys=[key],
        encoding=None,
        line_editor=False,
        config=None,
    )
    try:
        async with Web(manager.service, secure=True) as web:
            access = replace(parse_access(f"sol+redfish+https://{USER}@{web.address}"), secret=SECRET)
            yield Reached(manager, access, acceptor.get_port(), web.identity, key.get_fingerprint())
    finally:
        acceptor.close()
        await acceptor.wait_closed()
