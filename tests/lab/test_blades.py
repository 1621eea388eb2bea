"""The lab's blades, switched by declaration over IPMI: real processes boot, and boot once, whatever is killed.

What is asserted is what the blades themselves did (their boots, their link at the switch) and what the controller's
chassis program was told, which `ipmi_sim` calls for every command.
"""

from datetime import UTC, datetime

import pytest

from pointsman.lab import commands
from tests.lab.site import LOCATION, Site, until
from tests.lab.test_console import a_person
from tests.plugins import leaks

pytestmark = pytest.mark.lab

NODES = {
    f"bmc{number}": {
        "profile": "ipmi",
        "location": LOCATION,
        "access": [f"ipmi://10.8.0.3{number}"],
        "credentials": "file:bmc.pass",
    }
    for number in (1, 2)
}
PATIENCE_S = 40.0
"""A blade takes a second to stop and one to start, and a killed agent's successor has to log in again."""


@pytest.fixture(scope="module")
def site(lab, tmp_path_factory):
    """A service and an agent that know both controllers, and have had them for a while."""
    folder = tmp_path_factory.mktemp("site")
    made = Site(lab, folder)
    secret = folder / "secrets" / "bmc.pass"
    secret.touch(mode=0o600)
    secret.write_text("admin:secret\n")
    with (folder / "agent.toml").open("a") as settings:
        settings.write('[[secrets]]\nname = "file:bmc.pass"\nhosts = ["10.8.0.0/24"]\n')
    try:
        made.start_service()
        made.apply({"locations": {LOCATION: {}}, "nodes": NODES}, wait=False)
        with leaks.owning(made.children):
            made.start_agent()
            power(made, "on")
            yield made
    finally:
        made.stop()


def slot(site, wait=True, **values):
    """Declare the slot of bmc1."""
    role = {"attach": {"nodes": ["bmc1"]}, "state": {"slots": {"1": values}}}
    return site.apply({"roles": {"blade1": role}}, wait=wait, timeout_s=PATIENCE_S)


def power(site, value, **more):
    return slot(site, power=value, **more)


def now() -> str:
    return datetime.now(UTC).isoformat()


def told(lab, words) -> int:
    """How often the chassis program was told something."""
    lines = commands.counter_file(lab.directory / "bmc1").read_text().splitlines()
    return sum(line == f"set {words}" for line in lines)


def neighbours(lab):
    return lab.neighbours("sw1").get("p3", [])


def test_power_by_declaration_boots_the_blade_and_its_switch_sees_it(site, lab):
    power(site, "off")
    until(lambda: ("blade1", "eth0") not in neighbours(lab), what="sw1 sees nobody any more")
    boots, writes = len(lab.boots("blade1")), lab.writes("bmc1")
    power(site, "on")
    until(lambda: ("blade1", "eth0") in neighbours(lab), what="sw1 sees blade1")
    assert len(lab.boots("blade1")) == boots + 1
    assert lab.writes("bmc1") == writes + 1
    power(site, "on", off_timeout=5)
    assert lab.writes("bmc1") == writes + 1, "nothing was to be changed"


def test_the_operating_system_is_asked_and_not_cut_off(site, lab):
    power(site, "on")
    cut, asked = told(lab, "power 0"), told(lab, "shutdown 1")
    power(site, "off")
    assert told(lab, "power 0") == cut
    assert told(lab, "shutdown 1") == asked + 1
    power(site, "on")


def test_the_controller_tells_its_machine(site, lab):
    facts = until(lambda: facts_of(site), what="facts of bmc1")
    assert facts["dmi"]["system"]["serial_number"] == "LAB-B1"
    assert facts["dmi"]["system"]["uuid"] == "a1234567-89ab-cdef-a123-456789000001"
    links = until(lambda: site.get("/links?node=bmc1")["items"], what="the blade as a link")
    assert "slot" in {evidence["kind"] for link in links for evidence in link["evidence"]}


def test_the_console_of_a_controller_is_its_blades_serial_line(site, lab):
    """By serial over LAN; who looks sees the boot that a declaration makes, and the controller is not left for it."""
    power(site, "on")
    boots = len(lab.boots("blade1"))
    with a_person(site, "bmc1") as ana, a_person(site, "bmc1", slot="1") as ben:
        ana.says("write")
        ana.is_told("holder", "admin has the line")
        ana.socket.send(b"\r")
        ana.until(lambda me: b"blade1# " in me.seen, what="the blade's prompt")
        at = now()
        slot(site, power="on", cycled_at=at, boot_once={"device": "pxe", "at": at})
        for person in (ana, ben):
            person.until(lambda me: b"blade1 booted from pxe" in me.seen, what="the boot is seen")
        ana.socket.send(b"cat /sys/class/net/eth0/address\r")
        ana.until(lambda me: b"52:54:00:00:00:21" in me.seen, what="what is typed runs on the blade")
    assert lab.boots("blade1")[boots:] == ["pxe"]


def facts_of(site):
    answer = site.http.get("/nodes/bmc1/facts")
    return answer.json()["facts"] if answer.is_success and answer.json().get("facts") else None


def test_a_boot_device_is_told_once_for_the_boot_of_its_cycle_and_never_again(site, lab):
    power(site, "on")
    boots, count = len(lab.boots("blade1")), told(lab, "boot pxe")
    at = now()
    once = {"device": "pxe", "at": at}
    slot(site, power="on", cycled_at=at, boot_once=once)
    assert lab.boots("blade1")[boots:] == ["pxe"]
    assert told(lab, "boot pxe") == count + 1
    site.kill("agent")
    site.start_agent()
    slot(site, power="on", cycled_at=now(), boot_once=once)
    assert lab.boots("blade1")[boots:] == ["pxe", "disk"]
    assert told(lab, "boot pxe") == count + 1


@pytest.mark.parametrize("stage", ["applying:1", "applied:1", "applying:2", "applied:2", "applying:3", "applied:3"])
def test_an_agent_killed_anywhere_in_a_cycle_makes_one_boot(site, lab, stage):
    power(site, "on")
    boots, count = len(lab.boots("blade1")), told(lab, "boot pxe")
    site.kill("agent")
    dying = site.start_agent(die_at=stage)
    at = now()
    answer = slot(site, wait=False, power="on", cycled_at=at, boot_once={"device": "pxe", "at": at})
    dying.wait(PATIENCE_S)
    site.start_agent()
    for node, generation in answer["nodes"].items():
        site.wait(node, generation, timeout_s=PATIENCE_S)
    assert lab.boots("blade1")[boots:] == ["pxe"]
    assert told(lab, "boot pxe") - count in (1, 2)  # set again while the machine was off, where nothing was proved


def test_a_service_killed_in_a_cycle_makes_one_boot(site, lab):
    power(site, "on")
    boots, asked = len(lab.boots("blade1")), told(lab, "shutdown 1")
    answer = slot(site, wait=False, power="on", cycled_at=now())
    until(lambda: told(lab, "shutdown 1") > asked, what="the cycle has begun")
    site.kill("service")
    site.start_service()
    for node, generation in answer["nodes"].items():
        site.wait(node, generation, timeout_s=PATIENCE_S)
    assert lab.boots("blade1")[boots:] == ["disk"]
