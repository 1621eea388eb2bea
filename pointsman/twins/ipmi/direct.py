"""A connection to a controller in this process, without a network."""

from __future__ import annotations

from drivers.contract import ByteStream
from drivers.errors import Unreachable, Unsupported
from drivers.ipmi.messages import Answer, Request
from drivers.sending import may_send
from pointsman.twins.ipmi.controller import Controller


class Direct:
    """See :class:`drivers.contract.Connection` and :class:`drivers.ipmi.messages.Commanded`."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        self.closed = False

    @property
    def identity(self) -> str:
        """As a login would prove it."""
        return self.controller.uuid

    async def exchange(self, request: Request) -> Answer:
        """One request and its answer."""
        may_send()
        if self.closed:
            raise Unreachable("the session was closed")
        return self.controller.answer(request)

    async def stream(self, command: str) -> ByteStream:
        """Refused: a controller has no command line."""
        del command
        raise Unsupported("IPMI asks and answers")

    async def close(self) -> None:
        """Log out."""
        self.closed = True
