"""The demo on twins, end to end: it converges, shows it, and leaves nothing behind. Its hard ends: `tests/lab`."""

import signal
from pathlib import Path

import pytest

from tests.unit.pointsman.demo.demos import running_demo

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short name: the path of a Unix socket in it may have 107 bytes."""
    return tmp_path_factory.mktemp("demo")


def test_once_it_converges_shows_everything_and_keeps_only_what_it_shall(folder: Path) -> None:
    with running_demo(folder, "--once", "--twins", "--keep") as demo:
        assert demo.end() == 0, demo.text
    for words in (
        "twins on 127.0.0.1",
        "sw1: pass finished: changed",
        "sw2   openvswitch  rack-a    1           yes        yes        demo-agent",
        "changed on sw1:",
        "Port-Channel1: bundle p23, p24",
        "sw1   p23   sw2        p23",
        "sw2   p1    h3",
        "service: http://127.0.0.1:",
        "converged: ",
    ):
        assert words in demo.text
    (kept,) = demo.left()
    assert f"are kept in {folder / kept}" in demo.text
    assert (folder / kept / "service" / "pointsman.db").exists()
    assert (folder / kept / "agent.log").read_text()


def test_it_stays_up_until_it_is_stopped_and_then_leaves_nothing(folder: Path) -> None:
    with running_demo(folder, "--twins") as demo:
        demo.read_until("stays up until Ctrl-C")
        assert demo.left() != []
        demo.process.send_signal(signal.SIGINT)
        assert demo.end() == 0, demo.text
    assert demo.left() == []


def test_stopped_while_it_comes_up_it_leaves_nothing(folder: Path) -> None:
    with running_demo(folder, "--twins") as demo:
        demo.read_until("rack: twins")
        demo.process.send_signal(signal.SIGTERM)
        assert demo.end() == 130, demo.text
    assert demo.left() == []
