"""Who is at the other end, by each protocol and in all spellings."""

import pytest

from tests.unit.drivers.vendors.snmp_bridge.recorded_switch import driver

pytestmark = pytest.mark.unit

NEIGHBOURS = {
    "lldp": """
1.3.111.2.802.1.1.13.1.4.1.1.5.0.101.1.4|2|4
1.3.111.2.802.1.1.13.1.4.1.1.6.0.101.1.4|4x|020000000009
1.3.111.2.802.1.1.13.1.4.1.1.7.0.101.1.4|2|5
1.3.111.2.802.1.1.13.1.4.1.1.8.0.101.1.4|4|Ethernet9
1.3.111.2.802.1.1.13.1.4.1.1.10.0.101.1.4|4|sw9
""",
    "cdp": """
1.3.6.1.4.1.9.9.23.1.2.1.1.6.101.1|4|sw9
1.3.6.1.4.1.9.9.23.1.2.1.1.7.101.1|4|Ethernet9
""",
    "fdp": """
1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.3.101.1|4|sw9
1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.7.101.1|4|Ethernet9
1.3.6.1.4.1.1991.1.1.3.20.1.2.1.1.10.101.1|2|1
""",
    "edp": """
1.3.6.1.4.1.1916.1.13.2.1.3.101.0.0.2.0.0.0.0.9|4|sw9
1.3.6.1.4.1.1916.1.13.2.1.5.101.0.0.2.0.0.0.0.9|2|1
1.3.6.1.4.1.1916.1.13.2.1.6.101.0.0.2.0.0.0.0.9|2|9
""",
    "isdp": """
1.3.6.1.4.1.4526.10.39.1.2.1.1.6.101.1|4|sw9
1.3.6.1.4.1.4526.10.39.1.2.1.1.7.101.1|4|Ethernet9
""",
    "tplink": """
1.3.6.1.4.1.11863.6.35.1.2.2.1.4.101.1|4|02-00-00-00-00-09
1.3.6.1.4.1.11863.6.35.1.2.2.1.6.101.1|4|Ethernet9
1.3.6.1.4.1.11863.6.35.1.2.2.1.9.101.1|4|sw9
""",
}


@pytest.mark.parametrize("kind", NEIGHBOURS)
async def test_neighbours_by_each_protocol(kind):
    (link,) = await driver(NEIGHBOURS[kind]).links()
    said = {"isdp": "cdp", "tplink": "lldp"}.get(kind, kind)
    assert (link.port, link.kind, link.name) == ("ge1", said, "sw9")
    assert link.remote_port == ("1:9" if kind == "edp" else "Ethernet9")
    assert link.chassis_id == ("02:00:00:00:00:09" if kind in ("lldp", "edp", "tplink") else "")


async def test_nx_os_sends_its_serial_number_with_its_name():
    (link,) = await driver("1.3.6.1.4.1.9.9.23.1.2.1.1.6.101.1|4|core1.example.net(FOX1234ABCD)").links()
    assert (link.name, link.serial) == ("core1.example.net", "FOX1234ABCD")


LOCAL_PORTS = {
    "by its name": "1.0.8802.1.1.2.1.3.7.1.2.7|2|5\n1.0.8802.1.1.2.1.3.7.1.3.7|4|ge2",
    "by its address as text": "1.3.6.1.2.1.2.2.1.6.102|4x|020000000102\n1.0.8802.1.1.2.1.3.7.1.2.7|2|3\n"
    "1.0.8802.1.1.2.1.3.7.1.3.7|4|02-00-00-00-01-02",
    "by an ifIndex in a text": "1.0.8802.1.1.2.1.3.7.1.2.7|2|7\n1.0.8802.1.1.2.1.3.7.1.3.7|4|102",
    "by its description": "1.0.8802.1.1.2.1.3.7.1.4.7|4|Port 2",
}


@pytest.mark.parametrize("way", LOCAL_PORTS)
async def test_lldp_s_own_number_of_a_port_is_told(way):
    remote = "\n1.0.8802.1.1.2.1.4.1.1.9.0.7.1|4|sw9"
    (link,) = await driver(LOCAL_PORTS[way] + remote).links()
    assert link.port == "ge2"


IDS = {
    "4|02:00:00:00:00:AB": (4, "02:00:00:00:00:ab"),
    "4|0200.0000.00ab": (4, "02:00:00:00:00:ab"),
    "4x|020000000011": (4, "02:00:00:00:00:11"),
    "4x|01c0000201": (5, "192.0.2.1"),
    "4x|c0000201": (5, "192.0.2.1"),
    "4|192.0.2.1": (5, "192.0.2.1"),
    "4|rack 1": (7, "rack 1"),
}


@pytest.mark.parametrize("sent", IDS)
async def test_ids_of_neighbours_in_all_their_spellings(sent):
    subtype, told = IDS[sent]
    text = f"1.0.8802.1.1.2.1.4.1.1.4.0.1.1|2|{subtype}\n1.0.8802.1.1.2.1.4.1.1.5.0.1.1|{sent}"
    (link,) = await driver(text).links()
    assert link.chassis_id == told
