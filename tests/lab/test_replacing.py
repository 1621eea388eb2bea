"""A switch that was swapped: another device answers in its place, and is not written to until somebody approves it."""

import pytest

from tests.lab.site import Site, site_over, until
from tests.plugins import leaks

pytestmark = pytest.mark.lab

ROLE = {
    "roles": {"h3": {"attach": {"nodes": ["sw2"]}, "state": {"ports": {"p1": {"mode": "access", "access_vlan": 10}}}}}
}


@pytest.fixture
def site(lab, tmp_path):
    lab.reset()
    with site_over(lab, tmp_path) as made, leaks.owning(made.children):
        yield made
    lab.reset()


def condition(site: Site, kind: str) -> dict:
    conditions = site.get("/nodes/sw2")["status"]["conditions"]
    return next((item for item in conditions if item["type"] == kind), {"reason": "", "message": ""})


def ask(site: Site, body: dict) -> dict:
    answer = site.http.post("/nodes/sw2/replace", json=body)
    assert answer.is_success, answer.text
    return answer.json()


def test_another_switch_in_sw2s_place_is_shown_approved_and_converged(site: Site):
    site.apply(ROLE)
    site.kill("agent")
    # As if the box was swapped: an empty database, and a serial number of its own.
    site.lab.wipe("sw2")
    site.vsctl("sw2", "set", "Open_vSwitch", ".", "external_ids:system-id=OVS-NEW")
    written = site.writes()
    site.start_agent()
    until(lambda: condition(site, "Identified")["reason"] == "WrongDevice", what="sw2 is not known any more")
    assert "OVS-NEW" in condition(site, "Identified")["message"]
    assert site.writes() == written

    found = ask(site, {})
    assert found["known"]["serial"] != found["shown"]["serial"] == "OVS-NEW"
    assert [step["text"] for step in found["plan"]["steps"]] == ["p1: access VLAN 10"]
    assert site.writes() == written

    assert ask(site, {"approve": found["approve"]})["outcome"] == "changed"
    assert site.vsctl("sw2", "get", "Port", "p1", "tag") == "10"
    until(lambda: condition(site, "Identified")["reason"] == "Pinned", what="the new switch is known")
    pinned = site.get("/nodes/sw2")["status"]["identity"]
    assert pinned["serial"] == "OVS-NEW"
