"""NETCONF in front of the Junos twin: the calls that NAPALM and PyEZ make for ports and the candidate.

Calls and replies after the Junos XML Management Protocol Developer Guide (`load-configuration`, `commit-configuration`,
`get-configuration compare="rollback"`, `get-commit-revision-information`) and RFC 6241 for errors.
"""

import shlex
import time
from xml.sax.saxutils import escape

import asyncssh
from lxml import etree  # type: ignore[import-untyped]

from drivers.conformance.memory import MemoryConnection
from pointsman.subjects.juniper_junos import switch as switch_in_use
from pointsman.twins.languages.junos import PORTS, Refused
from pointsman.twins.languages.server import HOST, LanguageServer
from tests.unit.drivers.libraries.twin import PASSWORD, dial

NAMESPACE = 'xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"'
END = b"]]>]]>"


class Session:
    """One NETCONF session; bytes in, bytes out."""

    ended = False

    def __init__(self, switch, now):
        self._switch = switch
        self._now = now
        self._came = b""

    def greet(self):
        capability = "<capability>urn:ietf:params:netconf:base:1.0</capability>"
        hello = f"<hello {NAMESPACE}><capabilities>{capability}</capabilities><session-id>1</session-id></hello>"
        return hello.encode() + END

    def hang_up(self):
        self._switch.end(self)

    def feed(self, data):
        *whole, self._came = (self._came + data).split(END)
        return b"".join(self._answer(etree.fromstring(message.strip())) for message in whole)

    def _answer(self, message):
        if etree.QName(message).localname != "rpc":
            return b""
        asked = message[0]
        try:
            reply = self.reply(etree.QName(asked).localname, asked)
        except (Refused, AttributeError) as refusal:
            words = escape(" ".join(str(refusal).split()))
            severity = "<error-type>application</error-type><error-severity>error</error-severity>"
            reply = f"<rpc-error>{severity}<error-message>{words}</error-message></rpc-error>"
        number = message.get("message-id")
        return f'<rpc-reply {NAMESPACE} message-id="{number}">{reply}</rpc-reply>'.encode() + END

    def reply(self, name, asked):
        return getattr(self, name.replace("-", "_"))(asked)

    def lock_configuration(self, _):
        self._switch.begin("netconf", self)
        return "<ok/>"

    def unlock_configuration(self, _):
        self._switch.end(self)
        return "<ok/>"

    def load_configuration(self, asked):
        if asked.get("rollback") is not None:
            if self._switch.held is None:
                self._switch.begin("netconf", self)
            self._switch.rollback(int(asked.get("rollback")))
            return "<load-configuration-results><ok/></load-configuration-results>"
        for line in "".join(asked.itertext()).strip().splitlines():
            verb, *words = shlex.split(line)
            if verb == "set":
                self._switch.set(tuple(words))
            elif verb == "delete":
                self._switch.delete(tuple(words))
            else:
                raise Refused("syntax error")
        return "<load-configuration-results><ok/></load-configuration-results>"

    def get_configuration(self, _):
        text = f"<configuration-output>{escape(self._switch.changed())}</configuration-output>"
        return f"<configuration-information>{text}</configuration-information>"

    def commit_configuration(self, asked):
        minutes = asked.findtext("{*}confirm-timeout")
        held = self._switch.held is not None
        if not held:
            self._switch.begin("netconf", self)
        self._switch.commit(within_min=int(minutes) if minutes else None)
        if not held or self._switch.waits_minutes() is None:
            self._switch.end(self)
        return "<ok/>"

    def get_commit_revision_information(self, _):
        left = self._switch.waits_minutes()
        comment = "" if left is None else f"<comment>commit confirmed, rollback in {left}mins</comment>"
        seconds = int(self._now())
        return (
            f'<commit-revision-information><revision>re0-1</revision><date-time seconds="{seconds}">x</date-time>'
            f"{comment}</commit-revision-information>"
        )

    def get_system_uptime_information(self, _):
        at = f'<current-time><date-time seconds="{int(self._now())}">x</date-time></current-time>'
        return f"<system-uptime-information>{at}</system-uptime-information>"

    def get_interface_information(self, _):
        found = "".join(self._port(name) for name in PORTS)
        return f"<interface-information>{found}</interface-information>"

    def _port(self, name):
        shut = self._switch.has("interfaces", name, "disable")
        description = escape(self._switch.value("interfaces", name, "description") or "")
        told = {
            "name": name,
            "admin-status": "down" if shut else "up",
            "oper-status": "up" if name in self._switch.linked and not shut else "down",
            "description": description,
            "mtu": "1514",
            "speed": "1000mbps",
            "current-physical-address": "02:00:00:00:00:01",
        }
        inside = "".join(f"<{key}>{value}</{key}>" for key, value in told.items() if value)
        return f'<physical-interface>{inside}<interface-flapped seconds="5">x</interface-flapped></physical-interface>'


class Channel(asyncssh.SSHServerSession):
    """A session behind SSH, as the subsystem `netconf` (RFC 6242)."""

    def __init__(self, session):
        self._session = session

    def connection_made(self, chan):
        self._channel = chan

    def subsystem_requested(self, subsystem):
        return subsystem == "netconf"

    def session_started(self):
        self._channel.write(self._session.greet())

    def data_received(self, data, datatype):
        self._channel.write(self._session.feed(data))
        if self._session.ended:
            self._channel.exit(0)

    def connection_lost(self, exc):
        self._session.hang_up()


class Logins(asyncssh.SSHServer):
    """Who may log in, and what is served."""

    def __init__(self, make, password, connections):
        self._make, self._password, self._connections = make, password, connections

    def connection_made(self, conn):
        self._connections.add(conn)

    def begin_auth(self, username):
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == (self._password.user, self._password.password)

    def session_requested(self):
        return Channel(self._make())


class NetconfServer(LanguageServer):
    """Serves sessions over NETCONF in place of a terminal."""

    def __init__(self, make, *, password):
        super().__init__(make, password=password)
        self._make = make

    async def __aenter__(self):
        self._ssh = await asyncssh.listen(
            HOST,
            0,
            server_factory=lambda: Logins(self._make, self._password, self._connections),
            server_host_keys=[self._key],
            config=None,
            encoding=None,
        )
        return self

    @property
    def ssh_access(self):
        return super().ssh_access.replace("ssh://", "netconf://")


class JunosBench:
    """One switch; another one when it is reset. Time goes on when it is told to, as well."""

    def __init__(self):
        self.ahead_s = 0.0
        self.switch = switch_in_use(self.now)

    def now(self):
        return time.monotonic() + self.ahead_s

    async def later(self, seconds):
        self.ahead_s += seconds

    async def reset(self):
        self.switch = switch_in_use(self.now)

    async def writes(self):
        return self.switch.commits

    async def open(self):
        return MemoryConnection(self.start)

    def start(self, command, stream):
        session = Session(self.switch, self.now)
        stream.talk = session.feed
        stream.when_closed = session.hang_up
        stream.push(session.greet())

    async def login(self, wanted):
        """Log in with a password that is wrong, or where another device is expected."""
        async with NetconfServer(lambda: Session(self.switch, self.now), password=PASSWORD) as server:
            return await dial(
                server.ssh_access,
                password="wrong-one" if wanted.wrong_secret else PASSWORD.password,
                pin="SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" if wanted.wrong_identity else server.host_key,
            )
