"""A real login(1) on a serial line of sw1: who has no password is told so, and who has one leaves nobody logged in.

The user exists in a mount namespace of the test alone; the machine's own password file is not touched.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pointsman.lab.rig import Rig
from tests.lab.site import CHECKOUT, until

pytestmark = pytest.mark.lab

LOGIN = """
set -eu
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/shadow" /etc/shadow
exec socat "UNIX-LISTEN:$1/login,fork" "EXEC:/bin/login -p,pty,setsid,ctty,stderr"
"""
SHELL = '#!/bin/sh\nexport OVS_RUNDIR=/run/openvswitch PS1="sw1# " TERM=dumb\nexec sh\n'
WORD = "canary-4Kq"


@dataclass(frozen=True)
class Line:
    """The line, and what was typed on it."""

    folder: Path

    @property
    def typed(self) -> str:
        return (self.folder / "typed").read_bytes().decode("ascii", "replace")

    def attach(self, *words: str, user: str = "") -> subprocess.CompletedProcess[str]:
        """What `pointsman agent attach --look` says of it."""
        url = f"serial:{self.folder}/tty" + (f"?user={user}" if user else "")
        return subprocess.run(
            [sys.executable, "-m", "pointsman", "agent", "attach", url, "--look", *words],
            check=False,
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    def password(self, text: str) -> tuple[str, str]:
        """The options that name a password."""
        file = self.folder / "line.login"
        file.touch(mode=0o600)
        file.write_text(text)
        return "--credentials", f"file:{file}"


@contextlib.contextmanager
def running(words: list[str], log: Path) -> Iterator[None]:
    with log.open("ab") as said:
        process = subprocess.Popen(words, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def line(lab: Any, tmp_path: Path) -> Iterator[Line]:
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=WORD, capture_output=True, text=True, check=True
    ).stdout.strip()
    shell = tmp_path / "shell"
    shell.write_text(SHELL)
    shell.chmod(0o755)
    (tmp_path / "passwd").write_text(f"{Path('/etc/passwd').read_text()}netop:x:0:0::/:{shell}\n")
    (tmp_path / "shadow").touch(mode=0o600)
    (tmp_path / "shadow").write_text(f"netop:{hashed}:19000:0:99999:7:::\n")
    inside = Rig(lab.name).argv("sw1", ["unshare", "-m", "sh", "-c", LOGIN, "sh", str(tmp_path)])
    relay = ["-m", "pointsman.lab.relay", f"{tmp_path}/tty", f"{tmp_path}/login", "--typed", f"{tmp_path}/typed"]
    with running(inside, tmp_path / "login.log"):
        until((tmp_path / "login").exists, what="login(1) waits for a line")
        with running([sys.executable, *relay, "--speed", "9600"], tmp_path / "relay.log"):
            until((tmp_path / "tty").exists, what="the line is there")
            yield Line(tmp_path)


def test_a_login_is_asked_for_and_tried_once(line: Line) -> None:
    nobody = line.attach()
    assert nobody.returncode == 1
    assert "asks for a login" in nobody.stderr

    wrong = line.attach(*line.password("wrong-9"), user="netop")
    assert wrong.returncode == 1
    assert "refuses the login" in wrong.stderr
    assert line.typed.count("wrong-9") == 1, "an account must not be locked by us"


def test_who_logs_in_leaves_nobody_logged_in(line: Line, lab: Any) -> None:
    before = lab.writes("sw1")
    right = line.attach(*line.password(WORD), user="netop")
    assert right.returncode == 0, right.stderr
    assert "openvswitch (Open vSwitch on Linux)" in right.stdout
    assert "serial number: OVS-1" in right.stdout
    assert WORD not in right.stdout + right.stderr

    begun = time.monotonic()
    again = line.attach()
    assert "asks for a login" in again.stderr, f"nobody is left logged in: {again.stdout}"
    assert time.monotonic() - begun < 10
    assert lab.writes("sw1") == before
