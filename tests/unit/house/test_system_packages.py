"""Debian packages: named before they are installed, no daemon started or enabled, no failure where it cannot be done.

The script runs on a machine made of small programs, whose package database is a folder with a file for each package.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.house.checkout import ROOT

pytestmark = pytest.mark.unit

SCRIPT = ROOT / "deploy/setup/system-packages.sh"

# `installable` is what the archive has; `fetched` appears with the package lists; `log` is what was called.
PROGRAMS = {
    "id": "echo $USER_ID",
    "dpkg-query": '[ -e "$MACHINE/installed/${@: -1}" ] && echo "install ok installed"',
    "apt-cache": 'grep -qx "$2" "$MACHINE/installable"',
    "apt-get": """
echo "$@" >> "$MACHINE/log"
case " $* " in
  *" update "*) [ -n "$OFFLINE" ] && { echo "no route to the archive"; exit 100; }; touch "$MACHINE/fetched";;
  *)
    all=$*; names=${all##*--no-install-recommends }
    [ -e "$MACHINE/fetched" ] || { echo "Unable to locate package"; exit 100; }
    for name in $names; do grep -qx "$name" "$MACHINE/installable" || { echo "Unable to locate $name"; exit 100; }; done
    for name in $names; do touch "$MACHINE/installed/$name"; echo "$name.service enabled" >> "$MACHINE/units"; done;;
esac
""",
    "systemctl": """
case "$*" in
  *list-unit-files*) cat "$MACHINE/units";;
  *disable*) echo "disabled ${@: -1}" >> "$MACHINE/log";;
esac
""",
}
TOOLS = ("bash", "awk", "grep", "mktemp", "rm", "comm", "sort", "tail", "cat", "touch", "chmod", "dirname")


class Machine:
    """A Debian machine in a folder."""

    def __init__(self, folder: Path, *, root: bool = True, offline: bool = False) -> None:
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "installed").mkdir()
        (folder / "units").write_text("cron.service enabled\n")
        (folder / "installable").write_text("socat\nsnmpd\n")
        for name, text in PROGRAMS.items():
            (folder / "bin" / name).write_text(f"#!/bin/bash\n{text}\n")
            (folder / "bin" / name).chmod(0o755)
        for name in TOOLS:
            (folder / "bin" / name).symlink_to(str(shutil.which(name)))
        self.environment = {
            "PATH": str(folder / "bin"),
            "MACHINE": str(folder),
            "USER_ID": "0" if root else "1000",
            "OFFLINE": "yes" if offline else "",
            "POINTSMAN_POLICY_RC": str(folder / "policy-rc.d"),
        }

    def want(self, *packages: str) -> str:
        """Run the script; what it says."""
        done = subprocess.run(
            [SCRIPT, *packages], env=self.environment, check=True, capture_output=True, text=True, timeout=20
        )
        assert done.stdout == ""
        return done.stderr

    def log(self) -> list[str]:
        path = self.folder / "log"
        return path.read_text().splitlines() if path.exists() else []

    def remove(self, program: str) -> None:
        (self.folder / "bin" / program).unlink()


def test_what_is_there_is_left_in_peace(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (tmp_path / "installed/socat").touch()
    assert machine.want("socat") == ""
    assert machine.log() == []


def test_root_says_and_installs_and_fetches_lists_only_when_needed(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.want("socat") == "pointsman: installing Debian packages (their services stay off): socat\n"
    assert [line for line in machine.log() if line.startswith("disabled")] == ["disabled socat.service"]
    assert sum("update" in line for line in machine.log()) == 1
    machine.want("snmpd")
    assert sum("update" in line for line in machine.log()) == 1


def test_daemons_may_not_start_while_packages_are_unpacked(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    spy = tmp_path / "bin/apt-get"
    spy.write_text(spy.read_text() + 'cat "$POINTSMAN_POLICY_RC" >> "$MACHINE/log"\n')
    machine.want("socat")
    assert "exit 101" in machine.log()
    assert not (tmp_path / "policy-rc.d").exists()


def test_a_policy_that_is_there_stays(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (tmp_path / "policy-rc.d").write_text("#!/bin/sh\nexit 104\n")
    machine.want("socat")
    assert "104" in (tmp_path / "policy-rc.d").read_text()


def test_without_network_it_says_so_and_goes_on(tmp_path: Path) -> None:
    said = Machine(tmp_path, offline=True).want("socat", "snmpd")
    assert "no route to the archive" in said
    assert said.endswith("pointsman: going on without: socat snmpd\n")


def test_what_the_release_does_not_have_is_left_out(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.want("socat", "frr").endswith("pointsman: going on without: frr\n")
    assert (tmp_path / "installed/socat").exists()


def test_others_than_root_are_told_in_one_line(tmp_path: Path) -> None:
    machine = Machine(tmp_path, root=False)
    said = machine.want("socat", "snmpd")
    assert said == "pointsman: to have everything: sudo apt-get install --no-install-recommends socat snmpd\n"
    assert machine.log() == []


def test_where_there_is_no_apt_the_names_are_given(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    machine.remove("apt-get")
    assert machine.want("socat").endswith("what these Debian packages hold: socat\n")


def test_groups_come_from_the_one_list(tmp_path: Path) -> None:
    machine = Machine(tmp_path, root=False)
    said = machine.want("@tests")
    assert said.split("--no-install-recommends ")[1].split() == ["postgresql"]
    assert {"openvswitch-switch", "tgt"} <= set(machine.want("@lab", "@tests").split())
    assert os.access(SCRIPT, os.X_OK)
