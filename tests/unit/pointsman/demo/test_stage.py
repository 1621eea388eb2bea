"""The demo's parts: what it writes for the agent, what it says of events, and that it never leaves a process."""

import asyncio
import errno
import socket
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from agents.settings import load_settings
from pointsman.client import Client
from pointsman.demo import racks, stage
from pointsman.demo.converging import event_sentence, watch_until_converged
from pointsman.demo.parts import PARTS
from pointsman.demo.rack import rack_document
from pointsman.demo.racks import Rack, Secret, lab_rack
from pointsman.demo.run import first_of
from pointsman.lab import LabError
from pointsman.problems import PointsmanError

pytestmark = pytest.mark.unit


def rack(**changes: Any) -> Rack:
    secret = Secret(name="file:lab.key", text="KEY", hosts=("10.8.0.11",))
    return Rack(**{"title": "a rack", "nodes": {}, "secrets": (secret,), **changes})


def test_the_agents_file_is_one_that_the_agent_accepts(tmp_path: Path) -> None:
    folder = tmp_path / 'a "quoted" folder'
    folder.mkdir()
    text = stage.agent_toml(folder, rack=rack(), service="unix:/tmp/s.sock")
    (folder / "agent.toml").write_text(text)
    settings = load_settings(folder / "agent.toml")
    assert settings.secrets_dir == folder / "secrets"
    assert settings.secrets[0].hosts == ("10.8.0.11",)


async def test_a_port_that_another_demo_takes_first_is_left_to_it(tmp_path: Path, monkeypatch) -> None:
    class Quicker:
        def __init__(self, settings: Any) -> None:
            self.settings = settings

        async def __aenter__(self) -> Self:
            if self.settings.port:
                raise OSError(errno.EADDRINUSE, "Address already in use")
            return self

        async def __aexit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(stage, "is_free", lambda port: True)
    monkeypatch.setattr(stage, "Service", Quicker)
    async with stage.running_service(tmp_path) as service:
        assert service.settings.port == 0


def test_a_key_is_in_no_repr() -> None:
    assert "KEY" not in repr(rack())


def test_an_installation_without_the_document_says_so(tmp_path: Path) -> None:
    with pytest.raises(PointsmanError, match=r"rack\.yaml is missing"):
        rack_document((tmp_path,))


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("agent.enrolled", {"agent": "edge-1"}, "agent: edge-1 has joined"),
        ("pass.finished", {"outcome": "changed", "steps": 5}, "sw1: changed, 5 steps"),
        ("pass.finished", {"outcome": "changed", "steps": 1}, "sw1: changed, 1 step"),
        ("pass.finished", {"outcome": "unchanged", "steps": 0}, "sw1: unchanged"),
        (
            "condition.changed",
            {"condition": "Reachable", "status": False, "reason": "AuthFailed", "message": "no key fits"},
            "sw1: Reachable: no: no key fits",
        ),
        ("condition.changed", {"condition": "Converged", "status": True, "message": "it is so"}, ""),
        ("condition.changed", {"condition": "Identified", "status": False}, ""),
        ("facts.changed", {}, ""),
    ],
)
def test_an_event_is_a_sentence(kind: str, data: dict[str, Any], words: str) -> None:
    assert event_sentence({"type": kind, "node": "sw1", "data": data}) == words


async def test_a_rack_that_is_stopped_while_it_comes_up_takes_itself_down(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = threading.Event()
    went_on = threading.Event()
    ended: list[str] = []

    def up(name: str, *, progress: Any) -> None:
        try:
            progress("one")
            steps.set()
            went_on.wait(10)
            progress("two")
        except BaseException:
            progress("removing it")
            ended.append(name)
            raise

    monkeypatch.setattr(racks, "Lab", SimpleNamespace(up=up))

    async def use() -> None:
        async with lab_rack("x", keep=False, say=lambda _: None):
            raise AssertionError("it must not come up")

    using = asyncio.create_task(use())
    assert await asyncio.to_thread(steps.wait, 10)
    using.cancel()
    asyncio.get_running_loop().call_soon(went_on.set)
    with pytest.raises(asyncio.CancelledError):
        await using
    assert ended == ["x"]


async def test_a_lab_that_cannot_be_made_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def up(name: str, *, progress: Any) -> None:
        raise LabError("lab x is up already")

    monkeypatch.setattr(racks, "Lab", SimpleNamespace(up=up))
    with pytest.raises(PointsmanError, match="up already"):
        async with lab_rack("x", keep=False, say=lambda _: None):
            pass


async def test_an_agent_that_dies_ends_the_demo_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "agent.log"
    log.write_text("starting\nno such location\n")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "raise SystemExit(4)")

    async def forever() -> int:
        await asyncio.Event().wait()
        return 0

    with pytest.raises(PointsmanError, match="status 4") as caught:
        await first_of(forever(), stage.RunningAgent(process, log).ended())
    assert caught.value.details == ("starting", "no such location")


def test_a_port_that_is_taken_is_gone_around() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        assert not stage.is_free(port)
    assert stage.is_free(port)


async def test_a_node_that_does_not_converge_in_time_is_told_with_its_reason(client: Client) -> None:
    await client.apply(rack_document().read_bytes())
    spec = racks.node_document(
        PARTS[0], name="sw1", profile="openvswitch", access=["ssh://a@127.0.0.1:9"], host_key=None
    )
    await client.put("nodes", "sw1", spec)
    (sentence,) = await watch_until_converged(client, lambda _: None, timeout_s=0.2)
    assert sentence.startswith("sw1 has not converged: AgentAway: no agent is enrolled at the location rack-a")
