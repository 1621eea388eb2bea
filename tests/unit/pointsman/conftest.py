"""A service for the command line to talk to, with a rack of twins and an agent where a test wants them."""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from agents.process import Agent
from agents.settings import SecretRule
from agents.settings import Settings as AgentSettings
from pointsman.cli.app import run
from pointsman.client import Client
from pointsman.demo import stage
from pointsman.demo.parts import PARTS
from pointsman.demo.rack import rack_document
from pointsman.demo.racks import LOCATION, node_document
from pointsman.twins import TwinRack
from proxy_service.serve import Service
from proxy_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Called:
    """What a command line did."""

    code: int
    out: str
    err: str


Call = Callable[..., Awaitable[Called]]


@pytest.fixture
def quiet() -> Iterator[None]:
    """No log lines among what commands print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
async def service(tmp_path: Path, empty_database: Path, quiet: None) -> AsyncIterator[Service]:
    """The real service on SQLite, on a Unix socket."""
    (tmp_path / "service").mkdir()
    shutil.copy(empty_database, tmp_path / "service")
    settings = Settings(data_dir=tmp_path / "service", port=0, unix_socket=tmp_path / "service.sock")
    async with Service(settings) as running:
        yield running


@pytest.fixture
async def call(service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command line as its user would, in a thread, while the service runs in this one."""
    monkeypatch.setenv("POINTSMAN_SERVICE", f"unix:{service.socket_path}")
    monkeypatch.setenv("POINTSMAN_TOKEN_FILE", str(service.settings.admin_token_file))

    async def call(*words: str) -> Called:
        code = await asyncio.to_thread(run, list(words))
        out, err = capsys.readouterr()
        return Called(code, out, err)

    return call


@pytest.fixture
async def client(service: Service) -> AsyncIterator[Client]:
    """A client with the admin token."""
    async with Client(stage.admin_endpoint(service)) as found:
        yield found


@pytest.fixture
async def twins() -> AsyncIterator[TwinRack]:
    """Two twins on loopback."""
    async with TwinRack(2) as rack:
        yield rack


@pytest.fixture
async def converged(service: Service, client: Client, twins: TwinRack, tmp_path: Path) -> AsyncIterator[TwinRack]:
    """The demo's rack on twins, with an agent, converged."""
    await client.apply(rack_document().read_bytes())
    join = tmp_path / "join.token"
    await stage.join_token(client, join)
    (tmp_path / "secrets").mkdir()
    switches = next(part for part in PARTS if "sw1" in part.names)
    key = tmp_path / "secrets" / switches.credential.removeprefix("file:")
    key.touch(mode=0o600)
    key.write_text(twins.key_text)
    settings = AgentSettings(
        name="edge-1",
        location=LOCATION,
        service=f"unix:{service.socket_path}",
        data_dir=tmp_path / "agent",
        secrets_dir=tmp_path / "secrets",
        secrets=(SecretRule(name=switches.credential, hosts=("127.0.0.1",)),),
    )
    agent = Agent(settings, join_token=join.read_text().strip())
    running = asyncio.create_task(agent.run())
    try:
        for twin in twins.nodes:
            spec = node_document(
                switches, name=twin.name, profile=twin.profile, access=[twin.access], host_key=twin.host_key
            )
            await client.put("nodes", twin.name, spec)
        for twin in twins.nodes:
            node = await client.wait_for("nodes", twin.name, timeout_s=20)
            assert node["status"]["converged_generation"] == node["status"]["generation"], node["status"]
        yield twins
    finally:
        agent.stop()
        with contextlib.suppress(asyncio.CancelledError):
            await running
