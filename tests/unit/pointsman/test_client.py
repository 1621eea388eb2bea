"""The client: pages are joined, waits are cut into calls, and every failure is one sentence."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from pointsman.client import LONGEST_WAIT_S, Client
from pointsman.demo import stage
from pointsman.endpoint import Endpoint
from pointsman.problems import ServiceAway, ServiceRefused
from pointsman.sse import ServerEvent
from proxy_service.serve import Service

pytestmark = pytest.mark.unit

Handler = Callable[[httpx.Request], httpx.Response]


def client_of(handler: Handler) -> Client:
    return Client(Endpoint("http://p.example", "tok"), transport=httpx.MockTransport(handler))


async def watch(client: Client, since: int, each: Callable[[ServerEvent], None]) -> None:
    async for event in client.events(since=since):
        each(event)


def problem(status: int, detail: str, *problems: tuple[str, str]) -> httpx.Response:
    body = {"type": "/problems/invalid-document", "title": "t", "status": status, "detail": detail}
    listed = [{"path": path, "message": message} for path, message in problems]
    return httpx.Response(status, json={**body, "problems": listed})


async def test_the_token_is_sent_and_the_document_goes_as_it_is() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"revision": 1})

    async with client_of(handler) as client:
        await client.apply(b"roles: {}\n", dry_run=True, prune="rack-a")
    (request,) = seen
    assert request.headers["authorization"] == "Bearer tok"
    assert request.headers["content-type"] == "application/yaml"
    assert request.content == b"roles: {}\n"
    assert dict(request.url.params) == {"dry_run": "1", "prune": "rack-a"}


async def test_pages_are_joined() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        second = request.url.params.get("cursor") == "c1"
        page: dict[str, Any] = (
            {"items": [{"name": "b"}], "cursor": None} if second else {"items": [{"name": "a"}], "cursor": "c1"}
        )
        return httpx.Response(200, json=page)

    async with client_of(handler) as client:
        assert await client.list("nodes", labels=["tier=leaf"]) == [{"name": "a"}, {"name": "b"}]


async def test_a_name_cannot_leave_its_place_in_the_path() -> None:
    paths: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(200, json={})

    async with client_of(handler) as client:
        await client.get("nodes", "../tokens?x=1#y")
    assert paths == [b"/v1/nodes/..%2Ftokens%3Fx%3D1%23y"]


async def test_a_long_wait_is_several_calls() -> None:
    waits: list[float] = []
    states = iter([1, 1, 2])

    def handler(request: httpx.Request) -> httpx.Response:
        waits.append(float(request.url.params["wait"]))
        return httpx.Response(200, json={"status": {"generation": 2, "converged_generation": next(states)}})

    async with client_of(handler) as client:
        found = await client.wait_for("nodes", "sw1", timeout_s=500)
    assert found["status"]["converged_generation"] == 2
    assert waits == [LONGEST_WAIT_S] * 3


async def test_a_wait_ends_with_its_time() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"status": {"generation": 2, "converged_generation": None}})

    async with client_of(handler) as client:
        found = await client.wait_for("nodes", "sw1", timeout_s=0)
    assert found["status"]["converged_generation"] is None


async def test_a_refusal_has_the_services_sentence_and_every_path_once() -> None:
    detail = "roles.a.state.vlans.0: VLANs go from 1 to 4094 (and 1 more)"
    paths = [("roles.a.state.vlans.0", "VLANs go from 1 to 4094"), ("roles.b.colour", "unknown key")]
    async with client_of(lambda _: problem(422, detail, *paths)) as client:
        with pytest.raises(ServiceRefused) as caught:
            await client.apply(b"")
    error = caught.value
    assert (error.sentence, error.slug, error.status) == (detail, "invalid-document", 422)
    assert error.details == ("roles.b.colour: unknown key",)


@pytest.mark.parametrize("content", [b"<html>502</html>", b'["x"]', b"", b"\xff"])
async def test_an_answer_of_something_else_is_told_so(content: bytes) -> None:
    async with client_of(lambda _: httpx.Response(502, content=content)) as client:
        with pytest.raises(ServiceRefused, match="no answer of a Pointsman service"):
            await client.get("nodes", "sw1")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("Connection refused"), "Connection refused"),
        (httpx.ReadTimeout(""), "did not answer in time"),
        (httpx.RemoteProtocolError("Server disconnected"), "hangs up without an answer"),
    ],
)
async def test_nobody_there_is_a_sentence(error: Exception, words: str) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    async with client_of(handler) as client:
        with pytest.raises(ServiceAway, match=words) as caught:
            await client.get("nodes", "sw1")
    assert "http://p.example" in caught.value.sentence


async def test_events_are_streamed_from_where_they_were_left() -> None:
    seen: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["last-event-id"])
        return httpx.Response(200, content=b"id: 8\nevent: e\ndata: " + json.dumps({"id": 8}).encode() + b"\n\n")

    async with client_of(handler) as client:
        found: list[Any] = []
        with pytest.raises(ServiceAway, match="ended the stream"):
            await watch(client, 7, lambda event: found.append(event.data))
    assert (seen, found) == (["7"], [{"id": 8}])


async def test_a_watcher_is_told_when_the_service_goes(service: Service) -> None:
    endpoint = stage.admin_endpoint(service)
    stopping: list[asyncio.Task[None]] = []
    async with Client(endpoint) as client:
        await client.put("locations", "rack-a", {})
        with pytest.raises(ServiceAway):
            await watch(client, 0, lambda _: stopping.append(asyncio.create_task(service.__aexit__(None, None, None))))
    await asyncio.gather(*stopping)
