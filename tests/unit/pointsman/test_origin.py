"""The program refuses to run on somebody else's packages."""

import os
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from pointsman.origin import HOME, PACKAGES, foreign_packages

pytestmark = pytest.mark.unit


def test_our_own_packages_are_accepted() -> None:
    assert foreign_packages() == []


def test_a_package_from_elsewhere_is_named(tmp_path: Path) -> None:
    def find(name: str) -> ModuleSpec | None:
        home = tmp_path if name == "agents" else HOME
        return ModuleSpec(name, None, origin=str(home / name / "__init__.py"))

    (sentence,) = foreign_packages(find=find)
    assert "'agents'" in sentence
    assert str(tmp_path / "agents") in sentence


def test_a_folder_without_init_is_foreign_too(tmp_path: Path) -> None:
    def find(name: str) -> ModuleSpec | None:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(tmp_path / name)]
        return spec

    assert len(foreign_packages(find=find)) == len(PACKAGES)


def test_a_missing_package_is_named() -> None:
    sentences = foreign_packages(find=lambda name: None)
    assert [name for name in PACKAGES if any(name in sentence for sentence in sentences)] == list(PACKAGES)


def test_the_program_says_it_in_one_sentence_and_stops(tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").write_text("raise SystemExit('the foreign package was imported')\n")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(HOME)])}
    command = [sys.executable, "-P", "-m", "pointsman", "--version"]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "somebody else's" in done.stderr
    assert "Traceback" not in done.stderr
