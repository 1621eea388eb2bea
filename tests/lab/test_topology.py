"""The graph of the lab: blades that come and go, cables that move, and the way from a server to its switch.

The agent looks for neighbours every POLL_S where nothing changes: what is seen sooner was seen because the switch told.
"""

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.lab.site import LOCATION, Site, until
from tests.plugins import leaks

pytestmark = pytest.mark.lab

POLL_S = 30.0
IPMI = ["-I", "lanplus", "-C", "3", "-U", "admin", "-P", "secret", "-N", "1", "-R", "3", "-H", "10.8.0.31"]
IQN = "iqn.2024-01.example:blade1"
EXTRA: dict[str, dict[str, Any]] = {
    "bmc1": {"profile": "ipmi", "access": ["ipmi://10.8.0.31"], "credentials": "file:bmc.pass"},
    "pdu1": {"profile": "powerman", "access": ["powerman://10.8.0.51"]},
}
SECRETS = {"bmc.pass": "admin:secret\n"}


@contextmanager
def site_over(lab, folder):
    """Both switches, the array, a controller and a PDU under one agent."""
    site = Site(lab, folder)
    settings = folder / "agent.toml"
    text = settings.read_text().replace("discover_s = 1.0", f"discover_s = {POLL_S}")
    for name, secret in SECRETS.items():
        (folder / "secrets" / name).touch(mode=0o600)
        (folder / "secrets" / name).write_text(secret)
        text += f'[[secrets]]\nname = "file:{name}"\nhosts = ["10.8.0.0/24"]\n'
    settings.write_text(text)
    san: dict[str, Any] = {
        "profile": "tgt",
        "access": ["ssh://root@10.8.0.41"],
        "credentials": "file:lab.key",
        "identity": {"ssh_host_key": lab.host_keys["san"]},
    }
    extra = {name: {**spec, "location": LOCATION} for name, spec in {**EXTRA, "san-1": san}.items()}
    identity = {"macs": {"eth0": mac_of(lab, "blade1")}, "hostname": "blade1", "serial": "LAB-B1", "iqn": IQN}
    try:
        site.start_service()
        document = {
            "locations": {LOCATION: {}},
            "nodes": {**site.nodes(), **extra},
            "servers": {"blade1": {"identity": identity}},
            "cabling": [{"a": "pdu1/outlet1", "b": "blade1/psu0", "medium": "power"}],
            "roles": {"blade1-lun": {"attach": {"nodes": ["san-1"]}, "state": storage()}},
        }
        site.apply(document, wait=False)
        site.start_agent()
        for node in ("sw1", "sw2"):
            until(lambda node=node: site.http.get(f"/nodes/{node}/facts").is_success, what=f"{node} is read")
        yield site
    finally:
        site.stop()


def storage():
    return {
        "volumes": {"blade1-root": {"size": 16 << 20, "pool": "tank"}},
        "exports": {"blade1": {"initiators": [IQN], "luns": {"1": "blade1-root"}}},
    }


def mac_of(lab, host):
    return lab.run(host, ["cat", "/sys/class/net/eth0/address"], check=True).stdout.strip()


@pytest.fixture(scope="module")
def site(lab, tmp_path_factory):
    lab.reset()
    with site_over(lab, tmp_path_factory.mktemp("site")) as made, leaks.owning(made.children):
        yield made
    lab.reset()


def power(lab, word):
    lab.run("mgmt", ["ipmitool", *IPMI, "chassis", "power", word], check=True)


def links(site, name, *, state=None, **query):
    items = site.http.get("/links", params={"node": name, **query}).json()["items"]
    return [link for link in items if link["medium"] == "data" and state in (None, link["state"])]


def live(site, name):
    return [link for link in links(site, name) if link["state"] not in ("stale", "contradicted")]


def port_of(link):
    """Where a link ends at a switch."""
    end = link["b"] if "node" in link["b"] else link["a"]
    return end["node"], end["port"]


def test_a_blade_appears_when_it_is_on_and_is_kept_when_it_is_off(lab, site):
    power(lab, "on")
    until(lambda: ("blade1", "eth0") in lab.neighbours("sw1").get("p3", []), what="sw1's lldpd heard blade1")
    (link,) = until(lambda: live(site, "blade1"), timeout_s=3.0, what="blade1 is linked")
    assert (port_of(link), link["a"]["server"], link["a"]["port"]) == (("sw1", "p3"), "blade1", "eth0")
    on = link["last_seen"]
    power(lab, "off")
    (gone,) = until(lambda: links(site, "blade1", state="stale"), what="the link of blade1 is stale")
    assert port_of(gone) == ("sw1", "p3")
    assert [each["state"] for each in links(site, "blade1", at=on)] == ["one_sided"]
    found = site.get("/nodes/sw1/ports/p3/why")
    assert any(sentence.startswith("the last neighbour was blade1 until") for sentence in found["sentences"])


def test_a_cable_that_moved_is_one_link_that_moved(lab, site):
    (before,) = until(lambda: live(site, "h1") or named(site, "h1"), what="h1 is linked")
    assert port_of(before) == ("sw1", "p1")
    lab.cable("h1", "sw2:p5")
    try:
        until(lambda: [name for name, _ in lab.neighbours("sw2").get("p5", [])] == ["h1"], what="sw2's lldpd heard h1")
        (link,) = until(lambda: moved(site, "h1"), timeout_s=POLL_S / 2, what="one link that moved")
        assert port_of(link) == ("sw2", "p5")
        assert (link["moved_from"]["node"], link["moved_from"]["port"]) == ("sw1", "p1")
        assert link["moved_from"]["first_seen"] == before["first_seen"]
        assert before["first_seen"] < link["moved_from"]["closed_at"]
        then = [port_of(each) for each in named(site, "h1", at=before["last_seen"])]
        assert then == [("sw1", "p1")]
        # Each switch is read by itself, its table of MACs after its neighbours: for a moment both may show it.
        now = [("sw2", "p5")]
        until(lambda: [port_of(each) for each in named(site, "h1", at=utc_now())] == now, what="only sw2 shows h1")
    finally:
        lab.cable("h1", "sw1:p1")


def named(site, name, **query):
    """Links of a machine that nobody declared, by the name that it tells."""
    items = site.http.get("/links", params=query).json()["items"]
    return [link for link in items if link["b"].get("unknown") == name and link["state"] != "stale"]


def utc_now():
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def moved(site, name):
    return [link for link in named(site, name) if (link.get("moved_from") or {}).get("closed_at")]


def test_a_trace_names_switch_port_outlet_slot_and_lun(lab, site):
    power(lab, "on")
    try:
        until(lambda: live(site, "blade1"), what="blade1 is linked")
        until(lambda: site.get("/trace?server=blade1")["slots"], what="the slot of blade1", timeout_s=40)
        until(lambda: site.get("/trace?server=blade1")["storage"], what="the export of blade1", timeout_s=40)
        found = site.get("/trace?server=blade1")
        assert next((hop["node"], hop["in"]) for hop in found["paths"][0]["hops"]) == ("sw1", "p3")
        assert {port_of(item) for item in found["slots"]} == {("bmc1", "1")}
        assert {port_of(item) for item in found["outlets"]} == {("pdu1", "outlet1")}
        assert {lun: volume for item in found["storage"] for lun, volume in item["luns"].items()} == {
            "1": "blade1-root"
        }
    finally:
        power(lab, "off")


def test_the_two_cables_between_the_switches_are_seen_from_both_ends(lab, site):
    between = until(
        lambda: [link for link in links(site, "sw1", state="confirmed") if link["b"].get("node") == "sw2"],
        what="a cable that both switches confirm",
    )
    assert {(link["a"]["port"], link["b"]["port"]) for link in between} <= {("p23", "p23"), ("p24", "p24")}
