"""Commands that run things: the service, a migration, an agent; what they take, and what they say when they cannot."""

import socket
from pathlib import Path

import pytest

from agents.settings import SecretRule
from pointsman.cli.agent import secret_rule, settings_of
from pointsman.cli.app import run
from pointsman.problems import PointsmanError, WrongUsage

pytestmark = pytest.mark.unit


def test_a_port_that_is_taken_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], quiet: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert run(["serve", "--data-dir", str(tmp_path), "--port", port]) == 1
    err = capsys.readouterr().err
    assert "the service cannot start" in err
    assert "--port" in err
    assert "Traceback" not in err


def test_a_database_is_migrated_and_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert run(["migrate", "--data-dir", str(tmp_path / "data")]) == 0
    assert (tmp_path / "data" / "pointsman.db").exists()
    assert run(["migrate", "--database", f"sqlite:///{tmp_path}/other.db"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("url", ["sqlite:////proc/nowhere/p.db", "postgresql://u:hush-hush@127.0.0.1:9/p", "mongo://x"])
def test_a_database_that_cannot_be_used_is_told_without_its_password(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["migrate", "--database", url]) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "hush-hush" not in err


def test_the_agents_options_go_over_its_file(tmp_path: Path) -> None:
    file = tmp_path / "agent.toml"
    file.write_text(
        'name = "edge-1"\nlocation = "a"\nservice = "unix:/s"\ndata_dir = "/d"\n'
        '[[secrets]]\nname = "file:*"\nhosts = ["10.0.0.0/8"]\n'
    )
    settings = settings_of(file, {"location": "b", "protect": ("sw1/ports.p48",)})
    assert (settings.name, settings.location, settings.protect) == ("edge-1", "b", ("sw1/ports.p48",))
    assert settings.secrets == (SecretRule(name="file:*", hosts=("10.0.0.0/8",)),)


def test_what_is_wrong_with_an_agents_settings_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="--name is missing"):
        settings_of(None, {"location": "a"})
    with pytest.raises(WrongUsage, match="--service"):
        settings_of(None, {"name": "a", "location": "a", "service": "gopher://x", "data_dir": tmp_path})
    (tmp_path / "agent.toml").write_text(
        'name = "a"\nlocation = "a"\nservice = "unix:/s"\ndata_dir = "/d"\ncolour = "red"\n'
    )
    with pytest.raises(PointsmanError, match=r"agent\.toml: colour: unknown key"):
        settings_of(tmp_path / "agent.toml", {})


def test_a_rule_for_a_secret_is_written_with_its_hosts() -> None:
    assert secret_rule("file:lab.key=10.8.0.0/24,h") == SecretRule(name="file:lab.key", hosts=("10.8.0.0/24", "h"))
    with pytest.raises(WrongUsage, match="NAME=HOSTS"):
        secret_rule("file:lab.key")
