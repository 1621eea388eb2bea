"""A console in memory: a terminal at the far end of a line that stays as it is when its callers change."""

import contextlib

from drivers.credentials import Credential, Login
from drivers.line.connection import LineConnection
from drivers.line.line import Line
from tests.unit.drivers.line.endpoint import MemoryEndpoint


class TalkingEndpoint(MemoryEndpoint):
    """An endpoint whose far end is a function from what was sent to what it says."""

    def __init__(self, talk, speed=None):
        super().__init__(speed)
        self.talk = talk

    async def write(self, data):
        await super().write(data)
        if said := self.talk(data):
            self.say(said)


class Has:
    """The line, which stays open whoever gives it back."""

    def __init__(self, line):
        self.line = line

    async def give_back(self):
        pass


@contextlib.asynccontextmanager
async def console(talk, *, user="", password="", wait_s=1.0, speed=None):
    """A line to ``talk``, and a connection over it."""
    endpoint = TalkingEndpoint(talk, speed)
    line = Line(endpoint, name="con1")
    line.start()

    async def again():
        return Has(line)

    secret = Credential(name="file:x", text=password) if password else None
    login = Login(user=user, secret=secret, asked=True, line=True)
    connection = LineConnection(login, first=Has(line), again=again, wait_s=wait_s)
    try:
        yield line, connection
    finally:
        await connection.close()
        await line.close()
