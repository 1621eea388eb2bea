"""The wheel in an empty environment outside the checkout: only what it asks for is installed, and it does its work.

The versions are those of the lock, as constraints; the development tools are not installed, so a dependency that only
they bring in is found missing here. The packages come from uv's cache, which `make setup` filled, else from the index.
"""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[2]
BESIDE_PYTHON = str(Path(sys.executable).parent)


class Installed:
    """The command of a wheel that was installed in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str, timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """Run `pointsman` as its user would: in another folder, with nothing of the checkout in sight."""
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder)}
        return subprocess.run(
            [str(self.folder / "env/bin/pointsman"), *arguments],
            cwd=self.folder,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            stdin=subprocess.DEVNULL,
        )


def must(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def install(wheel: str, folder: Path) -> None:
    python = str(folder / "env/bin/python")
    constraints = folder / "constraints"
    lock = (ROOT / "requirements.lock").read_text()
    constraints.write_text("\n".join(line.rstrip(" \\") for line in lock.splitlines() if not line.startswith(" ")))
    uv = shutil.which("uv", path=f"{BESIDE_PYTHON}{os.pathsep}{os.environ['PATH']}")
    if uv:
        must(uv, "venv", "--python", sys.executable, str(folder / "env"))
        must(uv, "pip", "install", "--python", python, "-c", str(constraints), wheel)
    else:
        must(sys.executable, "-m", "venv", str(folder / "env"))
        must(python, "-m", "pip", "install", "-c", str(constraints), wheel)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("elsewhere")
    must(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    install(str(next(folder.glob("pointsman-*.whl"))), folder)
    return Installed(folder)


def test_it_knows_its_commands(installed: Installed) -> None:
    done = installed.run("--help")
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout


def test_its_packages_are_its_own(installed: Installed) -> None:
    script = "import agents, drivers, proxy_service; print(agents.__file__)"
    python = [str(installed.folder / "env/bin/python"), "-c", script]
    found = subprocess.run(python, cwd=installed.folder, check=True, capture_output=True, text=True, timeout=30).stdout
    assert found.startswith(str(installed.folder / "env"))


def test_it_lists_its_drivers_and_tries_them(installed: Installed) -> None:
    listed = installed.run("driver", "list")
    assert listed.returncode == 0, listed.stderr
    assert re.search(r"^openvswitch .* proven ", listed.stdout, re.MULTILINE)
    tried = installed.run("driver", "test", "openvswitch")
    assert tried.returncode == 0, tried.stdout
    assert "promises kept" in tried.stdout


def test_the_demo_converges_once(installed: Installed) -> None:
    done = installed.run("demo", "--once", timeout_s=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_migrates_an_empty_database_and_once_more_one_that_is_new(installed: Installed) -> None:
    for _ in range(2):
        done = installed.run("migrate", "--data-dir", "data")
        assert done.returncode == 0, done.stderr
    tables = [
        name
        for path in (installed.folder / "data").iterdir()
        if path.read_bytes().startswith(b"SQLite format 3")
        for name in table_names(path)
    ]
    assert {"alembic_version", "nodes"} <= set(tables)


def table_names(database: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
