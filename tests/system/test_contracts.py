"""Each import contract is seen to fail: a copy of the packages gets one bad import per contract, and is judged."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.unit.house.checkout import ROOT

pytestmark = pytest.mark.system


# For each contract: the module that is planted, and its one line. `planted` is filled in with a name of its own.
BAD = {
    "imports point down": ("device_profiles", "import drivers"),
    "agents and service know each other only by the wire": ("agents", "import proxy_service"),
    "the service never imports drivers": ("proxy_service", "import drivers"),
    "nobody imports pointsman": ("agents", "import pointsman"),
    "device profiles are data and reach nothing": ("device_profiles", "import socket"),
    "vendors import no other vendor": ("drivers/vendors", "import drivers.vendors.planted_neighbour"),
    "vendors open no connection": ("drivers/vendors", "import asyncssh"),
    "databases are reached in the service's store only": ("agents", "import sqlalchemy.orm"),
    "the web framework is the service's": ("pointsman", "from fastapi import FastAPI"),
    "terminals are the command's": ("drivers", "import typer"),
    "SSH is spoken by transports and twins only": ("drivers", "import asyncssh"),
    "SNMP is spoken by transports, twins and the lab's PDU only": ("agents", "import pysnmp.hlapi"),
    "devices are spoken to over HTTP by transports only": ("drivers/rest", "import httpx"),
    "libraries that block work in drivers.libraries only": ("drivers/vendors", "import netmiko"),
    "pyghmi is at work in the child process of IPMI and in twins only": ("drivers/transports", "import pyghmi.ipmi"),
    "nobody imports the child process of IPMI": ("pointsman", "import drivers.ipmi.child"),
}

GOOD = {
    "drivers/libraries/planted_good.py": "import netmiko, napalm, ncclient",
    "drivers/transports/planted_good.py": "import asyncssh, httpx, pysnmp",
    "pointsman/lab/planted_good.py": "import pysnmp",
    "pointsman/twins/ipmi/planted_good.py": "import pyghmi",
    "pointsman/planted_good.py": "import agents, proxy_service, drivers, typer",
    "proxy_service/planted_good.py": "import sqlalchemy, fastapi, device_profiles",
}


def settings() -> dict[str, list[dict[str, str]]]:
    linter: dict[str, list[dict[str, str]]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]
    return linter


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and their contracts, in a folder of its own."""
    for package in settings()["root_packages"]:
        shutil.copytree(ROOT / str(package), tmp_path / str(package), ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def judge(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    environment = {"PYTHONPATH": str(folder), "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def plant(folder: Path, where: str, line: str) -> None:
    path = folder / where
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.write_text(f"{line}\n")


def test_every_contract_has_its_proof() -> None:
    assert [contract["name"] for contract in settings()["contracts"]] == list(BAD)


def test_each_contract_fails_when_it_is_broken(copy: Path) -> None:
    plant(copy, "drivers/vendors/planted_neighbour.py", "")
    for number, (package, line) in enumerate(BAD.values()):
        plant(copy, f"{package}/planted_{number}.py", line)
    result = judge(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    sections = dict(zip(BAD, broken_sections(result.stdout), strict=True))
    silent = [name for number, name in enumerate(BAD) if f"planted_{number} -> " not in sections[name]]
    assert silent == [], result.stdout


def broken_sections(output: str) -> list[str]:
    """What the linter says below the heading of each contract, in the order of the contracts."""
    _, details = output.split("Broken contracts", 1)
    heading = "|".join(re.escape(name) for name in BAD)
    return re.split(rf"^(?:{heading})\n-+$", details, flags=re.MULTILINE)[1:]


def test_what_belongs_is_allowed(copy: Path) -> None:
    for where, line in GOOD.items():
        plant(copy, where, line)
    result = judge(copy)
    assert "Contracts: " in result.stdout, result.stdout + result.stderr
    assert "planted_good" not in result.stdout  # the packages themselves are judged by `make check`
