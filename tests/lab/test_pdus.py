"""Both PDUs of the lab: outlets converge, and what somebody switches by hand is reported, and not switched back.

pdu1 is a powermand that we did not write; pdu2 is asked by SNMPv3. What is asserted is what independent clients
(`powerman`, `snmpget`), the counters of switching commands, and the blades behind the outlets say.
"""

import signal
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from pointsman.lab.layout import FEEDS
from tests.lab.site import LOCATION, Site, until
from tests.plugins import leaks

pytestmark = pytest.mark.lab

STATE = "1.3.6.1.4.1.318.1.1.12.3.5.1.1.4"
V3 = ["-v3", "-l", "authPriv", "-u", "agent", "-a", "SHA", "-A", "authpass12", "-x", "AES", "-X", "privpass12", "-Oqv"]
DRIVE = """
import asyncio, sys
from device_profiles.compare import Goal, compare
from device_profiles.profile import load_profiles
from device_profiles.state import Outlet, State
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.registry import make_driver
from drivers.transports import open_connection

async def main(profile, url, secret, *wanted):
    profile = load_profiles()[profile]
    credential = Credential(name="file:lab", text=secret.replace(",", chr(10))) if secret else None
    connection = await open_connection(parse_access(url), credential=credential, pin=None, timeout_s=10)
    driver = make_driver(connection, profile)
    goal = Goal(State(outlets={key: Outlet(power=power) for key, power in (each.split("=") for each in wanted)}))
    for step in driver.plan(goal, await driver.read(())):
        await driver.apply(step)
    observed = await driver.read(())
    assert compare(goal, observed) == ()
    print(" ".join(f"{key}={outlet.power}" for key, outlet in observed.outlets.items()))
    facts = await driver.facts()
    print(facts["power"]["outlet_count"], facts["platform_version"])
    await driver.close()
    await connection.close()

asyncio.run(main(*sys.argv[1:]))
"""
PDU1 = ("powerman", "powerman://10.8.0.51", "")
PDU2 = ("apc_pdu", "snmpv3://agent@10.8.0.52", "authpass12,privpass12")


def drive(lab, pdu, *wanted):
    """Bring outlets to what is wanted, from within the management network; every outlet's power then."""
    done = lab.run("mgmt", [sys.executable, "-c", DRIVE, *pdu, *wanted], check=True)
    outlets, facts = done.stdout.splitlines()
    return dict(each.split("=") for each in outlets.split()), facts


def test_outlets_of_powerman_converge_and_stay_quiet(lab):
    outlets, facts = drive(lab, PDU1, "outlet9=off", "outlet10=on")
    assert facts.startswith("16 2.")
    assert [key for key, power in outlets.items() if power == "off"] == ["outlet9"]
    shown = lab.run("mgmt", ["powerman", "-h", "10.8.0.51:10101", "-q", "outlet9"], check=True).stdout
    assert "outlet9" in next(line for line in shown.splitlines() if line.startswith("off"))
    count = lab.writes("pdu1")
    drive(lab, PDU1, "outlet9=off", "outlet10=on")
    assert lab.writes("pdu1") == count
    drive(lab, PDU1, "outlet9=on")


def test_outlets_of_the_snmp_pdu_converge_over_v3(lab):
    count = lab.writes("pdu2")
    outlets, facts = drive(lab, PDU2, "7=off", "8=on")
    assert facts == "8 v3.9.2"
    assert [key for key, power in outlets.items() if power == "off"] == ["7"]
    assert lab.run("mgmt", ["snmpget", *V3, "10.8.0.52", f"{STATE}.7"], check=True).stdout.strip() == "2"
    assert lab.writes("pdu2") == count + 1
    drive(lab, PDU2, "7=off", "8=on")
    assert lab.writes("pdu2") == count + 1
    drive(lab, PDU2, "7=on")


NODES = {
    "pdu1": {"profile": "powerman", "location": LOCATION, "access": ["powerman://10.8.0.51"]},
    "pdu2": {
        "profile": "apc_pdu",
        "location": LOCATION,
        "access": ["snmpv3://agent@10.8.0.52"],
        "credentials": "file:pdu.pass",
    },
}


@contextmanager
def pdus_over(lab, folder):
    """A service and an agent that know both PDUs."""
    site = Site(lab, folder)
    secret = folder / "secrets" / "pdu.pass"
    secret.touch(mode=0o600)
    secret.write_text("authpass12\nprivpass12\n")
    with (folder / "agent.toml").open("a") as settings:
        settings.write('[[secrets]]\nname = "file:pdu.pass"\nhosts = ["10.8.0.0/24"]\n')
    try:
        site.start_service()
        site.apply({"locations": {LOCATION: {}}, "nodes": NODES}, wait=False)
        site.start_agent()
        for node in NODES:
            until(lambda node=node: site.http.get(f"/nodes/{node}/observed").is_success, what=f"{node} is read")
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="module")
def site(lab, tmp_path_factory):
    with pdus_over(lab, tmp_path_factory.mktemp("site")) as made, leaks.owning(made.children):
        yield made


def declare(site, node, outlet, power, **more):
    role = {"attach": {"nodes": [node]}, "state": {"outlets": {outlet: {"power": power}}}, **more}
    site.apply({"roles": {f"power-{node}": role}})


def look(site, node):
    """Have the agent read the device now; the drift that it found."""
    answer = site.http.post(f"/nodes/{node}/converge", params={"wait": 10})
    assert answer.is_success, answer.text
    return [item["path"] for item in site.get(f"/nodes/{node}/drift")["items"]]


BY_HAND = {
    "pdu1": ("outlet9", ["powerman", "-h", "10.8.0.51:10101", "--on", "outlet9"]),
    "pdu2": ("7", ["snmpset", *V3, "10.8.0.52", "1.3.6.1.4.1.318.1.1.12.3.3.1.1.4.7", "i", "1"]),
}


@pytest.mark.parametrize("node", BY_HAND)
def test_what_is_switched_by_hand_is_reported_and_put_back_only_where_the_role_says_so(site, lab, node):
    outlet, by_hand = BY_HAND[node]
    declare(site, node, outlet, "off")
    assert look(site, node) == []
    lab.run("mgmt", by_hand, check=True)
    count = lab.writes(node)
    assert until(lambda: look(site, node), what="the drift is seen") == [f"outlets.{outlet}.power"]
    assert look(site, node) == [f"outlets.{outlet}.power"]
    assert lab.writes(node) == count, "what somebody switched on was switched off again"
    declare(site, node, outlet, "off", drift="enforce")
    until(lambda: lab.writes(node) > count and not look(site, node), what="the outlet is switched off again")
    declare(site, node, outlet, "on")


STAGES = ("applying:1", "applied:1", "applying:1", "applied:1", "reported")
"""Off begun, off sent; seen off and on begun, on sent; seen on and told. Each life of the agent begins where the last
ended, so a step's number is its number in that life."""
OUTLET_OF_BLADE1 = {"pdu1": f"outlet{FEEDS['blade1']}", "pdu2": str(FEEDS["blade1"])}


def switch(lab, node, outlet, power):
    """Switch an outlet as an independent client does."""
    if node == "pdu1":
        argv = ["powerman", "-h", "10.8.0.51:10101", f"--{power}", outlet]
    else:
        value = {"on": "1", "off": "2"}[power]
        argv = ["snmpset", *V3, "10.8.0.52", f"1.3.6.1.4.1.318.1.1.12.3.3.1.1.4.{outlet}", "i", value]
    lab.run("mgmt", argv, check=True)


@pytest.fixture
def blade1(lab):
    """blade1, running; what it has booted from."""
    login = ["-I", "lanplus", "-C", "3", "-U", "admin", "-P", "secret", "-H", "10.8.0.31"]
    before = len(lab.boots("blade1"))
    lab.run("mgmt", ["ipmitool", *login, "chassis", "power", "on"], check=True)
    until(lambda: len(lab.boots("blade1")) > before, what="blade1 boots")
    yield lambda: lab.boots("blade1")
    lab.run("mgmt", ["ipmitool", *login, "chassis", "power", "off"])


@pytest.mark.parametrize("node", BY_HAND)
def test_a_cycle_token_cycles_once_whatever_kills_the_agent(site, lab, blade1, node):
    (other,) = OUTLET_OF_BLADE1.keys() - {node}
    switch(lab, other, OUTLET_OF_BLADE1[other], "off")
    look(site, node)
    boots, count, outlet = len(blade1()), lab.writes(node), OUTLET_OF_BLADE1[node]
    token = datetime.now(UTC).isoformat()
    cycled = {"attach": {"nodes": [node]}, "state": {"outlets": {outlet: {"cycled_at": token}}}}
    try:
        site.kill("agent")
        generation = site.apply({"roles": {f"cycle-{node}": cycled}}, wait=False)["nodes"][node]
        for stage in STAGES:
            agent = site.start_agent(die_at=stage)
            until(lambda agent=agent: agent.poll() is not None, what=f"the agent dies at {stage}")
            assert agent.returncode == -signal.SIGKILL
        site.start_agent()
        site.wait(node, generation)
        until(lambda: len(blade1()) > boots, what="blade1 boots again")
        assert look(site, node) == []
        assert lab.writes(node) == count + 2, "once off and once on"
        assert len(blade1()) == boots + 1
    finally:
        switch(lab, other, OUTLET_OF_BLADE1[other], "on")
        site.http.delete(f"/roles/cycle-{node}")


def converged(site, node):
    conditions = site.get(f"/nodes/{node}")["status"]["conditions"]
    return next((item["status"], item["reason"]) for item in conditions if item["type"] == "Converged")


def test_what_feeds_the_agent_is_not_switched_off_and_no_machine_loses_its_last_feed_unasked(site, lab):
    count = lab.writes("pdu2")
    site.apply({"nodes": {"pdu2": NODES["pdu2"] | {"management": {"feeds": {"7": "edge", "8": "web-1"}}}}})
    try:
        for outlet, reason in (("7", "OwnPath"), ("8", "LastFeed")):
            role = {"attach": {"nodes": ["pdu2"]}, "state": {"outlets": {outlet: {"power": "off"}}}}
            site.apply({"roles": {"power-pdu2": role}}, wait=False)
            until(lambda reason=reason: converged(site, "pdu2") == (False, reason), what=f"it is refused: {reason}")
        assert lab.writes("pdu2") == count
        allowing = NODES["pdu2"] | {"management": {"feeds": {"8": "web-1"}}, "allow": ["outage"]}
        site.apply({"nodes": {"pdu2": allowing}})
        until(lambda: lab.writes("pdu2") == count + 1, what="the outage is allowed, and done")
    finally:
        site.apply({"nodes": {"pdu2": NODES["pdu2"]}}, wait=False)
        declare(site, "pdu2", "8", "on")
