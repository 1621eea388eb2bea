"""A twin that is asked over HTTP, in the same process: a connection that is logged in, and no socket."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from drivers.contract import ByteStream
from drivers.errors import Unreachable, Unsupported
from drivers.rest.logins import LogIn
from drivers.rest.messages import Request, Response

AnswersT = TypeVar("AnswersT", bound=Callable[[Request], Response])


class Within(ABC, Generic[AnswersT]):
    """A connection to such a twin (see :class:`drivers.rest.served.Served`), which is a function of requests."""

    def __init__(self, twin: AnswersT, *, identity: str = "") -> None:
        self.twin = twin
        self.identity = identity
        self.closed = False

    @abstractmethod
    def headers(self) -> dict[str, str]:
        """What of a request shows who asks."""

    def log_in_by(self, log_in: LogIn) -> None:
        """A twin knows one way to log in."""
        del log_in

    async def stream(self, command: str) -> ByteStream:
        """Refused: there is no command line."""
        del command
        raise Unsupported("this twin has no command line: it is asked over HTTP")

    async def exchange(self, request: Request) -> Response:
        """One request and its response."""
        if self.closed:
            raise Unreachable("the connection was closed")
        return self.twin(replace(request, headers={**request.headers, **self.headers()}))

    async def close(self) -> None:
        """Close it."""
        self.closed = True
