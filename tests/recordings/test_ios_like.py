"""IOS-like answers that nobody here wrote, read by the driver's own parsers, and judged by other projects' readings."""

import json

import pytest

from device_profiles.profile import load_profiles
from device_profiles.state import Port
from drivers.errors import Garbled
from drivers.switching.describing import neighbour
from drivers.switching.operating import colons
from drivers.vendors.cisco_ios import facts, neighbours, operating, reading, vlans
from drivers.vendors.cisco_ios.dialect import Dialect
from tests.recordings.shared_data import FOLDER, cases, needs_recordings

pytestmark = [pytest.mark.unit, needs_recordings]

IOS, NXOS, EOS = (Dialect(load_profiles()[name]) for name in ("cisco_ios", "cisco_nxos", "arista_eos"))
NAPALM = FOLDER / "cli" / "napalm"
CONFIGS = FOLDER / "configs"
UP = ("connected", "monitoring")


def check_status(case, dialect):
    found = operating.status(case.text, dialect)
    named = {dialect.canonical(row["port"]): row for row in case.rows}
    rows = {port: row for port, row in named.items() if dialect.names.is_port(port)}
    assert {port: shown.oper_up for port, shown in found.items()} == {
        port: row["status"].split(":")[0] in UP for port, row in rows.items()
    }
    for port, row in rows.items():
        duplex = row["duplex"].removeprefix("a-")
        assert found[port].duplex == (duplex if duplex in ("full", "half") else None)


@cases("cisco_ios", "show interfaces status")
def test_status_of_ios(case):
    check_status(case, IOS)


@cases("cisco_nxos", "show interface status")
def test_status_of_nxos(case):
    check_status(case, NXOS)


@cases("arista_eos", "show interfaces status")
def test_status_of_eos(case):
    check_status(case, EOS)


def check_macs(case, dialect):
    expected = {
        (colons(row.get("destination_address") or row["mac_address"]), int(row["vlan_id"]), port)
        for row in case.rows
        if row["type"].lower() == "dynamic"
        for port in map(dialect.canonical, row.get("destination_port") or [row.get("ports", "")])
        if dialect.names.is_port(port)
    }
    assert {(entry.mac, entry.vlan, entry.port) for entry in operating.macs(case.text, dialect)} == expected


@cases("cisco_ios", "show mac-address-table")
def test_macs_of_ios(case):
    check_macs(case, IOS)


@cases("cisco_nxos", "show mac_address-table")
def test_macs_of_nxos(case):
    check_macs(case, NXOS)


@cases("arista_eos", "show mac_address-table")
def test_macs_of_eos(case):
    check_macs(case, EOS)


def chassis(text):
    return neighbour({"chassis_id": text}, port="x").chassis_id


def check_lldp(case, dialect):
    expected = {
        (
            dialect.canonical(row["local_interface"]),
            row["neighbor_name"],
            chassis(row["chassis_id"]),
            row.get("neighbor_port_id") or row["neighbor_interface"],
        )
        for row in case.rows
        if row["local_interface"]
    }
    found = neighbours.lldp(case.text, dialect)
    assert {(each.port, each.name, each.chassis_id, each.remote_port) for each in found} == expected


@cases("cisco_ios", "show lldp neighbors detail")
def test_lldp_of_ios(case):
    check_lldp(case, IOS)


@cases("cisco_nxos", "show lldp neighbors detail")
def test_lldp_of_nxos(case):
    check_lldp(case, NXOS)


@cases("arista_eos", "show lldp neighbors detail")
def test_lldp_of_eos(case):
    check_lldp(case, EOS)


def check_cdp(case, dialect):
    expected = {
        (
            dialect.canonical(row["local_interface"]),
            row["neighbor_name"] or row["chassis_id"],
            row["neighbor_interface"],
        )
        for row in case.rows
    }
    assert {(each.port, each.name, each.remote_port) for each in neighbours.cdp(case.text, dialect)} == expected


@cases("cisco_ios", "show cdp neighbors detail")
def test_cdp_of_ios(case):
    check_cdp(case, IOS)


@cases("cisco_nxos", "show cdp neighbors detail")
def test_cdp_of_nxos(case):
    check_cdp(case, NXOS)


def check_bundles(case, dialect):
    expected: dict[str, bool] = {}
    for row in case.rows:
        # A LAG without members has a dash for one.
        members = dict(zip(row["member_interface"], row["member_interface_status"], strict=False))
        carrying = {dialect.canonical(port): "P" in flag or flag == "bndl" for port, flag in members.items()}
        expected |= carrying | {dialect.canonical(row["bundle_name"]): any(carrying.values())}
    assert operating.bundled(case.text, dialect) == expected


@cases("cisco_ios", "show etherchannel summary")
def test_bundles_of_ios(case):
    check_bundles(case, IOS)


@cases("cisco_nxos", "show port-channel summary")
def test_bundles_of_nxos(case):
    check_bundles(case, NXOS)


@cases("arista_eos", "show port-channel summary")
def test_bundles_of_eos(case):
    check_bundles(case, EOS)


@pytest.mark.parametrize("dialect", [IOS, NXOS, EOS], ids=lambda dialect: dialect.profile.name)
def test_tables_of_vlans(dialect):
    found = list((FOLDER / "cli" / "ntc" / dialect.profile.name / "show_vlan").glob("*.raw"))
    assert found
    for file in found:
        table = vlans.parse_table(file.read_text(), command="show vlan")
        assert 1 in table
        assert not set(table) & {1002, 1003, 1004, 1005}


@cases("cisco_ios", "show vlan")
def test_vlans_of_ios(case):
    expected = {int(row["vlan_id"]): row["vlan_name"] for row in case.rows if "unsup" not in row["status"]}
    assert {number: vlan.name for number, vlan in vlans.parse_table(case.text, command="show vlan").items()} == expected


def check_version(case, dialect, *, version, serial, host=None):
    found = facts.parse(case.text, "", dialect, host="")
    row = case.rows[0]
    assert found["platform_version"] == row[version].split()[0]
    serials = row[serial] if isinstance(row[serial], list) else [row[serial]]
    assert found["dmi"]["system"]["serial_number"] == serials[0]
    assert found["dmi"]["system"]["product_name"]
    assert found["uptime_seconds"] > 0
    if host is not None:
        assert found["hostname"] == row[host].partition(".")[0]


@cases("cisco_ios", "show version")
def test_version_of_ios(case):
    check_version(case, IOS, version="version", serial="serial", host="hostname")


@cases("cisco_nxos", "show version")
def test_version_of_nxos(case):
    check_version(case, NXOS, version="os", serial="serial", host="hostname")


@cases("arista_eos", "show version")
def test_version_of_eos(case):
    check_version(case, EOS, version="image", serial="serial_number")


def test_vlans_as_napalm_reads_them():
    folder = NAPALM / "ios" / "get_vlans" / "no_show_vlan_all_ports"
    expected = json.loads((folder / "expected_result.json").read_text())
    found = vlans.parse_table((folder / "show_vlan_brief.txt").read_text(), command="show vlan brief")
    dead = {1002, 1003, 1004, 1005}
    assert {number: vlan.name for number, vlan in found.items()} == {
        int(number): vlan["name"] for number, vlan in expected.items() if int(number) not in dead
    }


def is_multicast(mac):
    return mac.startswith(("01:00:5E", "FF:FF:FF", "33:33:00"))


@pytest.mark.parametrize("folder", sorted((NAPALM / "ios" / "get_mac_address_table").glob("*")), ids=lambda f: f.name)
def test_macs_as_napalm_reads_them(folder):
    expected = {
        (entry["mac"].lower(), entry["vlan"] if entry["vlan"] > 0 else None, IOS.canonical(entry["interface"]))
        for entry in json.loads((folder / "expected_result.json").read_text())
        if not entry["static"]
        and IOS.names.is_port(IOS.canonical(entry["interface"]))
        and not is_multicast(entry["mac"])
    }
    found = operating.macs((folder / "show_mac_address_table.txt").read_text(), IOS)
    assert {(entry.mac, entry.vlan, entry.port) for entry in found} == expected


@pytest.mark.parametrize("folder", sorted((NAPALM / "ios" / "get_facts").glob("*")), ids=lambda f: f.name)
def test_facts_as_napalm_reads_them(folder):
    expected = json.loads((folder / "expected_result.json").read_text())
    found = facts.parse((folder / "show_version.txt").read_text(), "", IOS, host="")
    assert found["hostname"] == expected["hostname"]
    assert found["uptime_seconds"] == pytest.approx(expected["uptime"], abs=60)
    assert found["dmi"]["system"]["product_name"] == expected["model"]
    assert f"Version {found['platform_version']}" in expected["os_version"]


# Whole configurations.


def config(path, dialect):
    return reading.parse((CONFIGS / path).read_text() + ("\nend\n" if "batfish" in path else ""), None, dialect)


def test_allowed_vlans_of_eos_in_all_their_forms():
    ports = config("batfish/eos-allowed-vlans", EOS).ports
    found = {name.removeprefix("Port-Channel"): (port.native_vlan, port.trunk_vlans) for name, port in ports.items()}
    every = tuple(range(1, 4095))
    assert found == {
        "1": (1, (2,)),
        "2": ("none", (2, 3)),
        "3": ("none", ()),
        "4": ("none", ()),
        "5": (1, "all"),
        "6": (1, (3, 4)),
        "7": (1, "all"),
        "8": (1, tuple(vlan for vlan in every[1:] if vlan != 7)),
        "9": (1, "all"),
        "10": (1, "all"),
    }


def test_modes_of_ios():
    ports = config("batfish/ios_switchport_mode", IOS).ports
    assert ports["Ethernet0/0"].mode == "other"
    assert ports["Ethernet0/0"].native == "no switchport"
    assert ports["Ethernet0/1"].mode is None
    assert ports["Ethernet0/2"].mode == "access"
    assert ports["Ethernet0/3"].mode == "trunk"
    assert ports["Ethernet0/4"].mode == "other"
    assert ports["Ethernet0/4"].native == "switchport trunk allowed vlan 1, 2"


def test_access_vlans_of_ios():
    ports = config("batfish/ios-access-vlan", IOS).ports
    assert (ports["Ethernet1"].mode, ports["Ethernet1"].access_vlan) == ("access", 1)
    assert (ports["Ethernet2"].mode, ports["Ethernet2"].access_vlan) == ("access", 3)
    assert ports["Ethernet3"].native == "no switchport; ip address 1.1.1.1 255.255.255.254"
    assert (ports["Ethernet4"].mode, ports["Ethernet4"].trunk_vlans) == ("trunk", "all")


def test_a_whole_nexus():
    state = config("lab-validation/nxos_l3_vlan_no_active_member/configs/nxos1/show_running-config.txt", NXOS)
    assert set(state.vlans) == {1, 10, 2000}
    lag = state.lags["port-channel1"]
    assert (lag.members, lag.lacp) == (("Ethernet1/1", "Ethernet1/2"), "active")
    assert (state.ports["port-channel1"].trunk_vlans, state.ports["port-channel1"].enabled) == ((10, 2000), False)
    assert state.ports["Ethernet1/1"] == Port(enabled=True)
    assert (state.ports["Ethernet1/3"].access_vlan, state.ports["Ethernet1/3"].enabled) == (10, False)
    assert state.ports["Ethernet1/4"].mode == "other"
    assert (state.ports["Ethernet1/5"].mode, state.ports["Ethernet1/5"].access_vlan) == ("access", 1)


@pytest.mark.parametrize(
    "file", sorted((CONFIGS / "lab-validation").glob("*eos*/configs/*/*")), ids=lambda file: file.parent.name
)
def test_whole_switches_of_arista(file):
    text = file.read_text()
    state = reading.parse(text, None, EOS)
    assert {f"Ethernet{number}" for number in range(1, 13)} <= set(state.ports)
    for name, port in state.ports.items():
        block = f"\n{text.partition(f'{chr(10)}interface {name}{chr(10)}')[2]}".partition("\n!")[0]
        words = None if "\n   channel-group" in block else "access"
        if "switchport mode trunk" in block and words:
            words = "other" if "switchport trunk group" in block else "trunk"
        assert port.mode == ("other" if "no switchport" in block else words)
    assert len(state.vlans) == 1 + sum(line.startswith("vlan ") and "," not in line for line in text.splitlines())


def test_half_a_configuration_is_no_state():
    text = (NAPALM / "ios" / "get_config" / "normal" / "show_running_config.txt").read_text()
    reading.parse(text, None, IOS)
    with pytest.raises(Garbled, match="does not end"):
        reading.parse(text[: len(text) // 2], None, IOS)
