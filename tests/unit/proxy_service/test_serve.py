"""The service as a whole: two addresses, a quick and clean stop, and a start on what the last one left."""

import asyncio
import contextlib
import shutil
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from proxy_service import serve
from proxy_service.serve import Service
from proxy_service.settings import Settings
from proxy_service.store import DatabaseUnusable
from tests.unit.proxy_service.site import NODE
from tests.unit.proxy_service.streams import a_served_site, a_stream, assignments

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path, empty_database: Path) -> Path:
    shutil.copy(empty_database, tmp_path / "pointsman.db")
    return tmp_path


async def test_it_listens_on_a_port_and_on_a_unix_socket(folder: Path) -> None:
    async with Service(Settings(data_dir=folder, port=0, unix_socket=folder / "s.sock")) as service:
        for base, transport in (
            (service.url, None),
            ("http://unix", httpx.AsyncHTTPTransport(uds=str(service.socket_path))),
        ):
            async with httpx.AsyncClient(base_url=base, transport=transport, trust_env=False) as http:
                assert (await http.get("/healthz")).json() == {"ok": True}
                assert (await http.get("/readyz")).json()["ok"] is True
                headers = {"authorization": f"Bearer {service.admin_token}"}
                assert (await http.get("/v1/nodes", headers=headers)).status_code == 200
    assert not (folder / "s.sock").exists()


async def test_it_stops_at_once_while_streams_and_waits_are_open(folder: Path) -> None:
    async with a_served_site(folder) as site:
        await site.rack()
        agent = await site.agent()
        async with assignments(agent) as first, a_stream(site.admin, "events") as second:
            await first.next()
            waiting = asyncio.create_task(site.admin.refused("GET", "nodes/sw1?wait=60"))
            with site.hub.store.changed.watching() as watch:
                await watch.wait(0.05)
            started_s = time.monotonic()
            site.hub.store.changed.stop()
            for stream in (first, second):
                with pytest.raises(StopAsyncIteration):
                    await stream.until("never")
            assert (await waiting)["type"] == "/problems/stopping"
            assert time.monotonic() - started_s < 5


@dataclass
class HalfACall:
    """A call that the service works on, and that has all but its last byte."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@contextlib.asynccontextmanager
async def half_a_call(service: Service) -> AsyncIterator[HalfACall]:
    reader, writer = await asyncio.open_unix_connection(service.socket_path)
    head = f"PUT /v1/locations/a HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {service.admin_token}\r\n"
    writer.write(
        f"{head}content-type: application/json\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n{{".encode()
    )
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    try:
        yield HalfACall(reader, writer)
    finally:
        writer.close()


async def test_a_call_that_has_begun_is_answered_before_it_stops(folder: Path) -> None:
    settings = Settings(data_dir=folder, port=0, unix_socket=folder / "s.sock")
    async with Service(settings) as service, half_a_call(service) as call:
        stopping = asyncio.create_task(service.__aexit__(None, None, None))
        async with asyncio.timeout(5):
            while service._sockets[0].fileno() >= 0:  # noqa: ASYNC110 -- a socket tells nobody
                await asyncio.sleep(0)
        call.writer.write(b"}")
        assert (await call.reader.read()).startswith(b"HTTP/1.1 200 OK")
        await stopping


async def test_a_call_that_comes_no_further_is_cut_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "GRACE_S", 0.05)
    async with contextlib.AsyncExitStack() as stack:
        async with Service(Settings(data_dir=folder, port=0, unix_socket=folder / "s.sock")) as service:
            call = await stack.enter_async_context(half_a_call(service))
        async with asyncio.timeout(5):
            assert not (await call.reader.read()).startswith(b"HTTP/1.1 2")


async def test_it_has_everything_after_a_restart_and_makes_no_second_token(folder: Path) -> None:
    async with a_served_site(folder) as site:
        await site.rack()
        token = site.admin.token
    async with a_served_site(folder) as site:
        assert site.admin.token == token
        assert (await site.admin.get("nodes/sw1"))["spec"]["access"] == NODE["access"]


async def test_what_a_killed_process_left_of_its_socket_is_in_nobodys_way(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(folder / "s.sock"))
    async with a_served_site(folder) as site:
        assert (await site.admin.ask("GET", "/healthz")).status_code == 200


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            async with Service(Settings(data_dir=folder, port=taken.getsockname()[1])):
                pass


async def test_a_database_that_cannot_be_reached_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, port=0, database_url="postgresql://nobody:hunter2@127.0.0.1:1/x")
    with pytest.raises(DatabaseUnusable) as caught:
        async with Service(settings):
            pass
    assert "hunter2" not in str(caught.value)
