"""The step-by-step part of `docs/getting-started.md`, done word for word in the lab of real parts.

Only what could meet somebody else's is renamed: the lab, and the TCP port of the service.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointsman.lab import Lab
from pointsman.origin import HOME

pytestmark = pytest.mark.lab

PAGE = HOME / "docs" / "getting-started.md"
BLOCK = re.compile(r"^```(sh|yaml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAME = f"g{os.getpid()}"
RENAMED = {
    "lab up": f"lab up --lab {NAME}",
    "lab down": f"lab down --lab {NAME}",
    "pm-mgmt": f"{NAME}-mgmt",
    "pointsman-lab/pm/": f"pointsman-lab/{NAME}/",
    "pointsman serve": "pointsman serve --port 0",
}
UNTIL_IT_LISTENS = "until [ -S site/service.sock ] && [ -s site/admin.token ]; do sleep 0.2; done\n"
UNTIL_PUT_BACK = "until pointsman events | grep -q drift.found; do sleep 0.2; done\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder with the page's YAML files; what a failed run leaves of the lab is taken down."""
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "pointsman"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={HOME} exec {sys.executable} -P -m pointsman "$@"\n')
    command.chmod(0o755)
    yield tmp_path
    Lab(NAME).down()


def script(folder: Path) -> str:
    """The shell blocks of the part, with its YAML files written, as one script that says what it runs."""
    part = PAGE.read_text().partition("\n## 2.")[2].partition("\n## 3.")[0]
    lines = ["set -eu -o pipefail\n"]
    for language, body in BLOCK.findall(part):
        named = re.match(r"# (\S+\.yaml)\n", body)
        if named:
            (folder / named[1]).write_text(body)
        elif language == "sh":
            lines.append(body.replace("pointsman events\n", UNTIL_PUT_BACK + "pointsman events\n"))
            if "pointsman serve" in body:
                lines.append(UNTIL_IT_LISTENS)
    whole = "".join(lines)
    for old, new in RENAMED.items():
        whole = whole.replace(old, new)
    return whole


def test_the_page_can_be_followed_word_for_word(folder: Path) -> None:
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "POINTSMAN_SERVICE": f"unix:{folder / 'site/service.sock'}",
    }
    done = subprocess.run(
        ["timeout", "--signal=TERM", "240", "bash", "-x", "-c", script(folder)],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=270,
        stdin=subprocess.DEVNULL,
    )
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    for words in (
        "no agent has joined",
        "changed locations: rack-a",
        "sw2: converged at generation",
        "facts",
        "p1: access VLAN 10, description h1 eth0",
        "sw1: converged at generation 2",
        "ports.p1.access_vlan",
        "drift.found",
    ):
        assert words in told, told
    assert list(Path("/run/netns").glob(f"{NAME}-*")) == []
