"""Help: quick, whole, and with examples that are commands."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from pointsman.cli.app import ENTRIES, app, run
from pointsman.cli.hoist import hoisted
from pointsman.origin import HOME

pytestmark = pytest.mark.unit


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command below a group, with the words that call it."""
    for name, command in group.commands.items():
        here = (*path, name)
        if hasattr(command, "commands"):
            yield from commands(command, here)
        else:
            yield here, command


ALL = list(commands(typer.main.get_command(app)))


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_command_has_a_sentence_and_an_example(
    path: tuple[str, ...], command: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*path, "--help"]) == 0
    out = capsys.readouterr().out
    assert command.help
    assert f"pointsman {' '.join(path)}" in out.partition("xample")[2]


def test_every_option_and_argument_says_what_it_is() -> None:
    silent = [(path, param.name) for path, command in ALL for param in command.params if not getattr(param, "help", "")]
    assert silent == []


def test_the_list_of_commands_names_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    out = capsys.readouterr().out
    assert [entry.name for entry in ENTRIES if f"\n  {entry.name} " not in out] == []


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from pointsman.cli.app import run; run(['--help']); "
        "print([n for n in ('httpx', 'pydantic', 'sqlalchemy', 'fastapi', 'asyncssh', 'rich') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=HOME, check=True, capture_output=True, text=True, timeout=20
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("get nodes --service unix:/s --json", "--service unix:/s get nodes --json"),
        ("get --token-file=t nodes --debug", "--token-file=t --debug get nodes"),
        ("show sw1 -- --service x", "show sw1 -- --service x"),
        ("get nodes --service", "--service get nodes"),
    ],
)
def test_the_roots_options_may_stand_anywhere(line: str, expected: str) -> None:
    assert hoisted(shlex.split(line)) == shlex.split(expected)
