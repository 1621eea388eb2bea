"""The branch that the agent sits on, on real parts: sw1 is managed through its own port p48, in VLAN 99.

What is asserted is the switch: its rows, its write counter, and whether it answers.
"""

import pytest

from tests.lab.site import Site, site_over, until
from tests.plugins import leaks

pytestmark = pytest.mark.lab

ROLE = "cutting-sw1"
CUTTING = {"ports": {"p48": {"mode": "access", "access_vlan": 10}}}
"""Takes the management VLAN off the port that the agent comes by."""


@pytest.fixture(scope="module")
def site(lab, tmp_path_factory):
    lab.reset()
    with site_over(lab, tmp_path_factory.mktemp("own-path")) as made, leaks.owning(made.children):
        yield made
    lab.reset()


@pytest.fixture
def uncut(site: Site):
    """The site with sw1 as it was found, and no role that cuts it."""
    yield site
    site.http.delete(f"/roles/{ROLE}")
    declare(site)
    until(lambda: converged(site)["reason"] == "Verified", what="sw1 is as declared again")


def declare(site: Site, *, allow=(), serial: bool = False) -> None:
    """Declare sw1: what it allows, and whether it may be reached over its serial line."""
    node = site.nodes()["sw1"]
    line = next(device.serial for device in site.lab.status() if device.name == "sw1")
    access = [*node["access"], line.replace("rfc2217://", "telnet://")] if serial else node["access"]
    site.apply({"nodes": {"sw1": {**node, "access": access, "allow": list(allow)}}}, wait=False)


def cut(site: Site) -> None:
    site.apply({"roles": {ROLE: {"attach": {"nodes": ["sw1"]}, "state": CUTTING}}}, wait=False)


def rows(site: Site) -> str:
    """What the switch's database says about its ports.

    Without ``vlan_mode``: a port with a tag is an access port whether it is empty or not (ovs-vswitchd.conf.db(5)),
    and an undo writes the mode out.
    """
    return site.vsctl("sw1", "--columns=name,tag,trunks", "--format=json", "list", "Port")


def converged(site: Site) -> dict:
    conditions = site.get("/nodes/sw1")["status"]["conditions"]
    return next((item for item in conditions if item["type"] == "Converged"), {"reason": "", "message": ""})


def ends_with(site: Site, reason: str) -> str:
    """Wait until sw1 is not converged for this reason; the sentence that says so."""
    try:
        until(lambda: converged(site)["reason"] == reason, timeout_s=40.0, what=f"sw1 says {reason}")
    except AssertionError as error:
        raise AssertionError(f"{error}; it says {converged(site)}") from None
    return str(converged(site)["message"])


def test_what_cuts_the_agents_own_path_is_refused_and_the_path_named(uncut):
    written = uncut.writes()
    cut(uncut)
    message = ends_with(uncut, "OwnPath")
    assert "p48" in message
    assert "10.8.0.254" in message
    assert uncut.writes() == written


def test_allowed_and_without_a_way_back_it_is_not_tried(uncut):
    declare(uncut, allow=["own_path"])
    written = uncut.writes()
    cut(uncut)
    ends_with(uncut, "NoWayBack")
    assert uncut.writes() == written


def test_with_the_serial_line_it_is_tried_and_undone(uncut):
    before = rows(uncut)
    declare(uncut, allow=["own_path"], serial=True)
    cut(uncut)
    message = ends_with(uncut, "CutOff")
    assert "telnet://" in message
    assert rows(uncut) == before
    last = uncut.get("/nodes/sw1/passes")["items"][0]
    assert {step["status"] for step in uncut.get(f"/nodes/sw1/passes/{last['id']}")["steps"]} == {"undone"}
    until(lambda: uncut.http.post("/nodes/sw1/converge").is_success, what="sw1 answers over SSH again")


def test_killed_while_the_switch_is_cut_off_it_is_undone_after_the_start(uncut):
    before = rows(uncut)
    declare(uncut, allow=["own_path"], serial=True)
    uncut.kill("agent")
    agent = uncut.start_agent(die_at="applied:1")
    cut(uncut)
    # The step that cuts never ends for the agent; it is gone from the switch's port when the row says so.
    until(lambda: rows(uncut) != before, what="the switch is cut off")
    if agent.poll() is None:
        uncut.kill("agent")
    uncut.start_agent()
    ends_with(uncut, "CutOff")
    assert rows(uncut) == before
