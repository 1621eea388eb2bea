"""What the device is, and what is plugged into it."""

import pytest

from drivers.contract import Candid
from drivers.registry import make_driver
from drivers.snmp.pdu import Response, Status
from drivers.snmp.playing import Played
from drivers.snmp.records import parse
from tests.unit.drivers.vendors.snmp_bridge.recorded_switch import PORTS, PROFILE, driver

pytestmark = pytest.mark.unit


async def test_who_made_a_device_that_nothing_else_tells_of():
    found = make_driver(Played({None: parse(PORTS.replace("99999.7", "3902.3.600").splitlines())}), PROFILE)
    assert (await found.facts())["dmi"]["system"]["manufacturer"] == "ZTE"


ENTITY = """
1.3.6.1.2.1.1.1.0|4|ACME Switch, Software Version 2.0.1
1.3.6.1.2.1.47.1.1.1.1.4.1|2|0
1.3.6.1.2.1.47.1.1.1.1.5.1|2|11
1.3.6.1.2.1.47.1.1.1.1.11.1|4|N/A
1.3.6.1.2.1.47.1.1.1.1.4.2|2|1
1.3.6.1.2.1.47.1.1.1.1.5.2|2|3
1.3.6.1.2.1.47.1.1.1.1.9.2|4|1.0.0.3
1.3.6.1.2.1.47.1.1.1.1.11.2|4|0000
1.3.6.1.2.1.47.1.1.1.1.13.2|4|AC-24
1.3.6.1.2.1.47.1.1.1.1.4.3|2|1
1.3.6.1.2.1.47.1.1.1.1.5.3|2|3
1.3.6.1.2.1.47.1.1.1.1.11.3|4|AC123456
"""


async def test_a_loader_s_version_and_what_stands_for_nothing_are_no_facts():
    facts = await driver(ENTITY).facts()
    system = facts["dmi"]["system"]
    assert (system["product_name"], system["serial_number"]) == ("AC-24", "AC123456")
    assert facts["platform_version"] == "2.0.1"


async def test_addresses_of_both_families_by_the_younger_table():
    text = """
1.3.6.1.2.1.4.34.1.3.1.4.192.0.2.1|2|101
1.3.6.1.2.1.4.34.1.5.1.4.192.0.2.1|6|1.3.6.1.2.1.4.32.1.5.101.1.4.192.0.2.0.24
1.3.6.1.2.1.4.34.1.3.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1|2|102
1.3.6.1.2.1.4.34.1.5.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1|6|0.0
"""
    interfaces = (await driver(text).facts())["network"]["interfaces"]
    assert interfaces["ge1"]["addresses"] == {"192.0.2.1": {"family": "inet", "prefixlen": "24"}}
    assert interfaces["ge2"]["addresses"] == {"2001:db8::1": {"family": "inet6"}}


class Moody(Played):
    """A device that has an error for whoever asks for a column of its entities (ENTITY-MIB)."""

    async def exchange(self, request):
        if any(name[:7] == (1, 3, 6, 1, 2, 1, 47) and len(name) > 11 for name, _ in request.bindings):
            return Response(Status.GEN_ERR, 1, request.bindings)
        return await super().exchange(request)


async def test_facts_do_without_a_table_that_the_device_garbles():
    found = make_driver(Moody({None: parse((PORTS + ENTITY).splitlines())}), PROFILE)
    facts = await found.facts()
    assert facts["platform_version"] == "2.0.1"
    assert set(facts["network"]["interfaces"]) == {"ge1", "ge2"}
    assert isinstance(found, Candid)
    assert any("entPhysicalTable was left out" in sentence for sentence in found.unread)


ALIAS = "1.3.6.1.2.1.47.1.3.2.1.2"
PLUGGED = f"""
1.3.6.1.2.1.47.1.1.1.1.2.10|4|SFP container
1.3.6.1.2.1.47.1.1.1.1.5.10|2|5
1.3.6.1.2.1.47.1.1.1.1.2.11|4|1000BaseSX SFP
1.3.6.1.2.1.47.1.1.1.1.4.11|2|10
1.3.6.1.2.1.47.1.1.1.1.5.11|2|9
1.3.6.1.2.1.47.1.1.1.1.11.11|4|FNS12345678
1.3.6.1.2.1.47.1.1.1.1.13.11|4|GLC-SX-MMD
1.3.6.1.2.1.47.1.1.1.1.4.12|2|11
1.3.6.1.2.1.47.1.1.1.1.5.12|2|10
{ALIAS}.12.0|6|1.3.6.1.2.1.2.2.1.1.101
1.3.6.1.2.1.47.1.1.1.1.2.20|4|Xcvr for ge2
1.3.6.1.2.1.47.1.1.1.1.5.20|2|9
1.3.6.1.2.1.47.1.1.1.1.11.20|4|XAB1
1.3.6.1.2.1.47.1.1.1.1.2.30|4|48-port SFP line card
1.3.6.1.2.1.47.1.1.1.1.5.30|2|9
1.3.6.1.2.1.47.1.1.1.1.11.30|4|LC1
"""


async def test_what_is_plugged_into_a_port_is_found_by_its_entity_or_its_name():
    interfaces = (await driver(PLUGGED).facts())["network"]["interfaces"]
    first = {"type": "1000BaseSX SFP", "model": "GLC-SX-MMD", "serial_number": "FNS12345678"}
    assert interfaces["ge1"]["transceiver"] == first
    assert interfaces["ge2"]["transceiver"] == {"type": "Xcvr for ge2", "serial_number": "XAB1"}
