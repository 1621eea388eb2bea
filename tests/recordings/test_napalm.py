"""What our driver makes of NAPALM's getters, judged by the answers that NAPALM's own recordings are kept with."""

import re

import pytest

from device_profiles.profile import load_profiles
from tests.recordings.napalm_answers import GETTERS, NAPALM, PROFILES, Case, cases, driver_on
from tests.recordings.shared_data import needs_recordings

pytestmark = [pytest.mark.unit, needs_recordings]


def recorded(getter):
    found = cases(getter) or [Case("absent", getter, NAPALM)]
    return pytest.mark.parametrize("case", found, ids=lambda case: case.name)


def canonical(case, name):
    return load_profiles()[PROFILES[case.driver]].port_names.canonical(name)


def is_port(case, name):
    return re.fullmatch(load_profiles()[PROFILES[case.driver]].quirks["ports"], canonical(case, name)) is not None


def plain(text):
    """Addresses in one spelling, and nothing where nothing was said."""
    text = "" if text in (None, "None", "Unknown", "N/A") else text.strip()
    digits = re.sub(r"[.:-]", "", text).lower()
    return digits if re.fullmatch(r"[0-9a-f]{12}", digits) else text


@recorded("get_facts")
async def test_facts(case, monkeypatch):
    driver = driver_on(case, monkeypatch)
    facts = await driver.facts()
    system = facts["dmi"]["system"]
    found = (facts["hostname"], facts["platform_version"], system["product_name"], system["serial_number"])
    told = case.expected
    assert found == (told["hostname"], told["os_version"], told["model"], told["serial_number"])
    await driver.close()


@recorded("get_interfaces")
async def test_interfaces(case, monkeypatch):
    driver = driver_on(case, monkeypatch)
    # A unit of a port has what its port says.
    told = {name: each for name, each in case.expected.items() if is_port(case, name) and name == canonical(case, name)}
    state, operation = await driver.read(()), await driver.operation({"ports"})
    assert {
        name: (port.enabled, port.description or "", operation.ports[name].oper_up)
        for name, port in state.ports.items()
    } == {name: (each["is_enabled"], each["description"].strip(), each["is_up"]) for name, each in told.items()}
    await driver.close()


@recorded("get_vlans")
async def test_vlans(case, monkeypatch):
    driver = driver_on(case, monkeypatch)
    state = await driver.read(())
    assert {(number, vlan.name) for number, vlan in state.vlans.items()} == {
        (int(number), each["name"]) for number, each in case.expected.items() if 0 < int(number) < 4095
    }
    await driver.close()


@recorded("get_lldp_neighbors_detail")
async def test_neighbours(case, monkeypatch):
    driver = driver_on(case, monkeypatch)
    found = {(each.port, each.name, plain(each.chassis_id), plain(each.remote_port)) for each in await driver.links()}
    assert found == {
        (
            canonical(case, port),
            plain(each["remote_system_name"]),
            plain(each["remote_chassis_id"]),
            plain(each["remote_port"]),
        )
        for port, there in case.expected.items()
        for each in there
    }
    await driver.close()


@recorded("get_mac_address_table")
async def test_addresses(case, monkeypatch):
    driver = driver_on(case, monkeypatch)
    found = {(plain(each.mac), each.vlan, each.port) for each in (await driver.operation({"macs"})).macs}
    assert found == {
        (plain(each["mac"]), each["vlan"] if each["vlan"] > 0 else None, canonical(case, each["interface"]))
        for each in case.expected
        if not each["static"] and is_port(case, each["interface"])
    }
    await driver.close()


def test_every_getter_that_the_driver_asks_is_judged():
    assert all(cases(getter) for getter in GETTERS)
