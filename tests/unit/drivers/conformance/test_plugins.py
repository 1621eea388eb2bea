"""A vendor from outside the tree: three files in a folder, and the suite runs on them by itself."""

import json
import shutil
from pathlib import Path

import pytest

from device_profiles.catalogue import all_profiles
from device_profiles.profile import FOLDER, ProfileError
from drivers.registry import driver_class, driver_names
from pointsman.cli.app import run

pytestmark = pytest.mark.unit

ZETA = Path(__file__).parent / "zeta"


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of plug-ins that has nothing to do with the checkout."""
    for file in ZETA.glob("zeta_os*"):
        shutil.copy(file, tmp_path)
    monkeypatch.setenv("POINTSMAN_PLUGINS", str(tmp_path))
    return tmp_path


def test_its_driver_is_short() -> None:
    assert len((ZETA / "zeta_os.py").read_text().splitlines()) < 100


def test_its_files_are_all_that_is_needed(outside: Path) -> None:
    assert all_profiles()["zeta_os"].vendor == "Zeta"
    assert "zeta_os" in driver_names()
    assert "zeta_os_twin" not in driver_names()
    assert driver_class("zeta_os").__module__ == "pointsman_plugins.zeta_os"


def test_the_suite_runs_on_it_and_notes_what_it_found(outside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["driver", "test", "zeta_os", "--evidence", str(outside / "evidence.json")]) == 0
    said = capsys.readouterr().out
    assert "[undo-restores]" in said
    assert "promises kept" in said.splitlines()[-1]
    assert run(["driver", "list", "--json"]) == 0
    (entry,) = (each for each in json.loads(capsys.readouterr().out) if each["name"] == "zeta_os")
    assert (entry["level"], entry["driver"], entry["vendor"], entry["kind"]) == ("writes", "zeta_os", "Zeta", "switch")
    assert entry["promises"]["kept"] == entry["promises"]["asked"] > 20


def test_a_broken_promise_is_told_by_the_exit_code(outside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    driver = outside / "zeta_os.py"
    driver.write_text(driver.read_text().replace('await self.run("save")', 'await self.run(":")'))
    assert run(["driver", "test", "zeta_os", "--promise", "saves", "--json"]) == 1
    (outcome,) = json.loads(capsys.readouterr().out)
    assert outcome["verdict"] == "broken"
    assert outcome["why"].startswith("saved and restarted, the device shows")


def test_two_profiles_of_one_name_are_refused(outside: Path) -> None:
    shutil.copy(FOLDER / "openvswitch.toml", outside)
    with pytest.raises(ProfileError, match=r"openvswitch\.toml: there is another profile of this name"):
        all_profiles()
