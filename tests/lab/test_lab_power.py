"""Power in the lab is real: buttons boot blades, outlets kill what they feed."""

import pytest

from pointsman.lab import Lab
from pointsman.lab.layout import FEEDS
from pointsman.lab.waiting import until

pytestmark = pytest.mark.lab

OUTLET_COMMAND = "1.3.6.1.4.1.318.1.1.12.3.3.1.1.4"
OUTLET_STATE = "1.3.6.1.4.1.318.1.1.12.3.5.1.1.4"
SNMP = [
    "-v3",
    "-l",
    "authPriv",
    "-u",
    "agent",
    "-a",
    "SHA",
    "-A",
    "authpass12",
    "-x",
    "AES",
    "-X",
    "privpass12",
    "-Oqv",
]


def ipmi(lab: Lab, bmc: int, *words: str):
    login = ["-I", "lanplus", "-C", "3", "-U", "admin", "-P", "secret", "-N", "1", "-R", "1"]
    return lab.run("mgmt", ["ipmitool", *login, "-H", f"10.8.0.3{bmc}", *words])


def powerman(lab: Lab, *words: str):
    return lab.run("mgmt", ["powerman", "-h", "10.8.0.51:10101", *words], check=True)


def snmp_outlet(lab: Lab, consumer: str, value: int) -> None:
    oid = f"{OUTLET_COMMAND}.{FEEDS[consumer]}"
    lab.run("mgmt", ["snmpset", *SNMP, "10.8.0.52", oid, "i", str(value)], check=True)


def status_of(lab: Lab, name: str):
    return next(device for device in lab.status() if device.name == name)


@pytest.fixture
def booted(lab: Lab):
    """A lab with blade1 running."""
    ipmi(lab, 1, "chassis", "power", "on")
    until(lambda: status_of(lab, "blade1").up, what="blade1 runs")
    yield lab
    ipmi(lab, 1, "chassis", "power", "off")


def test_power_on_boots_the_blade_and_its_switch_sees_it(booted: Lab) -> None:
    until(lambda: ("blade1", "eth0") in booted.neighbours("sw1").get("p3", []), what="sw1 sees blade1")
    assert booted.run("h1", ["ping", "-c1", "-W2", "10.9.0.21"]).returncode == 0


def test_the_boot_device_is_used_up_by_one_boot(booted: Lab) -> None:
    boots = len(booted.boots("blade1"))
    writes = booted.writes("bmc1")
    assert ipmi(booted, 1, "chassis", "bootdev", "pxe").returncode == 0
    assert "Force PXE" in ipmi(booted, 1, "chassis", "bootparam", "get", "5").stdout
    ipmi(booted, 1, "chassis", "power", "reset")
    ipmi(booted, 1, "chassis", "power", "reset")
    assert booted.boots("blade1")[boots:] == ["pxe", "disk"]
    assert booted.writes("bmc1") == writes + 3


def test_reading_power_moves_no_counter(booted: Lab) -> None:
    before = {device.name: device.writes for device in booted.status()}
    assert "is on" in ipmi(booted, 1, "chassis", "power", "status").stdout
    assert "Lab" in ipmi(booted, 1, "fru", "print", "0").stdout
    powerman(booted, "-q")
    booted.run("mgmt", ["snmpwalk", *SNMP, "10.8.0.52", OUTLET_STATE], check=True)
    assert {device.name: device.writes for device in booted.status()} == before


def test_a_controller_dies_with_its_last_feed_and_its_blade_runs_on(booted: Lab) -> None:
    pdu_writes = booted.writes("pdu1"), booted.writes("pdu2")
    powerman(booted, "--off", f"outlet{FEEDS['bmc1']}")
    assert ipmi(booted, 1, "mc", "info").returncode == 0, "one feed is left"
    snmp_outlet(booted, "bmc1", 2)
    until(lambda: not status_of(booted, "bmc1").up, what="bmc1 is dead")
    assert ipmi(booted, 1, "mc", "info").returncode != 0
    assert status_of(booted, "blade1").up
    powerman(booted, "--on", f"outlet{FEEDS['bmc1']}")
    until(lambda: "is on" in ipmi(booted, 1, "chassis", "power", "status").stdout, what="bmc1 is back")
    snmp_outlet(booted, "bmc1", 1)
    assert (booted.writes("pdu1"), booted.writes("pdu2")) == (pdu_writes[0] + 2, pdu_writes[1] + 2)


def test_a_blade_without_feeds_cannot_be_switched_on_and_boots_when_they_return(booted: Lab) -> None:
    boots = len(booted.boots("blade1"))
    snmp_outlet(booted, "blade1", 2)
    powerman(booted, "--off", f"outlet{FEEDS['blade1']}")
    until(lambda: not status_of(booted, "blade1").up, what="blade1 stops")
    assert ipmi(booted, 1, "chassis", "power", "on").returncode != 0
    snmp_outlet(booted, "blade1", 1)
    until(lambda: len(booted.boots("blade1")) == boots + 1, what="blade1 boots again")
    powerman(booted, "--on", f"outlet{FEEDS['blade1']}")


def test_the_snmp_control_column_moves_the_status_column(lab: Lab) -> None:
    snmp_outlet(lab, "blade2", 2)
    state = ["snmpget", *SNMP, "10.8.0.52", f"{OUTLET_STATE}.{FEEDS['blade2']}"]
    assert lab.run("mgmt", state).stdout.strip() == "2"
    snmp_outlet(lab, "blade2", 3)
    until(lambda: lab.run("mgmt", state).stdout.strip() == "1", what="a rebooted outlet comes on again")
