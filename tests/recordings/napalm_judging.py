"""What our driver makes of NAPALM's getters, beside the answers that NAPALM's own recordings are kept with."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any
from unittest.mock import patch

from device_profiles.profile import load_profiles
from drivers.conformance.memory import MemoryConnection
from drivers.errors import DeviceError
from drivers.libraries import napalm_device
from drivers.registry import make_driver
from tests.recordings.napalm_answers import GETTERS, PROFILES, Answered, Case, cases

Compared = tuple[Any, Any]
"""What was found, and what is expected."""


async def compared(case: Case) -> Compared:
    """What our driver tells of a recording, and what it should."""
    with patch.object(napalm_device, "opened", lambda *_: Answered(case)):
        driver = make_driver(MemoryConnection(lambda *_: None), load_profiles()[PROFILES[case.driver]])
        try:
            return await _COMPARE[case.getter](driver, case)
        finally:
            await driver.close()


@cache
def counts() -> dict[str, dict[str, int]]:
    """How many recordings of each profile there are, and how many are read, as they are committed."""
    files, read = Counter[str](), Counter[str]()
    for case in (case for getter in GETTERS for case in cases(getter)):
        files[PROFILES[case.driver]] += 1
        read[PROFILES[case.driver]] += asyncio.run(_is_read(case))
    return {profile: {"files": files[profile], "read": read[profile]} for profile in sorted(files)}


async def _is_read(case: Case) -> bool:
    try:
        found, expected = await compared(case)
    except DeviceError:
        return False
    return found == expected


def _canonical(case: Case, name: str) -> str:
    return load_profiles()[PROFILES[case.driver]].port_names.canonical(name)


def _is_port(case: Case, name: str) -> bool:
    pattern = str(load_profiles()[PROFILES[case.driver]].quirks["ports"])
    return re.fullmatch(pattern, _canonical(case, name)) is not None


def _plain(text: str | None) -> str:
    """Addresses in one spelling, and nothing where nothing was said."""
    text = "" if text in (None, "None", "Unknown", "N/A") else text.strip()
    digits = re.sub(r"[.:-]", "", text).lower()
    return digits if re.fullmatch(r"[0-9a-f]{12}", digits) else text


async def _facts(driver: Any, case: Case) -> Compared:
    facts, told = await driver.facts(), case.expected
    system = facts["dmi"]["system"]
    found = (facts["hostname"], facts["platform_version"], system["product_name"], system["serial_number"])
    return found, (told["hostname"], told["os_version"], told["model"], told["serial_number"])


async def _interfaces(driver: Any, case: Case) -> Compared:
    state, operation = await driver.read(()), await driver.operation({"ports"})
    found = {
        (name, port.enabled, port.description or "", operation.ports[name].oper_up)
        for name, port in state.ports.items()
    }
    # A unit of a port has what its port says.
    told = {n: each for n, each in case.expected.items() if _is_port(case, n) and n == _canonical(case, n)}
    return found, {
        (name, each["is_enabled"], each["description"].strip(), each["is_up"]) for name, each in told.items()
    }


async def _vlans(driver: Any, case: Case) -> Compared:
    state = await driver.read(())
    told = {(int(number), each["name"]) for number, each in case.expected.items() if 0 < int(number) < 4095}
    return {(number, vlan.name) for number, vlan in state.vlans.items()}, told


async def _neighbours(driver: Any, case: Case) -> Compared:
    links = await driver.links()
    words = ("remote_system_name", "remote_chassis_id", "remote_port")
    return {(each.port, each.name, _plain(each.chassis_id), _plain(each.remote_port)) for each in links}, {
        (_canonical(case, port), *(_plain(each[word]) for word in words))
        for port, there in case.expected.items()
        for each in there
    }


async def _addresses(driver: Any, case: Case) -> Compared:
    macs = (await driver.operation({"macs"})).macs
    return {(_plain(each.mac), each.vlan, each.port) for each in macs}, {
        (_plain(each["mac"]), each["vlan"] if each["vlan"] > 0 else None, _canonical(case, each["interface"]))
        for each in case.expected
        if not each["static"] and _is_port(case, each["interface"])
    }


_COMPARE: dict[str, Callable[[Any, Case], Awaitable[Compared]]] = {
    "get_facts": _facts,
    "get_interfaces": _interfaces,
    "get_vlans": _vlans,
    "get_lldp_neighbors_detail": _neighbours,
    "get_mac_address_table": _addresses,
}
