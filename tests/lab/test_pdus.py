"""Both PDUs of the lab: outlets converge, and what somebody switches by hand is reported, and not switched back.

pdu1 is a powermand that we did not write; pdu2 is asked by SNMPv3. What is asserted is what independent clients
(`powerman`, `snmpget`) and the counters of switching commands say.
"""

import sys

import pytest

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
