"""IOS-like twins in memory, and drivers on them."""

from device_profiles.profile import load_profiles
from drivers.conformance.memory import MemoryConnection, MemoryStream
from drivers.credentials import Credential, Login
from drivers.registry import make_driver
from drivers.vendors.cisco_ios.dialect import Dialect
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.terminal import Terminal

PROFILES = ("cisco_ios", "cisco_xe", "cisco_nxos", "arista_eos")


def dialect(name):
    return Dialect(load_profiles()[name])


class Connection(MemoryConnection):
    """A connection that keeps what was sent over it."""

    def __init__(self, switch, login=None):
        super().__init__(self._begin)
        self.login = login or Login()
        self.switch = switch
        self.sent = []

    def _begin(self, command, stream: MemoryStream):
        terminal = Terminal(IosSession(self.switch))

        def talk(data):
            self.sent += [line for line in data.decode().splitlines() if not line.startswith("!")]
            return terminal.feed(data)

        stream.talk = talk
        stream.push(terminal.greet())


def driver_on(switch, *, secret=""):
    login = Login(secret=Credential(name="file:sw", text=f"pw\n{secret}")) if secret else None
    connection = Connection(switch, login)
    return make_driver(connection, load_profiles()[switch.profile]), connection


def a_switch(profile="cisco_ios"):
    return Switch(profile)
