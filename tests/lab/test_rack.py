"""The main job on real parts: two Open vSwitch switches are made what is declared, and hosts feel it.

What is asserted is the world: pings, frames, the switches' own databases and their write counters.
"""

import json
import os
import signal
import subprocess
import time

import pytest

from tests.lab.site import Site, site_over, until
from tests.plugins import leaks

pytestmark = pytest.mark.lab

TRUNK = {
    "lags": {"Port-Channel1": {"members": ["p23", "p24"], "lacp": "active"}},
    "ports": {
        "Port-Channel1": {"mode": "trunk", "native_vlan": "none", "trunk_vlans": [10, 20, 30]},
        "p23": {"enabled": True},
        "p24": {"enabled": True},
    },
}


def access(port, vlan):
    return {"ports": {port: {"mode": "access", "access_vlan": vlan}}}


BASE = {
    "roles": {
        "uplink": {"attach": {"labels": {"tier": "leaf"}}, "state": TRUNK},
        "h1": {"attach": {"nodes": ["sw1"]}, "state": access("p1", 10)},
        "h2": {"attach": {"nodes": ["sw1"]}, "state": access("p2", 20)},
        "h3": {"attach": {"nodes": ["sw2"]}, "state": access("p1", 10)},
        "h4": {"attach": {"nodes": ["sw2"]}, "state": access("p2", 20)},
    }
}


@pytest.fixture(scope="module")
def site(lab, tmp_path_factory):
    lab.reset()
    with site_over(lab, tmp_path_factory.mktemp("site")) as made, leaks.owning(made.children):
        made.apply(BASE)
        until(lambda: made.reaches("h1", "h3"), what="the bundle carries VLAN 10")
        yield made
    lab.reset()


@pytest.fixture
def based(site: Site):
    """The site as BASE declares it."""
    site.apply(BASE)
    return site


def test_hosts_reach_each_other_inside_a_vlan_and_not_across(based):
    assert based.reaches("h1", "h3")
    assert based.reaches("h2", "h4")
    assert not based.reaches("h1", "h4")
    assert not based.reaches("h2", "h3")


def test_a_host_that_is_moved_by_a_declaration_is_reached_where_it_is_now(based):
    based.apply({"roles": {"h3": {"attach": {"nodes": ["sw2"]}, "state": access("p1", 20)}}})
    # The switch learns anew where h3 is: its flows of before are looked over within half a second.
    until(lambda: based.reaches("h2", "h3"), what="h3 is in VLAN 20")
    assert not based.reaches("h1", "h3")
    based.apply(BASE)
    assert based.reaches("h1", "h3")
    assert not based.reaches("h2", "h3")


def trunks(site, switch, port="Port-Channel1"):
    return json.loads(site.vsctl(switch, "get", "Port", port, "trunks"))


def test_a_role_adds_its_vlan_to_a_trunk_and_takes_only_that_away_again(based):
    extra = {"ports": {"Port-Channel1": {"trunk_vlans": [40]}}}
    based.role("extra", {"sw1": extra, "sw2": extra})
    assert trunks(based, "sw1") == trunks(based, "sw2") == [10, 20, 30, 40]
    based.role("extra", None)
    assert trunks(based, "sw1") == trunks(based, "sw2") == [10, 20, 30]


def test_a_vlan_that_somebody_else_put_on_the_trunk_stays(based):
    based.vsctl("sw1", "add", "Port", "Port-Channel1", "trunks", "77")
    extra = {"ports": {"Port-Channel1": {"trunk_vlans": [40]}}}
    based.role("extra", {"sw1": extra})
    assert trunks(based, "sw1") == [10, 20, 30, 40, 77]
    based.role("extra", None)
    assert trunks(based, "sw1") == [10, 20, 30, 77]
    based.vsctl("sw1", "remove", "Port", "Port-Channel1", "trunks", "77")


def test_a_port_made_a_trunk_never_shows_a_frame_of_another_vlan(based):
    """h4's port goes from access 20 to a trunk of [10], while h2 floods VLAN 20 with ARP requests."""
    listener = subprocess.Popen(
        based.lab.argv("h4", ["tcpdump", "-l", "-n", "-e", "-tt", "-i", "eth0", "-Q", "in", "arp or vlan"]),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert listener.stderr is not None
    while b"listening on" not in listener.stderr.readline():
        pass
    talker = subprocess.Popen(
        based.lab.argv("h2", ["ping", "-q", "-n", "-i", "0.2", "10.9.0.250"]),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        trunk = {"ports": {"p2": {"mode": "trunk", "native_vlan": "none", "trunk_vlans": [10]}}}
        based.apply({"roles": {"h4": {"attach": {"nodes": ["sw2"]}, "state": trunk}}})
        changed = time.time()
        assert json.loads(based.vsctl("sw2", "get", "Port", "p2", "trunks")) == [10]
        until(lambda: time.time() > changed + 2.5, what="some seconds of flooding")
    finally:
        for process in (talker, listener):
            process.terminate()
        talker.wait()
        seen, _ = listener.communicate(timeout=10)
        based.apply(BASE)
    frames = [line for line in seen.decode().splitlines() if "10.9.0.250" in line]
    assert frames, "the flood reached h4 while its port was in VLAN 20"
    assert not [line for line in frames if "vlan 20" in line]
    assert not [line for line in frames if float(line.split()[0]) > changed]


def test_a_change_by_hand_is_put_back_within_two_seconds_and_recorded_as_drift(based):
    before = {record["id"] for record in based.get("/nodes/sw1/passes")["items"]}
    began = time.monotonic()
    based.vsctl("sw1", "set", "Port", "p1", "tag=20")
    until(lambda: based.vsctl("sw1", "get", "Port", "p1", "tag") == "10", timeout_s=2.0, what="VLAN 10 is back on p1")
    assert time.monotonic() - began < 2.0

    def recorded():
        fresh = [item for item in based.get("/nodes/sw1/passes")["items"] if item["id"] not in before]
        return [item for record in fresh for item in record["drift"]]

    (item,) = until(recorded, what="the pass is reported")
    assert (item["path"], item["expected"], item["found"]) == ("ports.p1.access_vlan", 10, 20)
    assert item["roles"] == ["h1"]
    types = {event["type"] for event in based.get("/events?follow=0&since=0")["items"]}
    assert "drift.found" in types


def test_a_link_shut_by_hand_is_opened_again(based):
    based.apply({"roles": {"open": {"attach": {"nodes": ["sw1"]}, "state": {"ports": {"p1": {"enabled": True}}}}}})
    based.lab.run("sw1", ["ip", "link", "set", "p1", "down"], check=True)
    until(lambda: based.reaches("h1", "h3"), timeout_s=5.0, what="h1 is back")


def test_nothing_is_written_when_nothing_differs(based):
    counted = based.writes()
    passes = len(based.get("/nodes/sw1/passes")["items"])
    based.apply(BASE)
    for _ in range(10):
        for node in ("sw1", "sw2"):
            answer = based.http.post(f"/nodes/{node}/converge")
            assert answer.is_success, answer.text
            assert answer.json()["outcome"] == "unchanged"
    assert based.writes() == counted
    assert len(based.get("/nodes/sw1/passes")["items"]) >= passes


def test_the_agent_goes_on_without_the_service_and_its_reports_arrive_once(based):
    before = {record["id"] for record in based.get("/nodes/sw1/passes")["items"]}
    based.kill("service")
    for vlan in (20, 30, 40):
        based.vsctl("sw1", "set", "Port", "p1", f"tag={vlan}")
        until(lambda: based.vsctl("sw1", "get", "Port", "p1", "tag") == "10", timeout_s=5.0, what="VLAN 10 is back")
    based.start_service()

    def arrived():
        fresh = [record for record in based.get("/nodes/sw1/passes")["items"] if record["id"] not in before]
        found = [item["found"] for record in reversed(fresh) for item in record["drift"]]
        return found if len(found) >= 3 else None

    assert until(arrived, what="the reports of the time without service") == [20, 30, 40]
    based.apply({"roles": {"h1": {"attach": {"nodes": ["sw1"]}, "state": access("p1", 20)}}})
    assert arrived() == [20, 30, 40], "each report is there once"
    based.apply(BASE)


PHASES = ["reading", "planned", "guarded", "applying:1", "applied:1", "verifying", "saved", "reported"]


@pytest.mark.parametrize("phase", PHASES)
def test_an_agent_killed_in_any_phase_of_a_pass_converges_after_its_start(based, phase):
    extra = {"ports": {"Port-Channel1": {"trunk_vlans": [40]}, "p5": {"mode": "access", "access_vlan": 40}}}
    based.kill("agent")
    based.role("extra", {"sw1": extra}, wait=False)
    doomed = based.start_agent(die_at=phase)
    assert doomed.wait(30) == -9
    based.start_agent()
    until(lambda: trunks(based, "sw1") == [10, 20, 30, 40], what="VLAN 40 is on the trunk")
    based.wait("sw1", based.get("/nodes/sw1")["status"]["generation"])
    based.role("extra", None)
    assert trunks(based, "sw1") == [10, 20, 30]
    assert based.reaches("h1", "h3")


def test_a_switch_that_hangs_delays_no_other(based):
    """sw2's SSH daemon is stopped in mid-session; sw1 is changed meanwhile, and sw2 is back when it goes on."""
    stopped = based.pids("sw2", "sshd")
    assert stopped
    try:
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        based.role("slow", {"sw2": {"ports": {"p5": {"description": "slow"}}}}, wait=False)
        based.role("quick", {"sw1": {"ports": {"p5": {"description": "quick"}}}})
        assert time.monotonic() - began < 3.0
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    based.wait("sw2", based.get("/nodes/sw2")["status"]["generation"], timeout_s=60.0)
    based.role("slow", None)
    based.role("quick", None)


def test_another_host_key_is_refused_before_anything_is_sent(based):
    nodes = based.nodes()
    nodes["sw2"]["identity"] = {"ssh_host_key": "SHA256:" + "A" * 43}
    counted = based.writes()
    based.apply({"nodes": nodes}, wait=False)

    def reason():
        found = {item["type"]: item for item in based.get("/nodes/sw2")["status"]["conditions"]}
        return found["Identified"]["reason"] if found["Identified"]["status"] is False else None

    assert until(reason, what="the wrong key is noticed") == "WrongDevice"
    assert based.writes() == counted
    based.apply({"nodes": based.nodes()})
