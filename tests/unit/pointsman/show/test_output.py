"""Pipes get plain aligned lines or JSON; terminals get drawings; neither gets control characters or markup."""

import json
import sys

import pytest

from pointsman.show.output import Branch, indented, plain_lines, print_json, print_json_line, print_table, print_tree

pytestmark = pytest.mark.unit

HOSTILE = "[red]\x1b[31msw\n1[/]"


def test_columns_stand_under_their_names() -> None:
    lines = plain_lines(("name", "why"), [("sw1", "yes"), ("switch-2", "no")])
    assert lines == ["NAME      WHY", "sw1       yes", "switch-2  no"]


def test_no_rows_is_said_beside_the_output(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name",), [], empty="no nodes to show")
    assert capsys.readouterr() == ("", "no nodes to show\n")


def test_json_is_ascii_and_means_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"name": HOSTILE + "\x7f\u202e\x9b"}
    print_json(document)
    out = capsys.readouterr().out
    assert out.replace("\n", "").isprintable()
    assert out.isascii()
    assert json.loads(out) == document


def test_json_lines_are_one_each(capsys: pytest.CaptureFixture[str]) -> None:
    print_json_line({"a": "x\ny"})
    assert capsys.readouterr().out == '{"a": "x\\ny"}\n'


def test_a_tree_on_a_pipe_is_indented() -> None:
    tree = Branch("sw1")
    tree.add("conditions:").add(HOSTILE)
    assert indented(tree) == ["sw1", "  conditions:", "    [red]\\x1b[31msw\\x0a1[/]"]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    return capsys


def test_a_terminal_shows_hostile_text_and_does_not_obey_it(terminal: pytest.CaptureFixture[str]) -> None:
    print_table(("name",), [(HOSTILE,)], empty="")
    tree = Branch(HOSTILE)
    tree.add(HOSTILE)
    print_tree(tree)
    out = terminal.readouterr().out
    assert out.count("[red]\\x1b[31msw\\x0a1[/]") == 3
    assert "\x1b[31m" not in out
