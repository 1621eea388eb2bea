"""A switch out of its box, with a console and nothing else: made reachable, kept offline, and told of later.

On a lab of its own, whose sw1 loses its SSH, its keys and its accounts first, and has /etc and its homes to itself.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pointsman.lab import Lab, layout
from pointsman.lab.rig import Rig
from pointsman.lab.secure_shells import make_key
from tests.lab.site import CHECKOUT, Site

pytestmark = pytest.mark.lab

LINE = f"rfc2217://{layout.MGMT_ADDRESS}:{layout.SERIAL_LINES['sw1']}?baud=9600"
ADDRESS = "10.8.0.61"
DOCUMENT = """
roles:
  ports:
    attach: {nodes: [closet-1]}
    state: {ports: {p1: {mode: access, access_vlan: 77}}}
"""
OUT_OF_ITS_BOX = """
mkdir -p {own}/etc {own}/home {own}/root
cp -a /etc/. {own}/etc
rm -f {own}/etc/ssh/ssh_host_*
mkdir -p {own}/etc/network/interfaces.d
for folder in etc home root; do mount --bind {own}/$folder /$folder; done
"""


@pytest.fixture
def bare_switch():
    """A lab whose sw1 has nobody's key and no SSH server."""
    lab = Lab.up(f"t{os.getpid()}b")
    try:
        rig = Rig(lab.name)
        rig.stop("sw1/sshd")
        rig.run("sw1", ["sh", "-ec", OUT_OF_ITS_BOX.format(own=rig.folder("sw1") / "own")], check=True)
        yield lab
    finally:
        lab.down()


@pytest.fixture
def laptop(bare_switch, tmp_path):
    """`pointsman agent attach`, beside the switch: what it prints."""
    home = {name: os.environ[name] for name in os.environ if not name.startswith("POINTSMAN_")}
    home |= {"PYTHONPATH": str(CHECKOUT), "XDG_STATE_HOME": str(tmp_path / "state")}

    def attach(*words, service=None):
        named = {"POINTSMAN_SERVICE": f"unix:{service.folder}/s.sock"} if service else {}
        named |= {"POINTSMAN_TOKEN_FILE": f"{service.folder}/service/admin.token"} if service else {}
        inside = ["ip", "netns", "exec", bare_switch.namespace("mgmt")]
        done = subprocess.run(
            [*inside, sys.executable, "-m", "pointsman", "agent", "attach", *words],
            check=False,
            cwd=tmp_path,
            env=home | named,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return attach


def test_a_switch_out_of_its_box_is_reached_by_ssh_and_the_service_hears_of_it_later(bare_switch, laptop, tmp_path):
    machine = Path("/etc/hostname").read_text(), Path("/etc/passwd").read_text()
    make_key(tmp_path / "agent.key", comment="agent")
    (tmp_path / "ports.yaml").write_text(DOCUMENT)
    box = ["--hostname", "closet-1", "--management", f"{ADDRESS}/24", "--user", "pointsman", "--ssh-key", "agent.key"]

    said = laptop(LINE, "--profile", "openvswitch", "--bootstrap", *box, "--yes", "--offline", "ports.yaml", "--once")
    assert f"SSH is proved: ssh://pointsman@{ADDRESS}, host key SHA256:" in said
    assert "which it showed on its line" in said
    assert "closet-1: Reachable: yes: the device answers\n" in said, "over SSH, its first access"
    assert bare_switch.run("sw1", ["ovs-vsctl", "get", "Port", "p1", "tag"]).stdout.strip() == "77"
    writes = bare_switch.writes("sw1")

    site = Site(bare_switch, tmp_path)
    try:
        site.start_service()
        site.apply({"locations": {"closet": {}}}, wait=False)
        body = {"name": "laptop", "scopes": ["join"], "location": "closet"}
        (tmp_path / "join.token").write_text(site.http.post("/tokens", json=body).json()["token"])
        joins = ["--node", "closet-1", "--location", "closet", "--join-token-file", "join.token", "--declare", "--once"]
        assert "what was kept offline is handed over: " in laptop(*joins, service=site)
        node = site.get("/nodes/closet-1")
        assert node["spec"]["access"] == [f"ssh://pointsman@{ADDRESS}", f"{LINE}"]
        assert site.get("/roles/ports")["spec"]["attach"]["nodes"] == ["closet-1"]
        passes = site.get("/nodes/closet-1/passes")["items"]
        assert [each["outcome"] for each in passes if each["offline"]].count("changed") == 1
    finally:
        site.stop()
    assert bare_switch.writes("sw1") == writes
    assert (Path("/etc/hostname").read_text(), Path("/etc/passwd").read_text()) == machine
