"""What is wrong with a line is said in one sentence on standard error, with exit code 2."""

import shlex

import pytest

from pointsman.cli.app import run

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("gte nodes", "No such command 'gte'. Did you mean 'get'"),
        ("get", "Missing argument 'KIND'"),
        ("get pears", "'pears' is none of nodes, roles"),
        ("get nodes --colour", "No such option: --colour"),
        ("get nodes --label tier", "is not KEY=VALUE"),
        ("get nodes --condition Converged", "is not TYPE:STATUS"),
        ("get roles --label a=b", "nothing else has them"),
        ("get nodes --service gopher://x", "is none of http://"),
        ("wait", "name the nodes or roles"),
        ("wait sw1 --all", "name the nodes or roles"),
        ("show rule/x", "before the slash stands node or role"),
        ("pause sw1 --reason x", "say when the pause ends"),
        ("pause sw1 --reason x --for 2y", "'2y' is no span of time"),
        ("pause sw1 --reason x --until 2026-11-20T10:00:00", "needs its offset"),
        ("token create x --scope read --expires soon", "'soon' is no span of time"),
        ("converge sw1 --timeout 900", "Invalid value for '--timeout'"),
    ],
)
def test_wrong_usage(line: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shlex.split(line)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.count("\n") == 1


def test_a_group_without_its_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["token"]) == 2
    assert "revoke" in capsys.readouterr().err


def test_nobody_at_the_address_is_told_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["get", "nodes", "--service", "http://127.0.0.1:9"]) == 1
    err = capsys.readouterr().err
    assert "cannot reach the service at http://127.0.0.1:9" in err
    assert "pointsman serve" in err
    assert err.count("\n") == 1


def test_a_traceback_comes_with_debug_only(capsys: pytest.CaptureFixture[str]) -> None:
    run(["get", "nodes", "--service", "http://127.0.0.1:9", "--debug"])
    assert "Traceback" in capsys.readouterr().err


def test_a_document_that_cannot_be_read_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apply", "-f", "nowhere.yaml"]) == 1
    assert "cannot read the document nowhere.yaml: No such file" in capsys.readouterr().err
