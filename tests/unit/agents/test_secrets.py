"""A secret is found where it may be, and goes only where the agent's own file says."""

import os
from pathlib import Path

import pytest

from agents.secrets import Secrets
from agents.settings import SecretRule, SettingsError, load_settings
from device_profiles.state import Port, State
from drivers.errors import SecretRefused
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

RULES = (
    SecretRule(name="file:lab*", hosts=("10.8.0.0/24", "fd00::/8", "Switch.example")),
    SecretRule(name="env:*", hosts=("10.9.0.1",)),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "secrets"
    found.mkdir()
    _write(found / "lab.key", "hunter2\n")
    return found


def _write(file: Path, text: str, mode: int = 0o600) -> None:
    file.write_text(text)
    file.chmod(mode)


def secrets(folder: Path | None, **environment: str) -> Secrets:
    return Secrets(folder=folder, rules=RULES, environment=environment)


@pytest.mark.parametrize("host", ["10.8.0.11", "fd00::1", "switch.example"])
async def test_a_secret_goes_where_a_rule_sends_it(folder, host):
    found = await secrets(folder).resolve("file:lab.key", host=host)
    assert found is not None
    assert found.text == "hunter2"
    assert "hunter2" not in repr(found)


async def test_a_variable_of_the_agents_environment(folder):
    found = await secrets(folder, POINTSMAN_SECRET_A="x").resolve("env:POINTSMAN_SECRET_A", host="10.9.0.1")
    assert found is not None
    assert found.text == "x"


async def test_no_name_is_no_secret(folder):
    assert await secrets(folder).resolve(None, host="10.8.0.1") is None


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("file:lab.key", "10.8.1.11"),
        ("file:lab.key", "evil.example"),
        ("file:lab.key", "10.8.0.11.evil.example"),
        ("file:other.key", "10.8.0.11"),
        ("env:POINTSMAN_SECRET_A", "10.8.0.11"),
        ("env:PATH", "10.9.0.1"),
        ("env:POINTSMAN_SECRET_UNSET", "10.9.0.1"),
        ("file:/etc/shadow", "10.8.0.11"),
        ("file:lab/../../../etc/shadow", "10.8.0.11"),
        ("file:lab.missing", "10.8.0.11"),
        ("vault:lab", "10.8.0.11"),
        ("nonsense", "10.8.0.11"),
    ],
)
async def test_anything_else_is_refused_and_shows_nothing(folder, name, host):
    with pytest.raises(SecretRefused) as error:
        await secrets(folder, POINTSMAN_SECRET_A="hunter2", PATH="hunter2").resolve(name, host=host)
    assert "hunter2" not in str(error.value)


async def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path):
    _write(tmp_path / "outside", "hunter2")
    (folder / "lab.link").symlink_to(tmp_path / "outside")
    with pytest.raises(SecretRefused):
        await secrets(folder).resolve("file:lab.link", host="10.8.0.1")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
async def test_a_file_that_others_can_reach_is_refused(folder, mode):
    _write(folder / "lab.open", "x", mode)
    with pytest.raises(SecretRefused, match="chmod 600"):
        await secrets(folder).resolve("file:lab.open", host="10.8.0.1")


async def test_only_plain_files_of_a_sane_size(folder):
    os.mkfifo(folder / "lab.pipe", 0o600)
    (folder / "lab.dir").mkdir(mode=0o700)
    _write(folder / "lab.big", "x" * 100_000)
    _write(folder / "lab.empty", "\n")
    for name in ("pipe", "dir", "big", "empty"):
        with pytest.raises(SecretRefused):
            await secrets(folder).resolve(f"file:lab.{name}", host="10.8.0.1")


async def test_without_a_folder_there_are_no_files():
    with pytest.raises(SecretRefused):
        await secrets(None).resolve("file:lab.key", host="10.8.0.1")


async def test_a_node_whose_secret_is_refused_says_so_and_nothing_is_opened(tmp_path):
    switch, service = FakeSwitch(State(ports={"p1": Port()})), FakeService()
    service.assign(
        desired("sw1", 1, State()), profile=PROFILE, credentials="file:lab.key", access=("ssh://root@elsewhere",)
    )
    async with running(tmp_path, Rack(elsewhere=switch), service):
        await service.until(lambda: service.condition("sw1", "Reachable") == (False, "SecretRefused"))
    assert switch.calls["open"] == 0


class TestSettings:
    def load(self, tmp_path, text):
        file = tmp_path / "agent.toml"
        file.write_text(text)
        return load_settings(file)

    GOOD = 'name = "a1"\nlocation = "row"\nservice = "unix:/run/x"\ndata_dir = "/var/lib/x"\n'

    def test_a_whole_file(self, tmp_path):
        more = 'protect = ["ports.p48"]\npoll_s = 5\n[[secrets]]\nname = "file:*"\nhosts = ["10.0.0.0/8"]\n'
        found = self.load(tmp_path, self.GOOD + more)
        assert found.secrets == (SecretRule(name="file:*", hosts=("10.0.0.0/8",)),)
        assert found.poll_s == 5

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            (GOOD + "colour = 1", "colour"),
            (GOOD + 'protect = ["nonsense"]', "protect"),
            (GOOD + "poll_s = 0", "poll_s"),
            (GOOD.replace("unix:/run/x", "ftp://x"), "service"),
            ('name = "a1"', "location"),
            ("name = ", "TOML"),
        ],
    )
    def test_what_is_wrong_is_named(self, tmp_path, text, named):
        with pytest.raises(SettingsError, match=named):
            self.load(tmp_path, text)
