"""A spinner is for terminals; what is printed meanwhile goes where it should."""

import os
import subprocess
import sys

import pytest

from pointsman.origin import HOME

pytestmark = pytest.mark.unit

SCRIPT = """
from pointsman.show.output import say
from pointsman.show.progress import steps
with steps("bringing it up") as step:
    step("one [red]thing\\x1b[31m")
    say("a line")
say("the end")
"""


def run_on_a_terminal(*, stdout_too: bool) -> tuple[str, str]:
    """Run the script with standard error on a terminal. Answers what came there, and on standard output."""
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=HOME,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
            stdout=theirs if stdout_too else subprocess.PIPE,
            stderr=theirs,
            check=True,
            timeout=30,
        )
        os.close(theirs)
        seen = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:
                break
            seen += chunk
        return seen.decode(), (done.stdout or b"").decode()
    finally:
        os.close(ours)


def test_a_pipe_gets_its_lines_while_a_spinner_turns_on_the_terminal() -> None:
    terminal, piped = run_on_a_terminal(stdout_too=False)
    assert piped == "a line\nthe end\n"
    assert "bringing it up" in terminal


def test_a_terminal_shows_lines_and_spinner_and_obeys_no_step() -> None:
    terminal, _ = run_on_a_terminal(stdout_too=True)
    assert "a line" in terminal
    assert "the end" in terminal
    assert "\x1b[31m" not in terminal


def test_on_a_pipe_nothing_turns(capfd: pytest.CaptureFixture[str]) -> None:
    subprocess.run([sys.executable, "-c", SCRIPT], cwd=HOME, check=True, timeout=30)
    assert capfd.readouterr() == ("a line\nthe end\n", "")
