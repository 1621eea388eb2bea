"""The demo in the lab of real parts, and the ends of a demo that nobody wishes for."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from pointsman.lab import Lab
from pointsman.origin import HOME
from tests.unit.pointsman.demo.demos import RunningDemo, running_demo

pytestmark = pytest.mark.lab


@pytest.fixture
def name() -> Iterator[str]:
    """A lab's name of our own; what a failed test leaves of it is taken down."""
    chosen = f"d{os.getpid()}"
    yield chosen
    Lab(chosen).down()


def lab_left(name: str) -> list[str]:
    return [entry.name for entry in Path("/run/netns").glob(f"{name}-*")]


POINTSMAN = (sys.executable, "-P", "-m", "pointsman")


def surroundings(demo: RunningDemo) -> dict[str, str]:
    """What somebody in another terminal has in his environment who follows what the demo printed."""
    (exported,) = (line.split()[1:] for line in demo.lines if "export POINTSMAN_SERVICE=" in line)
    return {**os.environ, "PYTHONPATH": str(HOME), **dict(word.split("=", 1) for word in exported)}


def pointsman(demo: RunningDemo, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in another terminal."""
    return subprocess.run(
        [*POINTSMAN, *words],
        cwd=demo.folder,
        env=surroundings(demo),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def console(demo: RunningDemo, node: str, *, until: str) -> str:
    """Watch a node's console until it shows a text."""
    command = ["timeout", "30", *POINTSMAN, "console", node]
    shown = ""
    with subprocess.Popen(
        command,
        cwd=demo.folder,
        env=surroundings(demo),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stdout is not None
        for line in watching.stdout:
            shown += line
            if until in shown:
                break
        watching.terminate()
    return shown


def test_once_it_converges_a_rack_of_real_parts_and_leaves_nothing(short_path: Path, name: str) -> None:
    with running_demo(short_path, "--once", "--lab", name) as demo:
        assert demo.end(timeout_s=60) == 0, demo.text
    assert f"the lab of real parts (named {name})" in demo.text
    assert "sw1 p23 sw2 p23" in " ".join(demo.text.split())
    assert "export blade1: +iqn.2024-01.example:blade1, +lun 1=blade1-root" in demo.text
    assert "outlet 1: name blade1/psu2" in demo.text
    assert "changed on con1: VLAN 10: make" in " ".join(demo.text.split())
    assert "rt1 frr rack-a 1 yes yes" in " ".join(demo.text.split())
    assert demo.left() == []
    assert lab_left(name) == []


def test_while_it_is_up_people_can_work_with_it_and_an_agent_that_dies_ends_it(short_path: Path, name: str) -> None:
    with running_demo(short_path, "--lab", name) as demo:
        demo.read_until("pointsman events --follow")
        lab = Lab(name)
        assert lab.run("h1", ["ping", "-c1", "-W2", "10.9.0.3"]).returncode == 0
        assert lab.run("h1", ["ping", "-c1", "-W1", "10.9.0.4"]).returncode != 0
        assert lab.run("h5", ["ping", "-c1", "-W2", "10.9.0.41"]).returncode == 0
        assert lab.run("h6", ["ping", "-c1", "-W2", "10.9.0.1"]).returncode == 0
        written = lab.writes("con1")
        assert written > 0

        (short_path / "h3.yaml").write_text(
            "roles: {h3-moves: {priority: 60, attach: {nodes: [sw2]}, "
            "state: {ports: {p1: {mode: access, access_vlan: 20}}}}}"
        )
        moved = pointsman(demo, "apply", "-f", "h3.yaml", "--wait", "20")
        assert moved.returncode == 0, moved.stderr
        assert lab.run("h3", ["ping", "-c1", "-W2", "10.9.0.4"]).returncode == 0
        doctor = pointsman(demo, "doctor", "--json")
        assert doctor.returncode == 0, doctor.stdout
        assert {item["verdict"] for item in json.loads(doctor.stdout)} == {"ok"}
        (short_path / "h3.yaml").unlink()
        assert "Interface       Status" in console(demo, "rt1", until="rt1# !")
        for node in ("con1", "rt1"):
            assert pointsman(demo, "converge", node).returncode == 0
        assert (lab.writes("con1"), lab.writes("rt1")) == (written, 0)

        children = psutil.Process(demo.process.pid).children(recursive=True)
        (agent,) = (child for child in children if "agent" in child.cmdline())
        agent.kill()
        assert demo.end() == 1
    assert "the agent ended with status -9" in demo.text
    assert "Traceback" not in demo.text
    assert demo.left() == []
    assert lab_left(name) == []


def test_its_agent_does_not_outlive_a_demo_that_is_killed(short_path: Path) -> None:
    with running_demo(short_path, "--twins") as demo:
        demo.read_until("stays up until Ctrl-C")
        children = psutil.Process(demo.process.pid).children(recursive=True)
        demo.process.kill()
        demo.end()
        assert children
        assert psutil.wait_procs(children, timeout=10)[1] == []
