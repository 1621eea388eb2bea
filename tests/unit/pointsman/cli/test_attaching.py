"""What `pointsman agent attach` cannot mean, said before anything is opened."""

import pytest

from pointsman.cli.app import run

pytestmark = pytest.mark.unit

PORT = "/dev/ttyUSB97"
KEYED = [
    "--bootstrap",
    "--management",
    "10.0.0.2/24",
    "--user",
    "ops",
    "--ssh-key",
    "agent.key",
    "--leave-to",
    "file:k",
]


@pytest.fixture(autouse=True)
def nobodys(monkeypatch, tmp_path, quiet):
    for name in ("POINTSMAN_SERVICE", "POINTSMAN_TOKEN", "POINTSMAN_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agent.key").write_text("a key")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([PORT], 2, "no service is named"),
        (["--service", "unix:/s", PORT], 2, "no location is named"),
        (["--service", "unix:/s", "--node", "con1", "--location", "l"], 1, "no agent was run offline with"),
        (["--node", "con1", "--look"], 2, "need a port"),
        (["--node", "con1", "--offline", "f.yaml"], 2, "need a port"),
        ([PORT, "--look", "--interface", "me0"], 2, "go with --bootstrap"),
        ([PORT, "--look", "--leave-to", "file:k"], 2, "go with --bootstrap"),
        ([PORT, "--look", "--bootstrap", "--hostname", "a", "--leave-to", "file:k"], 2, "must be reached by SSH"),
        ([PORT, "--offline", "f.yaml", *KEYED], 2, "--leave-to needs a service"),
        (["ssh://root@10.0.0.1", "--look"], 2, "is no line"),
    ],
)
def test_it_is_one_sentence(words, code, said, capsys) -> None:
    service = words[:2] if words[0] == "--service" else []
    assert run([*service, "agent", "attach", *words[len(service) :]]) == code
    assert said in " ".join(capsys.readouterr().err.split())


def test_declare_and_once_go_with_what_was_kept(tmp_path, capsys) -> None:
    folder = tmp_path / "state" / "pointsman" / "con1"
    folder.mkdir(parents=True)
    (folder / "attached.json").write_text(
        '{"settings": {"name": "a", "location": "offline", "service": "unix:/s", "data_dir": "/d"},'
        ' "attached": {"node": "con1", "profile": "vde_switch", "access": ["serial:/dev/ttyUSB97"]}}'
    )
    assert run(["--service", "unix:/s", "agent", "attach", "--node", "con1", "--location", "l", "--declare"]) == 2
    assert "has kept nothing" in " ".join(capsys.readouterr().err.split())
