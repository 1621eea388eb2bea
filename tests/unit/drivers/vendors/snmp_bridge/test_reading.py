"""What a switch tells by SNMP in the standard's tables; and what is said of what it tells wrongly."""

import pytest

from device_profiles.state import Lag, Port, Vlan
from drivers.contract import Candid
from drivers.errors import Garbled
from drivers.registry import make_driver
from drivers.snmp.playing import Played
from drivers.snmp.records import parse
from pointsman.subjects.snmp_bridge import bridge
from pointsman.twins.snmp.agent import Direct
from tests.unit.drivers.vendors.snmp_bridge.recorded_switch import PROFILE, driver

pytestmark = pytest.mark.unit


def twin(**changes):
    device = bridge()
    for name, value in changes.items():
        setattr(device, name, value)
    return make_driver(Direct(device), PROFILE)


async def test_a_whole_switch():
    found = twin()
    state = await found.read(())
    assert state.vlans == {1: Vlan(name="default"), 10: Vlan(name="servers"), 20: Vlan()}
    assert state.ports["Port2"] == Port(enabled=True, mode="access", access_vlan=10, mtu=1500)
    assert state.ports["Port1"].mode == "trunk"
    assert (state.ports["Port1"].native_vlan, state.ports["Port1"].trunk_vlans) == (1, (10, 20))
    assert (state.ports["Port3"].mode, state.ports["Port3"].native) == ("other", "untagged 1,20; pvid 1")
    operation = await found.operation(())
    assert [(entry.mac, entry.vlan, entry.port) for entry in operation.macs] == [
        ("02:00:00:00:01:01", 10, "Port2"),
        ("02:00:00:00:01:02", 20, "Port1"),
    ]
    assert operation.ports["Port1"].stp_state == "forwarding"
    assert operation.ports["Port1"].speed_bps == 1_000_000_000
    (link,) = await found.links()
    assert (link.port, link.name, link.chassis_id, link.remote_port) == (
        "Port1",
        "sw2.example.net",
        "02:00:00:00:00:02",
        "Ethernet1",
    )
    facts = await found.facts()
    system = facts["dmi"]["system"]
    assert (system["product_name"], system["serial_number"]) == ("TW-12", "TW000001")
    assert (facts["hostname"], facts["platform_version"]) == ("sw1", "1.2.3")


async def test_members_of_a_lag_carry_nothing_themselves():
    text = """
1.2.840.10006.300.43.1.2.1.1.13.101|2|201
1.2.840.10006.300.43.1.2.1.1.13.102|2|201
1.2.840.10006.300.43.1.2.1.1.20.101|4x|a2
1.2.840.10006.300.43.1.2.1.1.20.102|4x|a2
1.3.6.1.2.1.2.2.1.3.201|2|161
1.3.6.1.2.1.31.1.1.1.1.201|4|Trk1
1.3.6.1.2.1.17.1.4.1.2.3|2|201
1.3.6.1.2.1.17.7.1.4.3.1.1.5|4|five
1.3.6.1.2.1.17.7.1.4.3.1.2.5|4x|20
1.3.6.1.2.1.17.7.1.4.3.1.4.5|4x|00
1.3.6.1.2.1.17.7.1.4.5.1.1.3|66|1
"""
    state = await driver(text).read(())
    assert state.lags == {"Trk1": Lag(members=("ge1", "ge2"), lacp="active")}
    assert (state.ports["Trk1"].mode, state.ports["Trk1"].trunk_vlans) == ("trunk", (5,))
    assert state.ports["ge1"].mode is None


async def test_the_younger_tables_of_ieee_802_1():
    text = """
1.3.111.2.802.1.1.4.1.4.3.1.3.1.7|4|seven
1.3.111.2.802.1.1.4.1.4.3.1.4.1.7|4x|c0
1.3.111.2.802.1.1.4.1.4.3.1.6.1.7|4x|80
1.3.111.2.802.1.1.4.1.4.5.1.1.1.1|66|7
1.3.111.2.802.1.1.4.1.4.5.1.1.1.2|66|1
1.3.111.2.802.1.1.4.1.2.2.1.2.1.7.2.0.0.0.0.9|66|1
1.3.111.2.802.1.1.4.1.2.2.1.3.1.7.2.0.0.0.0.9|2|3
"""
    found = driver(text)
    state = await found.read(())
    assert state.vlans == {7: Vlan(name="seven")}
    assert (state.ports["ge1"].mode, state.ports["ge1"].access_vlan) == ("access", 7)
    assert (state.ports["ge2"].mode, state.ports["ge2"].native_vlan) == ("trunk", "none")
    (entry,) = (await found.operation({"macs"})).macs
    assert (entry.mac, entry.vlan, entry.port) == ("02:00:00:00:00:09", 7, "ge1")


# Bad input.


async def test_a_wrong_type_is_left_out_and_told_with_its_oid():
    found = driver("1.3.6.1.2.1.31.1.1.1.18.101|2|7\n1.3.6.1.2.1.31.1.1.1.18.102|4|fine")
    state = await found.read(())
    assert (state.ports["ge1"].description, state.ports["ge2"].description) == (None, "fine")
    assert any("1.3.6.1.2.1.31.1.1.1.18.101 (ifAlias): is no string" in sentence for sentence in found.unread)


async def test_an_index_out_of_range_is_left_out_and_told():
    found = driver("1.3.6.1.2.1.17.7.1.2.2.1.2.1.0.300.0.0.0.1|2|1\n1.3.6.1.2.1.17.7.1.2.2.1.2.1.0.30|2|1")
    operation = await found.operation(())
    assert operation.macs == ()
    assert sum("dot1qTpFdbTable" in sentence for sentence in found.unread) == 2


async def test_holes_leave_holes():
    found = driver("1.3.6.1.2.1.31.1.1.1.1.103|4|ge3\n1.3.6.1.2.1.2.2.1.3.103|2|6")
    state = await found.read(())
    assert state.ports["ge3"] == Port()
    assert (await found.operation(())).ports["ge3"].oper_up is None


async def test_two_interfaces_of_one_name_are_told_apart():
    text = "1.3.6.1.2.1.31.1.1.1.1.103|4|ge2\n1.3.6.1.2.1.2.2.1.3.103|2|6\n1.3.6.1.2.1.2.2.1.2.103|4|Port 3"
    assert set((await driver(text).read(())).ports) == {"ge1", "Port 2", "Port 3"}


async def test_hostile_texts_are_made_safe():
    text = "1.3.6.1.2.1.31.1.1.1.18.101|4x|1b5b324a72656420000a616c657274"
    assert (await driver(text).read(())).ports["ge1"].description == "\\x1b[2Jred \\x00 alert"


async def test_a_view_that_hides_the_interfaces_has_their_numbers_for_names():
    lines = ["1.3.6.1.2.1.1.3.0|67|5", "1.3.6.1.2.1.17.1.4.1.2.5|2|105", "1.3.6.1.2.1.17.7.1.2.2.1.2.7.2.0.0.0.0.9|2|5"]
    found = make_driver(Played({None: parse(lines)}), PROFILE)
    assert set((await found.read(())).ports) == {"105"}
    assert [(entry.vlan, entry.port) for entry in (await found.operation({"macs"})).macs] == [(7, "105")]
    assert isinstance(found, Candid)
    assert any("no interface is shown" in sentence for sentence in found.unread)


async def test_a_device_without_interfaces_gives_no_state():
    found = make_driver(Played({None: parse(["1.3.6.1.2.1.1.3.0|67|5"])}), PROFILE)
    with pytest.raises(Garbled, match="no interface"):
        await found.read(())


async def test_a_restart_while_it_is_read_is_read_again():
    device = bridge()
    connection = Direct(device)
    asked = []
    answer = device.answer

    def restarting(request):
        asked.append(request)
        if len(asked) == 5:
            device.uptime = 1
        return answer(request)

    device.answer = restarting
    state = await make_driver(connection, PROFILE).read(())
    assert len(state.ports) == 12
    assert sum(request.bindings[0][0] == (1, 3, 6, 1, 2, 1, 1, 3, 0) for request in asked) == 4
