"""A device of a few resources, in this process."""

import orjson

from drivers.credentials import Credential, Login
from drivers.errors import Unsupported
from drivers.rest.messages import Request, Response

PASSWORD = "a-secret-of-bmc1"


class Device:
    """Answers by a function; remembers what it was asked (:class:`drivers.rest.served.Served`)."""

    identity = ""
    closed = False

    def __init__(self, answer=None, pages=None) -> None:
        self.answer = answer or self.page
        self.pages = dict(pages or {})
        self.asked: list[Request] = []
        self.login = Login(user="admin", secret=Credential(name="file:bmc1", text=PASSWORD))

    def log_in_by(self, log_in) -> None:
        self.log_in = log_in

    async def stream(self, command: str):
        raise Unsupported("none")

    async def exchange(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answer(request)

    async def close(self) -> None:
        self.closed = True

    def page(self, request: Request) -> Response:
        found = self.pages.get(request.path)
        if found is None:
            return Response(status=404)
        return found if isinstance(found, Response) else document(found)


def document(value, *, status: int = 200, **headers: str) -> Response:
    """A response with a document in it."""
    return Response(status=status, headers=headers, body=orjson.dumps(value))
