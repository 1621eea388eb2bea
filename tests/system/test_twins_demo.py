"""The demo on twins, end to end: it converges, shows it, and leaves nothing behind. Its hard ends: `tests/lab`."""

import signal
from pathlib import Path

import pytest

from tests.unit.pointsman.demo.demos import running_demo

pytestmark = pytest.mark.system


def test_once_it_converges_shows_everything_and_keeps_only_what_it_shall(short_path: Path) -> None:
    with running_demo(short_path, "--once", "--twins", "--keep") as demo:
        assert demo.end() == 0, demo.text
    for words in (
        "twins on 127.0.0.1",
        "sw1: changed, 6 steps",
        "sw2 openvswitch rack-a 1 yes yes demo-agent",
        "pdu1 powerman rack-a 1 yes yes demo-agent",
        "san-1 tgt rack-a 1 yes yes demo-agent",
        "bmc2 ipmi rack-a 1 yes yes demo-agent",
        "con1 vde_switch rack-a 1 yes yes demo-agent",
        "rt1 frr rack-a 1 yes yes demo-agent",
        "24: trunk of 10, 30",
        "slot 1: switch on",
        "changed on sw1:",
        "nothing: it was as declared",
        "outlet 1: name blade1/psu2",
        "Port-Channel1: bundle p23, p24",
        "export blade1: +iqn.2024-01.example:blade1, +lun 1=blade1-root",
        "sw1 p23 sw2 p23",
        "sw2 p1 h3",
        "san-1 blade1 masking",
        "pdu2 3 bmc1",
        "service: http://127.0.0.1:",
        "converged: ",
    ):
        assert words in " ".join(demo.text.split())
    (kept,) = demo.left()
    assert f"are kept in {short_path / kept}" in demo.text
    assert (short_path / kept / "service" / "pointsman.db").exists()
    assert (short_path / kept / "agent.log").read_text()


def test_it_stays_up_until_it_is_stopped_and_then_leaves_nothing(short_path: Path) -> None:
    with running_demo(short_path, "--twins") as demo:
        demo.read_until("stays up until Ctrl-C")
        assert demo.left() != []
        demo.process.send_signal(signal.SIGINT)
        assert demo.end() == 0, demo.text
    assert demo.left() == []


def test_stopped_while_it_comes_up_it_leaves_nothing(short_path: Path) -> None:
    with running_demo(short_path, "--twins") as demo:
        demo.read_until("rack: twins")
        demo.process.send_signal(signal.SIGTERM)
        assert demo.end() == 130, demo.text
    assert demo.left() == []
