"""The driver over its twin: in memory, over SSH and over telnet."""

from dataclasses import replace

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Lag, Port, State, Vlan
from drivers.access import parse_access
from drivers.cli.line import TimedLine, VirtualClock
from drivers.credentials import Credential
from drivers.errors import AuthFailed, Rejected, Unsupported, WrongDevice
from drivers.registry import make_driver
from drivers.transports import open_connection
from drivers.vendors.cisco_ios.driver import CiscoIos
from pointsman.twins.languages.ios_like import Interface, Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.switch import Neighbour
from pointsman.twins.languages.terminal import Password
from tests.unit.drivers.vendors.cisco_ios.ios_like_devices import PROFILES, Connection, driver_on

pytestmark = pytest.mark.unit

WHO = Password(user="admin", password="pw-of-a-twin")


async def converge(driver, goal):
    steps = driver.plan(goal, await driver.read(()))
    for step in steps:
        await driver.apply(step)
    return steps


@pytest.mark.parametrize("scheme", ["ssh", "telnet"])
@pytest.mark.parametrize("profile", PROFILES)
async def test_the_same_driver_over_ssh_and_telnet(profile, scheme):
    switch = Switch(profile)
    switch.enable_secret = "en-of-a-twin"
    banner = "\nAuthorised access only\nsw9# \n" * 20
    async with LanguageServer(lambda: IosSession(switch), password=WHO, banner=banner) as server:
        connection = await open_connection(
            parse_access(server.ssh_access if scheme == "ssh" else server.telnet_access),
            credential=Credential(name="file:sw", text=f"{WHO.password}\nen-of-a-twin\n"),
            pin=server.host_key if scheme == "ssh" else None,
            timeout_s=5.0,
        )
        driver = make_driver(connection, load_profiles()[profile])
        name = next(iter(switch.config.interfaces))
        goal = Goal(State(vlans={30: Vlan(name="blue")}, ports={name: Port(mode="access", access_vlan=30)}))
        await converge(driver, goal)
        await driver.save()
        state = await driver.read(())
        assert state.vlans[30].name == "blue"
        assert state.ports[name].access_vlan == 30
        assert switch.saves == 1
        assert (await driver.facts())["hostname"] == "sw1"
        await driver.close()
        await connection.close()


@pytest.mark.parametrize("scheme", ["ssh", "telnet"])
async def test_a_wrong_password_and_a_wrong_device(scheme):
    switch = Switch()
    async with LanguageServer(lambda: IosSession(switch), password=WHO) as server:
        access = parse_access(server.ssh_access if scheme == "ssh" else server.telnet_access)
        wrong = Credential(name="file:sw", text="not-this-one")
        with pytest.raises(AuthFailed) as error:  # noqa: PT012 -- telnet asks when the session is opened
            connection = await open_connection(access, credential=wrong, pin=None, timeout_s=5.0)
            driver = make_driver(connection, load_profiles()["cisco_ios"])
            try:
                await driver.read(())
            finally:
                await connection.close()
        assert "not-this-one" not in str(error.value)
        if scheme == "ssh":
            with pytest.raises(WrongDevice):
                await open_connection(access, credential=wrong, pin="SHA256:another", timeout_s=5.0)


async def test_a_second_password_that_is_wrong_is_told_as_such():
    switch = Switch()
    switch.enable_secret = "right"
    driver, _ = driver_on(switch, secret="wrong")
    with pytest.raises(AuthFailed, match=r"'enable'.*line 2"):
        await driver.read(())


async def test_the_configuration_is_entered_once_and_nothing_is_parsed_again():
    switch = Switch("cisco_xe")
    driver, connection = driver_on(switch)
    first = await driver.read(())
    assert await driver.read(()) is first
    names = list(switch.config.interfaces)[:6]
    goal = Goal(State(ports={name: Port(description=f"port {name}") for name in names}))
    await converge(driver, goal)
    assert connection.sent.count("configure terminal") == 1
    assert connection.sent.count("terminal length 0") == 1


async def test_lines_that_change_by_themselves_are_no_change():
    switch = Switch("cisco_ios")
    driver, _ = driver_on(switch)
    first = await driver.read(())
    switch.changed_at += 1
    assert await driver.read(()) is first


async def test_only_what_is_wanted_is_asked_for():
    driver, connection = driver_on(Switch("cisco_ios"))
    await driver.read({"vlans.name"})
    assert "show running-config" not in connection.sent
    await driver.read({"ports.description"})
    assert connection.sent.count("show vlan brief") == 1


async def test_a_switch_that_knows_no_isl_refuses_a_line_and_that_means_nothing():
    switch = Switch("cisco_ios")
    switch.isl = False
    driver, _ = driver_on(switch)
    name = next(iter(switch.config.interfaces))
    await converge(driver, Goal(State(ports={name: Port(mode="trunk", native_vlan="none", trunk_vlans=(10,))})))
    assert switch.config.interfaces[name].mode == "trunk"


async def test_a_refused_line_stops_the_step_and_is_named():
    switch = Switch("cisco_nxos")
    driver, _ = driver_on(switch)
    (step,) = driver.plan(
        Goal(State(lags={"port-channel1": Lag(members=("Ethernet1/1",), lacp="active")})), await driver.read(())
    )
    broken = tuple(line for line in step.commands if not line.startswith("feature"))
    with pytest.raises(Rejected, match=r"'channel-group 1 mode active': ERROR"):
        await driver.apply(type(step)(capability="lags", text="", commands=broken, undo=(), impact="none"))


async def test_saving_answers_the_question_that_copy_asks():
    switch = Switch("cisco_ios")
    driver, connection = driver_on(switch)
    await driver.read(())
    await driver.save()
    assert switch.saves == 1
    await driver._session.run("copy running-config startup-config")
    assert switch.saves == 2
    assert connection.switch is switch


async def test_vlans_of_a_vtp_server_need_a_word():
    switch = Switch("cisco_ios")
    switch.vtp_domain = "corp"
    driver, _ = driver_on(switch)
    (step,) = driver.plan(Goal(State(vlans={30: Vlan()})), await driver.read(()))
    assert step.needs == ("vtp",)
    switch.vtp_mode = "Transparent"
    switch.config.vlans[40] = "VLAN0040"
    (step,) = driver.plan(Goal(State(vlans={30: Vlan()})), await driver.read(()))
    assert step.needs == ()


async def test_operation_neighbours_and_addresses():
    switch = Switch("cisco_nxos")
    first, second, third = list(switch.config.interfaces)[:3]
    switch.neighbours = {
        first: Neighbour("sw2", "02:00:00:00:00:02", "Ethernet1/9", "x"),
        second: Neighbour("h1", "02:00:00:00:00:03", "eth0"),
    }
    switch.macs = [("02:00:00:00:00:03", 10, second)]
    switch.linked.discard(third)
    switch.config.interfaces[third] = Interface(third, description="nobody connected here")
    driver, _ = driver_on(switch)
    found = await driver.operation(())
    assert (found.ports[first].oper_up, found.ports[first].speed_bps) == (True, 10**9)
    assert (found.ports[third].oper_up, found.ports[third].down_reason) == (False, "notconnect")
    assert [(entry.mac, entry.vlan, entry.port) for entry in found.macs] == [("02:00:00:00:00:03", 10, second)]
    assert (await driver.operation({"macs"})).ports == {}
    assert [(each.port, each.name, each.chassis_id) for each in await driver.links()] == [
        (first, "sw2", "02:00:00:00:00:02"),
        (second, "h1", "02:00:00:00:00:03"),
    ]


async def test_a_change_of_sixty_ports_costs_little_more_than_its_lines():
    """A device that takes 2 s to open a session and 0.3 s a line: one session, one save."""
    switch = Switch("cisco_xe")
    for number in range(13, 65):
        name = f"GigabitEthernet1/0/{number}"
        switch.config.interfaces[name] = Interface(name)
    names = [name for name in switch.config.interfaces if name.startswith("Gig")][:60]
    clock, lines = VirtualClock(), []

    class Slow(Connection):
        async def stream(self, command):
            line = TimedLine(await super().stream(command), clock, baud=9600, open_s=2.0, per_line_s=0.3)
            lines.append(line)
            return line

    driver = CiscoIos(Slow(switch), load_profiles()["cisco_xe"])
    wanted = Port(mode="access", access_vlan=10, description="a port of sixty")
    steps = await converge(driver, Goal(State(ports=dict.fromkeys(names, wanted))))
    await driver.save()
    assert (len(lines), switch.saves) == (1, 1)
    needed = sum(len(step.commands) for step in steps)
    # What is not a line of the change: opening, reading, entering the configuration, saving.
    assert lines[0].lines - needed <= 15
    spent_s = clock.now_s
    least_s = 2.0 + 0.3 * needed + (lines[0].sent_bytes + lines[0].received_bytes) * 10 / 9600
    assert spent_s <= 1.1 * least_s


async def test_a_profile_without_a_command_line_is_refused():
    profile = replace(load_profiles()["cisco_ios"], cli=None)
    with pytest.raises(Unsupported, match="command line"):
        CiscoIos(Connection(Switch()), profile)


async def test_a_table_tells_where_a_neighbour_was_seen_that_the_details_do_not_place():
    switch = Switch("cisco_ios")
    switch.lldp_hides_ports = True
    first, second, third, fourth = list(switch.config.interfaces)[:4]
    switch.neighbours = {
        first: Neighbour("a-name-of-more-than-twenty.example.net", "02:00:00:00:00:0a", "Gi1"),
        second: Neighbour("web-07.example.net", "02:00:00:00:00:0b", "eth0"),
        third: Neighbour("twin", "02:00:00:00:00:0c", "eth0"),
        fourth: Neighbour("twin", "02:00:00:00:00:0d", "eth0"),
    }
    driver, connection = driver_on(switch)
    seen = {each.port: (each.name, each.chassis_id) for each in await driver.links()}
    # Of two that the table cannot tell apart, neither is placed.
    assert seen == {
        first: ("a-name-of-more-than-twenty.example.net", "02:00:00:00:00:0a"),
        second: ("web-07.example.net", "02:00:00:00:00:0b"),
    }
    assert "show lldp neighbors" in connection.sent


async def test_the_table_is_asked_for_only_where_the_details_lack_a_port():
    switch = Switch("cisco_ios")
    port = next(iter(switch.config.interfaces))
    switch.neighbours = {port: Neighbour("web-07", "02:00:00:00:00:0b", "eth0")}
    driver, connection = driver_on(switch)
    assert [each.port for each in await driver.links()] == [port]
    assert "show lldp neighbors" not in connection.sent
