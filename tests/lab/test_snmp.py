"""SNMP on real parts: net-snmp's agent on sw1, asked and told over SNMPv3, and its own client beside ours."""

import json
import subprocess
import sys

import pytest

from pointsman.lab import layout
from tests.lab.site import LOCATION, Site, site_over, until
from tests.plugins import leaks

pytestmark = pytest.mark.lab

ADDRESS = layout.device("sw1").address
PORT = "p5"
SHUT = {"ports": {PORT: {"enabled": False}}}


@pytest.fixture
def keys(tmp_path):
    file = tmp_path / "snmp.key"
    file.touch(mode=0o600)
    file.write_text(f"{layout.SNMP_AUTH_KEY}\n{layout.SNMP_PRIV_KEY}\n")
    return file


def carries(lab, port):
    """Whether the cable's far end has a carrier."""
    shown = json.loads(lab.run("sw1", ["ip", "-j", "link", "show", port], check=True).stdout)
    return "UP" in shown[0]["flags"]


def test_a_probe_over_snmpv3_tells_the_host_and_its_neighbours(fresh_lab, keys):
    words = [
        "-m",
        "pointsman",
        "probe",
        f"snmpv3://{layout.SNMP_USER}@{ADDRESS}",
        "--credentials",
        f"file:{keys}",
        "--json",
    ]
    inside = ["ip", "netns", "exec", fresh_lab.namespace("mgmt")]
    until(lambda: fresh_lab.neighbours("sw1").get("p1"), what="lldpd sees who is at p1")

    def probe():
        done = subprocess.run([*inside, sys.executable, *words], capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    # snmpd looks at the kernel's interfaces every few seconds only.
    shown = until(
        lambda: (found := probe())["observed"]["ports"][PORT]["enabled"] and found, what=f"{PORT} is seen open"
    )
    assert shown["profile"] == "snmp_interfaces"
    assert shown["facts"]["hostname"] == "sw1"
    named = {(link["a"]["port"], link["b"]["name"]) for link in shown["links"]}
    assert ("p1", fresh_lab.neighbours("sw1")["p1"][0][0]) in named


@pytest.fixture
def site(fresh_lab, tmp_path):
    with site_over(fresh_lab, tmp_path) as made, leaks.owning(made.children):
        yield made


def by_snmp(site: Site, keys) -> dict:
    """sw1 as a node whose agent is net-snmp's."""
    secrets = site.folder / "secrets" / "snmp.key"
    secrets.touch(mode=0o600)
    secrets.write_text(keys.read_text())
    return {
        "profile": "snmp_interfaces",
        "location": LOCATION,
        "access": [f"snmpv3://{layout.SNMP_USER}@{ADDRESS}"],
        "credentials": "file:snmp.key",
        "labels": {"tier": "leaf"},
    }


def test_the_role_that_shuts_a_port_over_ssh_does_so_over_snmpv3(site: Site, keys):
    (site.folder / "agent.toml").write_text(
        (site.folder / "agent.toml").read_text() + '[[secrets]]\nname = "file:snmp.key"\nhosts = ["10.8.0.0/24"]\n'
    )
    site.kill("agent")
    site.start_agent()
    site.apply({"roles": {"shut": {"attach": {"nodes": ["sw1"]}, "state": SHUT}}})
    assert not carries(site.lab, PORT)
    site.lab.run("sw1", ["ip", "link", "set", PORT, "up"], check=True)

    site.apply({"nodes": {"sw1": by_snmp(site, keys)}}, timeout_s=40)
    until(lambda: not carries(site.lab, PORT), what="the port is shut over SNMPv3")
    site.apply({"roles": {"shut": {"attach": {"nodes": ["sw1"]}, "state": {"ports": {PORT: {"enabled": True}}}}}})
    assert carries(site.lab, PORT)
