"""Programs run in a clean environment, and end."""

import pytest

from pointsman.lab import programs
from pointsman.lab.errors import LabError

pytestmark = pytest.mark.unit


def test_nothing_of_our_own_environment_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVS_RUNDIR", "/elsewhere")
    monkeypatch.setenv("POINTSMAN_SECRET_X", "geheim")
    shown = programs.must(["env"], what="env failed")
    assert "elsewhere" not in shown
    assert "geheim" not in shown
    assert "/usr/sbin" in shown


def test_a_program_that_hangs_is_ended_and_named() -> None:
    with pytest.raises(LabError, match=r"`sleep 60` did not end within 0\.1 s"):
        programs.run(["sleep", "60"], timeout_s=0.1)


def test_a_failed_program_says_why() -> None:
    with pytest.raises(LabError, match="it was tried: no"):
        programs.must(["sh", "-c", "echo no >&2; exit 3"], what="it was tried")
    with pytest.raises(LabError, match="nosuchprogram is missing"):
        programs.run(["nosuchprogram"])


def test_input_is_given_and_output_comes_back() -> None:
    assert programs.must(["cat"], text="hello", what="cat failed") == "hello"
