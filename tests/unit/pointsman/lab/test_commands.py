"""The counting scripts tell commands that change a device from those that read it."""

import shlex
import subprocess
from pathlib import Path

import pytest

from pointsman.lab import commands

pytestmark = pytest.mark.unit


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A folder with every counting script in front of a program that prints its arguments."""
    real = tmp_path / "real"
    real.mkdir()
    for tool, script in commands.wrappers(tmp_path, (*commands.SWITCH_TOOLS, "tgtadm"), real=str(real)).items():
        (tmp_path / tool).write_text(script)
        (real / tool).write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n')
        for path in (tmp_path / tool, real / tool):
            path.chmod(0o755)
    return tmp_path


def call(device: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(device / argv[0]), *argv[1:]], capture_output=True, text=True, check=False, timeout=10)


@pytest.mark.parametrize(
    "line",
    [
        "ovs-vsctl list Port",
        "ovs-vsctl -f json --columns=name,tag list Port p1",
        "ovs-vsctl --timeout 5 --format json -- --columns=name find Port tag=10",
        "ovs-vsctl --if-exists get Port p1 tag -- list-ports br0 -- port-to-br p1",
        "ovs-vsctl br-exists br0",
        "ovs-vsctl wait-until Port p1 tag=10",
        "ovs-vsctl show",
        "ip link",
        "ip a",
        "ip -json -s link show dev p1",
        "ip -d -n other link sh p1",
        "ip route get 10.0.0.1",
        "ip monitor link",
        "ip address s",
        "ovs-ofctl dump-flows br0",
        "ovs-appctl -t ovs-vswitchd fdb/show br0",
        "ovs-appctl lacp/show",
        "tgtadm --lld iscsi --mode target --op show",
        "tgtadm --lld=iscsi --mode=target --op=show",
        "tgtadm --lld iscsi -m target -o show",
    ],
)
def test_a_read_is_not_counted(device: Path, line: str) -> None:
    call(device, *shlex.split(line))
    assert commands.count(device) == 0


@pytest.mark.parametrize(
    "line",
    [
        "ovs-vsctl set Port p1 tag=10",
        "ovs-vsctl list Port p1 -- set Port p1 tag=10",
        "ovs-vsctl -t 5 --may-exist add-port br0 p1 tag=10",
        "ovs-vsctl --id=@p create Port name=p1",
        "ovs-vsctl set Port list tag=1",
        "ovs-vsctl emer-reset",
        "ip link set p1 up",
        "ip l s p1 mtu 9000",
        "ip -4 addr add 10.0.0.1/24 dev p1",
        "ip -batch -",
        "ip route add default via 10.0.0.1",
        "ovs-ofctl add-flow br0 action=normal",
        "ovs-appctl fdb/flush br0",
        "tgtadm --lld iscsi --mode target --op new --tid 1 -T iqn.x",
        "tgtadm --lld iscsi --mode=target --op=bind --tid=1 -I ALL",
        "tgtadm --lld iscsi -m target -o delete --tid 1",
    ],
)
def test_a_write_is_counted_once(device: Path, line: str) -> None:
    call(device, *shlex.split(line))
    assert commands.count(device) == 1


def test_the_program_gets_its_arguments_as_they_were_and_its_answer_comes_back(device: Path) -> None:
    done = call(device, "ovs-vsctl", "set", "Port", "p1", 'external_ids:x="a b"; $(reboot)\nlist *')
    assert done.returncode == 3
    assert done.stdout == 'set\nPort\np1\nexternal_ids:x="a b"; $(reboot)\nlist *\n'
    assert commands.count(device) == 1, "a command of several lines is one command"


def test_nothing_was_written_to_a_device_without_a_counter_file(tmp_path: Path) -> None:
    assert commands.count(tmp_path) == 0
