"""A serial cable is enough: con1 has no address, and becomes a node by its line alone."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from pointsman.lab import consoles, layout
from pointsman.lab.rig import Rig
from tests.lab.site import CHECKOUT, site_over, until

pytestmark = pytest.mark.lab

CLOSET = "closet"
LINE = f"rfc2217://{layout.MGMT_ADDRESS}:{layout.SERIAL_LINES['con1']}"


@pytest.fixture
def site(fresh_lab, tmp_path):
    with site_over(fresh_lab, tmp_path) as made:
        made.apply({"locations": {CLOSET: {}}}, wait=False)
        yield made


@contextmanager
def attached(site, port, *, inside=True, stdin=subprocess.DEVNULL):
    """`pointsman agent attach`, as a field engineer starts it beside con1."""
    token = site.http.post("/tokens", json={"name": "laptop", "scopes": ["join"], "location": CLOSET}).json()["token"]
    file = site.folder / "closet.token"
    file.touch(mode=0o600)
    file.write_text(token)
    words = ["-m", "pointsman", "agent", "attach", port, "--node", "con1", "--location", CLOSET]
    words += ["--join-token-file", str(file), "--data-dir", str(site.folder / "laptop")]
    namespace = ["ip", "netns", "exec", site.lab.namespace("mgmt")] if inside else []
    with (site.folder / "attach.log").open("ab") as log:
        process = subprocess.Popen(
            [*namespace, sys.executable, *words],
            cwd=site.folder,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "POINTSMAN_SERVICE": f"unix:{site.folder}/s.sock"},
            stdin=stdin,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def is_read(site):
    return site.http.get("/nodes/con1/observed").is_success


def reaches_array(site, host):
    done = site.lab.run(host, ["ping", "-q", "-n", "-c", "1", "-W", "1", layout.HOST_ADDRESSES["san"]])
    return done.returncode == 0


def con1(site, state):
    """Declare con1's ports, and wait until it is so."""
    site.apply({"roles": {"con1-ports": {"attach": {"nodes": ["con1"]}, "state": state}}}, timeout_s=40)


AS_IT_WAS = {"ports": {"1": {"mode": "access", "access_vlan": 1}, "24": {"mode": "access", "access_vlan": 1}}}


def test_a_switch_with_nothing_but_a_line_becomes_a_node_and_carries_a_vlan(site):
    assert reaches_array(site, "h5")
    untouched = site.lab.writes("con1")
    begun = time.monotonic()
    with attached(site, LINE):
        until(lambda: is_read(site), what="con1 is a node that was read")
        took_s = time.monotonic() - begun
        shown = site.get("/nodes/con1")
        assert shown["spec"]["access"] == [f"{LINE}?baud={layout.LINE_SPEED}"]
        assert shown["spec"]["identity"] == {"line": LINE}
        before = site.lab.writes("con1")
        assert before == untouched, "nothing was written before it was declared"

        fabric = {
            "sw2": {
                "ports": {
                    "p4": {"mode": "access", "access_vlan": 30},
                    "p8": {"mode": "trunk", "native_vlan": "none", "trunk_vlans": [30]},
                }
            }
        }
        site.role("storage", fabric)
        assert not reaches_array(site, "h5"), "the array is in VLAN 30, and h5 is not"
        uplink = {"mode": "trunk", "native_vlan": "none", "trunk_vlans": [30]}
        con1(site, {"vlans": {30: {}}, "ports": {"1": {"mode": "access", "access_vlan": 30}, "24": uplink}})
        until(lambda: reaches_array(site, "h5"), what="h5 reaches the array in VLAN 30")
        assert not reaches_array(site, "h6"), "h6 is in no VLAN that the array is in"
        writes = site.lab.writes("con1")
        assert writes > before

        con1(site, AS_IT_WAS)
        site.http.delete("/roles/con1-ports")
        site.role("storage", None)
    log = (site.folder / "attach.log").read_text()
    assert took_s < 10, f"con1 was a node after {took_s:.1f} s:\n{log}"
    assert re.search(r"vde_switch .*its prompt or banner shows it", log)


def test_a_port_of_this_machine_is_as_good_and_nobody_is_asked_anything(site):
    """The line without its console server: the pseudo-terminal at which it ends, as a laptop's adapter would be."""
    port = consoles.line(Rig(site.lab.name), "con1")
    begun = time.monotonic()
    with attached(site, str(port)):
        until(lambda: is_read(site), what="con1 is a node that was read")
        assert time.monotonic() - begun < 10
        shown = site.get("/nodes/con1")
        assert shown["spec"]["access"] == [f"serial:{port}?baud={layout.LINE_SPEED}"]
        con1(site, {"vlans": {31: {}}})
        other = look(site, str(port))
        assert other.returncode == 1
        assert re.search(rf"{port} is in use by python\S* \(process \d+\): end that first", other.stderr)
        con1(site, {})
    assert look(site, str(port)).returncode == 0


def test_an_adapter_that_is_unplugged_and_numbered_anew_is_taken_up_again(site):
    rig = Rig(site.lab.name)
    port = consoles.line(rig, "con1")
    with attached(site, str(port)):
        until(lambda: is_read(site), what="con1 is a node that was read")
        consoles.unplug_line(rig)
        try:
            site.http.post("/nodes/con1/converge", json={})
            until(lambda: _condition(site, "Reachable") is False, what="con1 is away without its line")
        finally:
            consoles.plug_line(rig)
        until(lambda: _condition(site, "Reachable") is True, what="con1 is back by itself", timeout_s=60)
        con1(site, {"vlans": {32: {}}})
        con1(site, {})


def look(site, port):
    """What `pointsman agent attach --look` says of a port."""
    words = [sys.executable, "-m", "pointsman", "agent", "attach", port, "--look"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(
        words,
        check=False,
        cwd=site.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_the_agent_takes_up_a_line_that_went_away_and_came_back(site):
    with attached(site, LINE):
        until(lambda: is_read(site), what="con1 is a node that was read")
        for pid in site.pids("mgmt", "ser2net"):
            os.kill(pid, 19)
        try:
            site.http.post("/nodes/con1/converge", json={})
            until(
                lambda: _condition(site, "Reachable") is False,
                what="con1 is not reachable while its console server hangs",
                timeout_s=60,
            )
        finally:
            for pid in site.pids("mgmt", "ser2net"):
                os.kill(pid, 18)
        until(lambda: _condition(site, "Reachable") is True, what="con1 is reachable again", timeout_s=60)


def _condition(site, name):
    conditions = site.get("/nodes/con1")["status"]["conditions"]
    return next((each["status"] for each in conditions if each["type"] == name), None)
