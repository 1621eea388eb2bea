"""The service and an agent as the processes that their commands start: what they say, and how they end."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from pointsman.origin import HOME

pytestmark = pytest.mark.system


def test_a_service_is_started_listens_twice_and_ends_when_it_is_asked(tmp_path: Path) -> None:
    data, path = tmp_path / "data", tmp_path / "p.sock"
    words = ["serve", "--data-dir", str(data), "--port", "0", "--unix-socket", str(path), "--log-level", "warning"]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "pointsman", *words],
        env={**os.environ, "PYTHONPATH": str(HOME)},
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        url = line.split()[2].rstrip(";")
        assert httpx.get(f"{url}/readyz", trust_env=False).json()["ok"] is True
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path))) as client:
            assert client.get("http://p/healthz").status_code == 200
        token = data / "admin.token"
        assert f"the admin token is in {token}" in line
        assert stat.S_IMODE(token.stat().st_mode) == 0o600
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=20)
    assert (process.returncode, rest) == (0, "")


def test_an_agent_that_never_joined_says_how_and_has_nothing_of_a_service_in_it(tmp_path: Path) -> None:
    words = [
        "agent",
        "run",
        "--name",
        "a",
        "--location",
        "l",
        "--data-dir",
        str(tmp_path),
        "--service",
        "unix:/nowhere",
    ]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pointsman", *words],
        env={**os.environ, "PYTHONPATH": str(HOME), "PYTHONPROFILEIMPORTTIME": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert "pointsman: this agent is not enrolled" in done.stderr.splitlines()[-1]
    assert "| agents.process" in " ".join(done.stderr.split())
    assert not {"proxy_service", "sqlalchemy", "fastapi"} & set(done.stderr.split())
