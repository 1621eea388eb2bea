"""NAPALM's own drivers over our SSH and NETCONF: IOS on its twin, Junos on a NETCONF server of the test."""

from dataclasses import replace

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Port, State
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, Garbled, Unreachable, Unsupported, WrongDevice
from drivers.registry import make_driver
from drivers.transports import open_connection
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.switch import Neighbour
from pointsman.twins.languages.terminal import Password
from tests.unit.drivers.libraries.junos_twin import NetconfServer, Session
from tests.unit.drivers.libraries.twin import WithInterfaces

pytestmark = [pytest.mark.unit, pytest.mark.usefixtures("brisk")]

WHO = Password(user="admin", password="pw-of-a-twin")


async def reach(server, profile, *, password=WHO.password, pin=None):
    connection = await open_connection(
        parse_access(server.ssh_access),
        credential=Credential(name="file:twin", text=password),
        pin=pin or server.host_key,
        timeout_s=5.0,
    )
    return make_driver(connection, profile), connection


async def test_ios_is_read_by_napalms_getters():
    switch = Switch("cisco_ios")
    switch.config.vlans[10] = "servers"
    first, second = [name for name in switch.config.interfaces if name.startswith("Gig")][:2]
    switch.config.interfaces[first].description = "uplink"
    switch.config.interfaces[second].shut = True
    switch.neighbours[first] = Neighbour("sw2.example.net", "02:00:00:00:00:02", "Ethernet1", "to sw1")
    switch.macs = [("02:00:00:00:01:01", 10, first)]
    async with LanguageServer(lambda: WithInterfaces(switch), password=WHO) as server:
        driver, connection = await reach(server, load_profiles()["napalm_ios"])
        state = await driver.read(())
        assert state.vlans[10].name == "servers"
        assert state.ports[first] == Port(description="uplink", enabled=True)
        assert state.ports[second] == Port(enabled=False)
        assert "Vlan1" not in state.ports
        assert await driver.read(()) is state
        operation = await driver.operation(())
        assert (operation.ports[first].oper_up, operation.ports[second].oper_up) == (True, False)
        assert [(each.mac, each.vlan, each.port) for each in operation.macs] == [("02:00:00:00:01:01", 10, first)]
        facts = await driver.facts()
        assert (facts["hostname"], facts["dmi"]["system"]["serial_number"]) == ("sw1", switch.serial)
        (link,) = await driver.links()
        assert (link.port, link.name, link.chassis_id) == (first, "sw2.example.net", "02:00:00:00:00:02")
        with pytest.raises(Unsupported, match="only read"):
            driver.plan(Goal(State(ports={first: Port(enabled=False)})), state)
        await driver.close()
        await connection.close()


async def test_a_table_that_the_device_refuses_is_not_an_empty_one():
    async with LanguageServer(lambda: IosSession(Switch("cisco_ios")), password=WHO) as server:
        driver, connection = await reach(server, load_profiles()["napalm_ios"])
        with pytest.raises(Garbled, match="nothing in what the device answered to get_interfaces"):
            await driver.read(())
        await driver.close()
        await connection.close()


REPLIES = {
    "get-interface-information": """
<interface-information><physical-interface><name>ge-0/0/1</name><admin-status>up</admin-status>
<oper-status>down</oper-status><description>uplink</description><mtu>1514</mtu><speed>1000mbps</speed>
<current-physical-address>02:00:00:00:00:01</current-physical-address>
<interface-flapped seconds="5">x</interface-flapped></physical-interface></interface-information>""",
}


class FewReplies(Session):
    """A NETCONF server that knows a few replies, and ends at what it does not know."""

    def __init__(self, replies):
        super().__init__(None, None)
        self._replies = replies

    def reply(self, name, asked):
        self.ended = name not in self._replies
        return self._replies.get(name, "")

    def feed(self, data):
        said = super().feed(data)
        return b"" if self.ended else said

    def hang_up(self):
        pass


def netconf(replies):
    return NetconfServer(lambda: FewReplies(replies), password=WHO)


JUNOS = load_profiles()["napalm_junos"]
PORTS_ONLY = replace(JUNOS, quirks={**JUNOS.quirks, "getters": ["interfaces"]})


async def test_junos_is_read_over_netconf():
    async with netconf(REPLIES) as server:
        driver, connection = await reach(server, PORTS_ONLY)
        state = await driver.read(())
        assert state.ports == {"ge-0/0/1": Port(description="uplink", enabled=True)}
        assert (await driver.operation({"ports"})).ports["ge-0/0/1"].oper_up is False
        await driver.close()
        await connection.close()


async def test_a_netconf_session_that_ends_is_told_and_opened_again():
    replies = {}
    async with netconf(replies) as server:
        driver, connection = await reach(server, PORTS_ONLY)
        with pytest.raises(Unreachable):
            await driver.read(())
        replies |= REPLIES
        assert "ge-0/0/1" in (await driver.read(())).ports
        await driver.close()
        await connection.close()


async def test_a_netconf_server_is_logged_in_to_as_any_device():
    async with netconf(REPLIES) as server:
        with pytest.raises(AuthFailed):
            await reach(server, JUNOS, password="wrong-one")
        with pytest.raises(WrongDevice):
            await reach(server, JUNOS, pin="SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")


async def test_what_napalm_cannot_tell_is_said():
    async with LanguageServer(lambda: IosSession(Switch()), password=WHO) as server:
        driver, connection = await reach(server, load_profiles()["napalm_iosxr"])
        assert driver.unread == (
            "NAPALM does not tell its VLANs on Cisco IOS XR by NAPALM (XML agent on the terminal)",
        )
        await connection.close()


def test_a_driver_that_napalm_does_not_have_is_refused_with_the_profiles_key():
    with pytest.raises(Unsupported, match=r"napalm_junos: quirks\.getters"):
        make_driver(None, replace(JUNOS, quirks={"napalm": "junos", "getters": ["everything"]}))
