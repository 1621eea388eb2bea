"""Which addresses were learned where, and in which VLAN."""

import pytest

from device_profiles.state import Vlan
from tests.unit.drivers.vendors.snmp_bridge.recorded_switch import driver

pytestmark = pytest.mark.unit

MACS = {
    "huawei": "1.3.6.1.4.1.2011.5.25.42.2.1.3.1.4.2.0.0.0.0.9.30.0|2|101",
    "extreme": "1.3.6.1.4.1.1916.1.2.1.2.1.10.1000005|2|30\n1.3.6.1.4.1.1916.1.16.4.1.3.2.0.0.0.0.9.1000005|2|101",
    "alcatel 6": "1.3.6.1.4.1.6486.800.1.2.1.8.1.1.1.1.2.101.30.2.0.0.0.0.9|2|4",
    "alcatel 8": "1.3.6.1.4.1.6486.801.1.2.1.8.1.1.8.1.7.1.0.101.30.0.2.0.0.0.0.9|2|4",
}


@pytest.mark.parametrize("vendor", MACS)
async def test_addresses_in_tables_of_vendors(vendor):
    (entry,) = (await driver(MACS[vendor]).operation({"macs"})).macs
    assert (entry.mac, entry.vlan, entry.port) == ("02:00:00:00:00:09", 30, "ge1")


async def test_an_address_of_a_table_that_vlans_share_has_the_vlan_of_its_access_port():
    text = """
1.3.6.1.2.1.17.7.1.4.2.1.3.0.1|66|1
1.3.6.1.2.1.17.7.1.4.2.1.3.0.30|66|1
1.3.6.1.2.1.17.7.1.4.3.1.1.1|4|default
1.3.6.1.2.1.17.7.1.4.3.1.1.30|4|servers
1.3.6.1.2.1.17.7.1.4.3.1.2.1|4x|80
1.3.6.1.2.1.17.7.1.4.3.1.2.30|4x|c0
1.3.6.1.2.1.17.7.1.4.3.1.4.30|4x|40
1.3.6.1.2.1.17.7.1.2.2.1.2.1.2.0.0.0.0.8|2|1
1.3.6.1.2.1.17.7.1.2.2.1.2.1.2.0.0.0.0.9|2|2
"""
    entries = (await driver(text).operation({"macs"})).macs
    assert {entry.port: entry.vlan for entry in entries} == {"ge1": None, "ge2": 30}


async def test_an_address_behind_a_bundle_that_is_no_port_of_the_bridge():
    text = """
1.3.6.1.2.1.2.2.1.3.201|2|161
1.3.6.1.2.1.31.1.1.1.1.201|4|Trk1
1.3.6.1.2.1.17.7.1.2.2.1.2.30.2.0.0.0.0.9|2|201
1.3.6.1.2.1.17.7.1.2.2.1.2.30.0.0.0.0.0.0|2|1
"""
    (entry,) = (await driver(text).operation({"macs"})).macs
    assert (entry.vlan, entry.port) == (30, "Trk1")


async def test_junos_numbers_its_tables_by_bridge_domains():
    text = """
1.3.6.1.4.1.2636.3.48.1.3.1.1.2.4|4|servers
1.3.6.1.4.1.2636.3.48.1.3.1.1.3.4|2|30
1.3.6.1.2.1.17.7.1.4.3.1.2.30|4|1,2
1.3.6.1.2.1.17.7.1.4.3.1.4.30|4|2
1.3.6.1.2.1.17.7.1.2.2.1.2.262144.2.0.0.0.0.9|2|2
"""
    found = driver(text)
    state = await found.read(())
    assert state.vlans == {30: Vlan(name="servers")}
    assert (state.ports["ge2"].mode, state.ports["ge2"].access_vlan) == ("access", 30)
    (entry,) = (await found.operation({"macs"})).macs
    assert (entry.vlan, entry.port) == (30, "ge2")
