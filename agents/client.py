"""The agent's one way to the service: it calls out, over TCP or a Unix socket, with its own token.

Every failure becomes one of three: :class:`ServiceAway` (try again later), :class:`NotWelcome` (the token is not, or no
longer, good), :class:`Refused` (the service will not take just this). Nothing of the HTTP library passes this file.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Protocol, TypeVar

import httpx
import orjson
from pydantic import TypeAdapter, ValidationError

from agents.reports import dump
from agents.tls import context_of, fault_of
from device_profiles.names import printable
from device_profiles.sse import BadStream, Event, EventParser
from device_profiles.wire import Answer, Enrolled, Enrolment, Stored

T = TypeVar("T")
_ENROLLED: Final = TypeAdapter(Enrolled)
_STORED: Final = TypeAdapter(Stored)
_SILENCE_S: Final = 40.0
"""The service sends a comment every 15 s: a stream that is silent for longer than two of them is dead."""
_JSON: Final = {"content-type": "application/json"}


class ServiceError(Exception):
    """The service did not do what was asked of it."""


class ServiceAway(ServiceError):
    """No service there, or it is not well: try again later."""


class NotWelcome(ServiceError):
    """The service does not know this token or this agent."""


class Refused(ServiceError):
    """The service will not take this, now or later."""


class Service(Protocol):
    """What an agent needs of the service. All calls raise :class:`ServiceError` and nothing else."""

    token: str
    """The agent's own, from enrolment on."""

    async def enrol(self, enrolment: Enrolment, *, join_token: str) -> Enrolled:
        """Introduce this agent, once."""

    async def send_reports(self, agent: str, body: bytes) -> Stored:
        """Hand over a batch."""

    async def send_answer(self, agent: str, request_id: str, answer: Answer) -> None:
        """Answer a request."""

    async def send_standing(self, agent: str, body: bytes) -> None:
        """Say of which nodes the service is not believed."""

    async def attach(self, agent: str, node: str, body: bytes) -> None:
        """Declare a node of this agent's own location, or add an access to one."""

    def assignments(self, agent: str, *, after: str) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """The stream of what is assigned and asked, resumed after the event ``after``."""

    async def close(self) -> None:
        """Close all connections."""


class ServiceClient:
    """The service over HTTP."""

    def __init__(self, url: str, *, ca_file: Path | None = None, timeout_s: float = 20.0) -> None:
        path = url.removeprefix("unix:")
        base = "http://pointsman" if path != url else url
        # Authorities take 30 ms to load: only where they are asked.
        tls = context_of(ca_file) if httpx.URL(base).scheme != "http" else False
        transport = httpx.AsyncHTTPTransport(uds=path, verify=tls) if path != url else None
        self._http = httpx.AsyncClient(
            transport=transport, base_url=base, timeout=timeout_s, trust_env=False, verify=tls
        )
        self.token = ""

    async def close(self) -> None:
        await self._http.aclose()

    async def enrol(self, enrolment: Enrolment, *, join_token: str) -> Enrolled:
        answer = await self._post("/v1/agents/enrol", dump(enrolment), token=join_token)
        return _read(_ENROLLED, answer)

    async def send_reports(self, agent: str, body: bytes) -> Stored:
        return _read(_STORED, await self._post(f"/v1/agents/{agent}/reports", body, token=self.token))

    async def send_answer(self, agent: str, request_id: str, answer: Answer) -> None:
        await self._post(f"/v1/agents/{agent}/requests/{request_id}/answer", dump(answer), token=self.token)

    async def send_standing(self, agent: str, body: bytes) -> None:
        await self._post(f"/v1/agents/{agent}/standing", body, token=self.token)

    async def attach(self, agent: str, node: str, body: bytes) -> None:
        await self._post(f"/v1/agents/{agent}/nodes/{node}", body, token=self.token, method="PUT")

    async def _post(self, path: str, body: bytes, *, token: str, method: str = "POST") -> bytes:
        headers = {**_JSON, "authorization": f"Bearer {token}"}
        try:
            response = await self._http.request(method, path, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise ServiceAway(_sentence(error)) from None
        _check(response.status_code, response.content)
        return response.content

    @contextlib.asynccontextmanager
    async def assignments(self, agent: str, *, after: str) -> AsyncIterator[AsyncIterator[Event]]:
        headers = {"authorization": f"Bearer {self.token}", "accept": "text/event-stream"}
        if after:
            headers["last-event-id"] = after
        timeout = httpx.Timeout(20.0, read=_SILENCE_S)
        path = f"/v1/agents/{agent}/assignments"
        try:
            query = {"signed": "1"}
            async with self._http.stream("GET", path, params=query, headers=headers, timeout=timeout) as response:
                if response.status_code != httpx.codes.OK:
                    _check(response.status_code, await response.aread())
                yield _events(response)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, BadStream, OSError) as error:
            raise ServiceAway(_sentence(error)) from None


async def _events(response: httpx.Response) -> AsyncIterator[Event]:
    parser = EventParser()
    async for data in response.aiter_bytes():
        for event in parser.feed(data):
            yield event


def _read(adapter: TypeAdapter[T], body: bytes) -> T:
    try:
        return adapter.validate_json(body)
    except ValidationError:
        raise ServiceAway("the service answered with something else than was asked for") from None


def _sentence(error: Exception) -> str:
    said = fault_of(error, authority="ca_file") or str(error)
    return printable(said) or type(error).__name__


def _check(status: int, body: bytes) -> None:
    """Raise what an HTTP status means to an agent; nothing for success."""
    if status < 300:
        return
    sentence = _detail(body) or f"the service answered {status}"
    if status in (401, 403, 404):
        raise NotWelcome(sentence)
    if status in (408, 425, 429) or status >= 500 or status < 400:
        raise ServiceAway(sentence)
    raise Refused(sentence)


def _detail(body: bytes) -> str:
    try:
        problem = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    text = problem.get("detail") if isinstance(problem, dict) else None
    return printable(text) if isinstance(text, str) else ""
