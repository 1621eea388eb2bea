"""Labs come and go: side by side, twice under one name, killed half-way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.lab import Lab, LabError, network
from pointsman.lab.processes import alive, started_at
from pointsman.lab.rig import Rig
from pointsman.lab.waiting import until

pytestmark = pytest.mark.lab

ROOT = Path(__file__).resolve().parents[2]


def namespaces(name: str) -> set[str]:
    return {each.name for each in Path("/run/netns").iterdir() if each.name.startswith(f"{name}-")}


def test_a_second_lab_stands_beside_the_first_and_leaves_nothing(lab: Lab) -> None:
    writes = {device.name: device.writes for device in lab.status()}
    steps: list[str] = []
    other = Lab.up(f"u{os.getpid()}", progress=steps.append)
    try:
        assert steps[-1].startswith("up in")
        other.run("sw1", ["ovs-vsctl", "set", "Port", "p1", "tag=10"], check=True)
        assert other.writes("sw1") == 1
        assert other.run("h1", ["ping", "-c1", "-W1", "10.9.0.2"]).returncode != 0, "h1 is alone in VLAN 10"
        assert lab.run("h1", ["ping", "-c1", "-W1", "10.9.0.2"]).returncode == 0
    finally:
        processes = Rig(other.name).state.read().processes.values()
        assert other.down()
    assert not namespaces(other.name)
    assert not other.directory.exists()
    assert not any(alive(process) for process in processes)
    assert {device.name: device.writes for device in lab.status()} == writes
    assert not other.down(), "there is nothing left to remove"


def test_a_lab_that_is_up_is_not_brought_up_again(lab: Lab) -> None:
    with pytest.raises(LabError, match="is up already"):
        Lab.up(lab.name)
    assert lab.run("h1", ["ping", "-c1", "-W1", "10.9.0.2"]).returncode == 0


def test_a_namespace_of_somebody_else_is_left_alone(lab: Lab) -> None:
    name = f"v{os.getpid()}"
    network.add_namespaces([f"{name}-sw1"])
    try:
        with pytest.raises(LabError, match="no state file says that they are ours"):
            Lab.up(name)
        assert namespaces(name) == {f"{name}-sw1"}
        assert not Lab(name).directory.exists()
    finally:
        network.remove_namespace(f"{name}-sw1")


def test_up_clears_what_a_killed_up_of_that_name_left() -> None:
    name = f"x{os.getpid()}"
    dying = (
        "import os, sys; from pointsman.lab import Lab; Lab.up(sys.argv[1], progress=lambda _: os.kill(os.getpid(), 9))"
    )
    subprocess.run([sys.executable, "-c", dying, name], cwd=ROOT, timeout=60, check=False)
    assert namespaces(name)
    steps: list[str] = []
    made = Lab.up(name, progress=steps.append)
    assert steps[0] == "removing what an earlier lab of that name left"
    assert made.run("h1", ["ping", "-c1", "-W1", "10.9.0.2"]).returncode == 0
    assert made.down()
    assert not namespaces(name)


@pytest.mark.parametrize("step", ["network laid", "boxes made", "rt1 started"])
def test_down_after_a_killed_up_leaves_nothing(step: str) -> None:
    name = f"w{os.getpid()}"
    killed_at = (
        "import os, signal, sys\n"
        "from pointsman.lab import Lab\n"
        "Lab.up(sys.argv[1], progress=lambda s: s == sys.argv[2] and os.kill(os.getpid(), signal.SIGKILL))\n"
    )
    done = subprocess.run([sys.executable, "-c", killed_at, name, step], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    assert namespaces(name)
    processes = Rig(name).state.read().processes.values()
    members = set(network.processes_in(namespaces(name)))
    assert Lab(name).down()
    assert not namespaces(name)
    assert not Lab(name).directory.exists()
    until(lambda: not any(alive(process) for process in processes), what="all recorded processes are gone")
    until(lambda: not any(started_at(pid) for pid in members), what="all processes of the namespaces are gone")
