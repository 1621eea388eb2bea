"""A daemon is recorded before it runs, runs on without us, and only itself is ever stopped."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointsman.lab import processes
from pointsman.lab.state import Recorded
from pointsman.lab.waiting import until

pytestmark = pytest.mark.unit


@pytest.fixture
def started() -> Iterator[list[Recorded]]:
    """Processes to be stopped after the test, whatever happens in it."""
    found: list[Recorded] = []
    yield found
    processes.stop(found)


def test_a_process_is_recorded_before_its_program_runs(tmp_path: Path, started: list[Recorded]) -> None:
    mark = tmp_path / "mark"

    def record(process: Recorded) -> None:
        assert not mark.exists()
        started.append(process)

    made = processes.launch(["sh", "-c", f"echo run > {mark}; exec sleep 60"], log=tmp_path / "log", record=record)
    until(mark.exists, what="the program runs", timeout_s=5)
    assert started == [made]
    assert processes.alive(made)
    until(lambda: Path(f"/proc/{made.pid}/comm").read_text().strip() == "sleep", what="it is the program itself")


def test_a_process_that_could_not_be_recorded_never_runs(tmp_path: Path) -> None:
    seen: list[Recorded] = []

    def fail(process: Recorded) -> None:
        seen.append(process)
        raise OSError("the disk is full")

    mark = tmp_path / "mark"
    with pytest.raises(OSError, match="the disk is full"):
        processes.launch(["sh", "-c", f"echo run > {mark}"], log=tmp_path / "log", record=fail)
    until(lambda: not processes.alive(seen[0]), what="the shell at the gate ends", timeout_s=5)
    assert not mark.exists()


def test_its_output_is_in_its_log_and_its_parent_is_not_us(tmp_path: Path, started: list[Recorded]) -> None:
    log = tmp_path / "log"
    processes.launch(["sh", "-c", "echo $PPID; echo trouble >&2"], log=log, record=started.append)
    until(lambda: log.exists() and log.read_text().endswith("trouble\n"), what="it has written", timeout_s=5)
    assert log.read_text().splitlines()[0] != str(os.getpid())


def test_stopping_asks_first_and_insists_then(tmp_path: Path, started: list[Recorded]) -> None:
    log = tmp_path / "log"
    stubborn = "trap 'echo asked' TERM; echo ready; while :; do sleep 0.05; done"
    made = processes.launch(["sh", "-c", stubborn], log=log, record=started.append)
    until(lambda: "ready" in log.read_text(), what="it is ready", timeout_s=5)
    processes.stop([made], grace_s=0.3)
    assert "asked" in log.read_text()
    assert not processes.alive(made)


def test_another_process_under_the_same_id_is_left_alone(tmp_path: Path, started: list[Recorded]) -> None:
    made = processes.launch(["sleep", "60"], log=tmp_path / "log", record=started.append)
    processes.stop([Recorded(made.pid, made.started - 1)])
    assert processes.alive(made)
    processes.stop([made, made])
    assert not processes.alive(made)
    processes.stop([made])
