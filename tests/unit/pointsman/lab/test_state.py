"""The lab's state file: what is written is read back, and nobody writes at the same time."""

import threading
from pathlib import Path

import pytest

from pointsman.lab.errors import LabError
from pointsman.lab.state import Recorded, StateFile, locked, operation

pytestmark = pytest.mark.unit


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    file.create("pm")
    with file.edit() as state:
        state.processes["sw1/sshd"] = Recorded(17, 4711)
        state.namespaces.append("pm-sw1")
    read = StateFile(tmp_path).read()
    assert read.processes == {"sw1/sshd": Recorded(17, 4711)}
    assert (read.name, read.phase, read.namespaces) == ("pm", "starting", ["pm-sw1"])


def test_a_failed_edit_leaves_the_state_as_it_was(tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    file.create("pm")

    def change_and_fail() -> None:
        with file.edit() as state:
            state.phase = "up"
            raise LabError("something fails")

    with pytest.raises(LabError, match="something fails"):
        change_and_fail()
    assert file.read().phase == "starting"


def test_no_edit_is_lost_among_many(tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    file.create("pm")

    def add(number: int) -> None:
        with file.edit() as state:
            state.namespaces.append(f"n{number}")

    threads = [threading.Thread(target=add, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(file.read().namespaces) == {f"n{number}" for number in range(30)}


def test_a_lab_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="there is no lab named"):
        StateFile(tmp_path / "pm").read()


def test_two_operations_at_once_are_refused(tmp_path: Path) -> None:
    with (
        operation(tmp_path / "pm", create=True),
        pytest.raises(LabError, match="is being changed by another command"),
        operation(tmp_path / "pm"),
    ):
        pass
    with operation(tmp_path / "pm"):
        pass


def test_an_operation_on_a_lab_that_is_not_there_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="there is no lab named pm"), operation(tmp_path / "pm"):
        pass
    assert not list(tmp_path.iterdir())


def test_a_lock_whose_file_was_removed_meanwhile_is_taken_anew(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    entered = threading.Event()
    with locked(path, wait=True):

        def wait_for_it() -> None:
            with locked(path, wait=True):
                entered.set()

        thread = threading.Thread(target=wait_for_it)
        thread.start()
        path.unlink()
    thread.join(timeout=5)
    assert entered.is_set()
    assert path.exists(), "what is held is a lock file that is there"
