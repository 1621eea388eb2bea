"""The wheel holds the house, whole, and nothing else."""

import subprocess
import sys
import zipfile

import pytest

from tests.unit.house.checkout import PACKAGES, ROOT, files

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """The built wheel, opened at its root. The builder comes from the environment: nothing is fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    return zipfile.Path(next(folder.glob("pointsman-*.whl")))


def held(wheel: zipfile.Path) -> set[str]:
    return set(wheel.root.namelist())


def test_every_file_of_the_packages_is_in_it(wheel: zipfile.Path) -> None:
    assert set(files(*PACKAGES)) - held(wheel) == set()


def test_the_lab_documents_are_in_it(wheel: zipfile.Path) -> None:
    documents = {name.replace("deploy/lab/", "pointsman/data/lab/") for name in files("deploy/lab")}
    assert documents
    assert documents - held(wheel) == set()


def test_nothing_else_is_in_it(wheel: zipfile.Path) -> None:
    tops = {name.split("/")[0] for name in held(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_it_says_its_licence_its_command_and_that_it_is_typed(wheel: zipfile.Path) -> None:
    about = next(name for name in held(wheel) if name.endswith(".dist-info/METADATA")).rpartition("/")[0]
    assert "License-Expression: Apache-2.0" in wheel.joinpath(f"{about}/METADATA").read_text()
    assert wheel.joinpath(f"{about}/licenses/LICENSE").read_text() == (ROOT / "LICENSE").read_text()
    assert "pointsman = pointsman.__main__:main" in wheel.joinpath(f"{about}/entry_points.txt").read_text()
    assert [package for package in PACKAGES if f"{package}/py.typed" not in held(wheel)] == []
