"""Rounds of faults on real parts: kills, a cut management path, restarted switches; `make faults LAB=1` plays more.

Every round declares something new, lets one fault happen in the middle, and waits until all is well again. What is
asserted is the switches: their rows, that nobody else's row was touched, that they answer over SSH, and that writing
stops. The seed is shown; FAULT_SEED repeats a run, FAULT_ROUNDS says how many rounds.
"""

import os
import random
import subprocess
import time

import pytest

from tests.lab.site import Site, site_over, until
from tests.lab.test_own_path import CUTTING, ROLE, converged, declare, rows
from tests.plugins import leaks

pytestmark = pytest.mark.lab

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "5"))
SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(10**6))))
PHASES = ("reading", "planned", "guarded", "applying:1", "applied:1", "verifying", "reported")
THEIRS = "77"
PORTS = ("p1", "p2")


@pytest.fixture(scope="module")
def site(lab, tmp_path_factory):
    lab.reset()
    with site_over(lab, tmp_path_factory.mktemp("faults")) as made, leaks.owning(made.children):
        for switch in ("sw1", "sw2"):
            made.vsctl(switch, "set", "Port", "p3", f"tag={THEIRS}")
        yield made
    lab.reset()


def declare_vlan(site: Site, vlan: int) -> None:
    state = {"ports": {port: {"mode": "access", "access_vlan": vlan} for port in PORTS}}
    site.apply({"roles": {"faults": {"attach": {"nodes": ["sw1", "sw2"]}, "state": state}}}, wait=False)


def the_agent_is_killed(site: Site, chance: random.Random, vlan: int) -> None:
    site.kill("agent")
    agent = site.start_agent(die_at=chance.choice(PHASES))
    declare_vlan(site, vlan)
    until(lambda: agent.poll() is not None, what="the agent dies at its phase")
    site.start_agent()


def the_service_is_killed(site: Site, chance: random.Random, vlan: int) -> None:
    declare_vlan(site, vlan)
    site.kill("service")
    both = chance.random() < 0.5
    if both:
        site.kill("agent")
    site.start_service()
    if both:
        site.start_agent()


def the_path_is_cut(site: Site, chance: random.Random, vlan: int) -> None:
    if chance.random() < 0.5:
        declare_vlan(site, vlan)
    link(site, "down")
    try:
        declare_vlan(site, vlan)
        until(lambda: not reachable(site), what="sw1 is told to be out of reach", timeout_s=40.0)
    finally:
        link(site, "up")


def a_switch_is_restarted(site: Site, chance: random.Random, vlan: int) -> None:
    declare_vlan(site, vlan)
    site.lab.restart(chance.choice(("sw1", "sw2")))


def it_cuts_itself_off(site: Site, chance: random.Random, vlan: int) -> None:
    before = rows(site)
    declare(site, allow=["own_path"], serial=True)
    killed = chance.random() < 0.5
    if killed:
        site.kill("agent")
        site.start_agent(die_at=chance.choice(("applying:1", "applied:1")))
    site.apply({"roles": {ROLE: {"attach": {"nodes": ["sw1"]}, "state": CUTTING}}}, wait=False)
    if killed:
        agent = site.agent
        until(lambda: agent.poll() is not None or rows(site) != before, what="the change is under way")
        if agent.poll() is None:
            site.kill("agent")
        site.start_agent()
    until(lambda: converged(site)["reason"] == "CutOff", timeout_s=60.0, what="the change is taken back")
    assert rows(site) == before
    site.http.delete(f"/roles/{ROLE}")
    declare(site)
    declare_vlan(site, vlan)


KINDS = (
    the_agent_is_killed,
    the_service_is_killed,
    the_path_is_cut,
    a_switch_is_restarted,
    it_cuts_itself_off,
)


def link(site: Site, state: str) -> None:
    """The cable between the managers' network and sw1's in-band port."""
    inside = ["ip", "-n", site.lab.namespace("mgmt"), "link", "set", "to-sw1", state]
    subprocess.run(inside, check=True, timeout=10)


def reachable(site: Site) -> bool:
    conditions = site.get("/nodes/sw1")["status"]["conditions"]
    return all(item["status"] is not False for item in conditions if item["type"] == "Reachable")


def tags(site: Site, switch: str) -> list[str]:
    return [site.vsctl(switch, "get", "Port", port, "tag") for port in PORTS]


def everything_is_well(site: Site, vlan: int) -> None:
    for switch in ("sw1", "sw2"):
        until(lambda: tags(site, switch) == [str(vlan)] * 2, timeout_s=60.0, what=f"{switch} is as declared")  # noqa: B023
        until(
            lambda: site.http.post(f"/nodes/{switch}/converge").is_success,  # noqa: B023
            timeout_s=60.0,
            what=f"{switch} answers over its first access",
        )
        assert site.vsctl(switch, "get", "Port", "p3", "tag") == THEIRS
    written = site.writes()
    for switch in ("sw1", "sw2"):
        site.http.post(f"/nodes/{switch}/converge")
    assert site.writes() == written, "writing stops"
    for switch in ("sw1", "sw2"):
        told = [item["id"] for item in site.get(f"/nodes/{switch}/passes")["items"]]
        assert len(told) == len(set(told))


def test_whatever_happens_the_switches_end_as_declared(site):
    chance = random.Random(SEED)
    begun = time.monotonic()
    for number in range(ROUNDS):
        kind = KINDS[number] if number < len(KINDS) else chance.choice(KINDS)
        print(f"FAULT_SEED={SEED} round {number}: {kind.__name__}, {time.monotonic() - begun:.1f} s")  # noqa: T201
        kind(site, chance, 100 + number)
        everything_is_well(site, 100 + number)
