"""Junos answers that nobody here wrote, read by the driver's own parsers, and judged by other projects' readings."""

import pytest

from device_profiles.profile import load_profiles
from drivers.vendors.juniper_junos import facts, neighbours, operating, reading
from drivers.vendors.juniper_junos.dialect import Dialect
from tests.recordings.shared_data import FOLDER, cases, needs_recordings

pytestmark = [pytest.mark.unit, needs_recordings]

PLATFORM = "juniper_junos"
JUNOS = Dialect(load_profiles()[PLATFORM])
CONFIGS = FOLDER / "configs"


@cases(PLATFORM, "show version")
def test_versions(case):
    row = case.rows[0]
    found = facts.parse(case.text, "", "", dialect=JUNOS, host="")
    assert (found["fqdn"], found["dmi"]["system"]["product_name"]) == (row["hostname"], row["model"])
    assert found["platform_version"] == (row["junos_version"] or "21.1X3.3")
    assert found["dmi"]["system"]["serial_number"] == row["serial_number"]


@cases(PLATFORM, "show chassis hardware")
def test_hardware(case):
    row = case.rows[0]
    parts = list(facts.inventory(case.text))
    chassis = next(part for part in parts if part["name"] == "Chassis")
    # Where a description has two words, the other parser takes the first for the serial number.
    shown = f"{row['chassis_serial_number']} {row['chassis_description']}"
    assert f"{chassis['serial']} {chassis['text']}".endswith(shown)
    assert chassis["serial"]


@cases(PLATFORM, "show interfaces")
def test_interfaces(case):
    rows = {row["interface"]: row for row in case.rows if row["link_status"] and "." not in row["interface"]}
    found = operating.interfaces(case.text)
    assert set(found) == set(rows)
    for name, row in rows.items():
        shown = found[name]
        assert (shown.enabled, shown.up) == (row["admin_state"] == "Enabled", row["link_status"] == "Up")
        assert shown.description == row["description"]
        assert shown.mtu == (int(row["mtu"]) if row["mtu"].isdecimal() else None)


@cases(PLATFORM, "show ethernet-switching table")
def test_addresses(case):
    expected = {
        (row["mac_address"], int(row["vlan_id"]) if row["vlan_id"] else None, JUNOS.canonical(row["logical_interface"]))
        for row in case.rows
    }
    assert {(entry.mac, entry.vlan, entry.port) for entry in operating.macs(case.text, {}, JUNOS)} == expected


@cases(PLATFORM, "show lldp neighbors")
def test_neighbours(case):
    expected = {
        (row["local_interface"], row["neighbor_name"], row["chassis_id"], row["neighbor_interface"])
        for row in case.rows
    }
    found = neighbours.lldp(case.text, JUNOS)
    assert {(each.port, each.name, each.chassis_id, each.remote_port) for each in found} == expected


@pytest.mark.parametrize(
    "file", sorted(CONFIGS.glob("lab-validation/junos*/configs/*/*set*")), ids=lambda f: f.parent.name
)
def test_configurations_of_a_lab(file):
    text = file.read_text()
    state = reading.parse_state(text, (), JUNOS)
    lines = [line.split() for line in text.splitlines()]
    assert {number: vlan.name for number, vlan in state.vlans.items()} == {1: "default"} | {
        int(line[4]): line[2] for line in lines if line[1] == "vlans" and line[3] == "vlan-id"
    }
    trunks = {line[2] for line in lines if line[-2:] == ["interface-mode", "trunk"]}
    assert {name for name, port in state.ports.items() if port.mode == "trunk"} == trunks
    members = {line[2] for line in lines if "802.3ad" in line}
    assert {member for lag in state.lags.values() for member in lag.members} == members
    sizes = {line[2]: int(line[4]) - 14 for line in lines if line[1] == "interfaces" and line[3] == "mtu"}
    assert {name: port.mtu for name, port in state.ports.items() if name in sizes and name not in members} == {
        name: size for name, size in sizes.items() if JUNOS.names.is_port(name) and name not in members
    }


def test_spellings_of_access_ports():
    state = reading.parse_state((CONFIGS / "batfish" / "juniper-vlan-access").read_text(), (), JUNOS)
    shown = {name: (port.mode, port.access_vlan) for name, port in state.ports.items()}
    assert shown == {
        "et-0/0/2": ("access", 2),
        "et-0/0/3": ("access", 2),
        "et-0/0/4": ("access", 1),
        "et-0/0/5": ("other", None),
    }
    assert state.ports["et-0/0/5"].native.endswith("vlan members NOTSET")
