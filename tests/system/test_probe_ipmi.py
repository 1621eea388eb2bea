"""`pointsman probe ipmi://...`: a controller needs no profile to be named, and is not recorded."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from pointsman.cli.app import app
from pointsman.twins.ipmi.users import PASSWORD, USER

pytestmark = pytest.mark.system


@contextmanager
def controller():
    argv = [sys.executable, "-m", "pointsman.twins.ipmi"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield json.loads(process.stdout.readline())["urls"][0]
        finally:
            process.stdin.close()


@pytest.fixture
def probe(monkeypatch):
    monkeypatch.setenv("POINTSMAN_SECRET_BMC", f"{USER}:{PASSWORD}")
    return lambda *words: CliRunner().invoke(
        app, ["probe", *words, "--credentials", "env:POINTSMAN_SECRET_BMC", "--json"]
    )


def test_a_controller_is_read_without_a_name_of_its_profile(probe, tmp_path):
    with controller() as url:
        found = probe(url)
        recorded = probe(url, "--record", str(tmp_path))
    assert found.exit_code == 0, found.output
    shown = json.loads(found.stdout)
    assert shown["profile"] == "ipmi"
    assert shown["observed"]["slots"]["1"]["power"] == "on"
    assert shown["facts"]["dmi"]["system"]["serial_number"] == "TWIN-B1"
    assert shown["operation"]["sensors"]["Fan 1"]["value"] == 5000.0
    assert recorded.exit_code == 1
    assert PASSWORD not in found.output + recorded.output
