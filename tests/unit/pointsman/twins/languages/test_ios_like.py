"""The IOS-like twin behaves as the switches that it stands for."""

import pytest

from pointsman.twins.languages.ios_like import PORTS, Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.terminal import Asks

pytestmark = pytest.mark.unit


def typed(switch, *lines):
    session = IosSession(switch)
    return [session.run(line) for line in lines], session


def configured(switch, *lines):
    said, _ = typed(switch, "configure terminal", *lines, "end")
    return said[1:-1]


@pytest.mark.parametrize("profile", PORTS)
def test_a_line_that_is_none_is_refused_and_changes_nothing(profile):
    switch = Switch(profile)
    port = next(iter(switch.config.interfaces))
    for line in ("interface Nonsense9", "switchport access vlan 10", "vlan 4095", "no vlan 1", "pointsman"):
        (said,) = configured(switch, line)
        assert "%" in said
    said = configured(switch, f"interface {port}", "switchport access vlan 0", "switchport mode tap", "mtu 1")
    assert all("%" in each for each in said[1:])
    assert switch.writes == 0


def test_a_vlan_of_ios_comes_into_being_when_its_mode_is_left():
    switch = Switch("cisco_ios")
    _, session = typed(switch, "configure terminal", "vlan 30", "name blue")
    assert 30 not in switch.config.vlans
    session.run("interface GigabitEthernet0/1")
    assert switch.config.vlans[30] == "blue"
    configured(Switch("arista_eos"), "vlan 30")


def test_modes_and_prompts():
    switch = Switch("cisco_ios", name="a-very-long-name-of-a-switch")
    switch.enable_secret = "x"
    session = IosSession(switch)
    assert session.prompt == "a-very-long-name-of-a-switch>"
    assert "%" in str(session.run("show running-config"))
    asked = session.run("enable")
    assert isinstance(asked, Asks)
    assert "denied" in str(asked.then("wrong"))
    asked.then("x")
    session.run("configure terminal")
    assert session.prompt == "a-very-long-name-of-(config)#"
    session.run("interface GigabitEthernet0/1")
    assert session.prompt == "a-very-long-name-of-(config-if)#"
    session.run("end")
    assert session.prompt.endswith("switch#")


def test_ports_that_know_isl_want_their_encapsulation_first():
    switch = Switch("cisco_ios")
    said = configured(switch, "interface GigabitEthernet0/1", "switchport mode trunk")
    assert "encapsulation" in said[1]
    said = configured(switch, "interface Gi0/1", "switchport trunk encapsulation dot1q", "switchport mode trunk")
    assert said[1:] == ["", ""]


def test_lacp_is_a_feature_of_nexus():
    switch = Switch("cisco_nxos")
    assert "LACP is not enabled" in configured(switch, "interface Ethernet1/1", "channel-group 1 mode active")[1]
    assert configured(switch, "feature lacp", "interface Ethernet1/1", "channel-group 1 mode active")[2] == ""


def test_a_member_that_is_not_like_its_lag_does_not_bundle():
    switch = Switch("cisco_xe")
    port = "GigabitEthernet1/0/1"
    configured(
        switch, f"interface {port}", "switchport access vlan 7", "switchport mode access", "channel-group 1 mode on"
    )
    assert not switch.is_bundled(switch.config.interfaces[port])
    configured(switch, "interface Port-channel1", "switchport access vlan 7", "switchport mode access")
    assert switch.is_bundled(switch.config.interfaces[port])
    assert "another mode" in configured(switch, f"interface {port}", "channel-group 1 mode active")[1]


def test_what_was_not_saved_is_gone_after_a_restart_but_for_the_vlans_of_ios():
    switch = Switch("cisco_ios")
    configured(switch, "interface GigabitEthernet0/1", "description mine", "vlan 30", "exit")
    switch.restart()
    assert switch.config.interfaces["GigabitEthernet0/1"].description is None
    assert 30 in switch.config.vlans
    configured(switch, "interface GigabitEthernet0/1", "description mine")
    (said,), _ = typed(switch, "write memory")
    assert "[OK]" in said
    switch.restart()
    assert switch.config.interfaces["GigabitEthernet0/1"].description == "mine"


def test_long_lists_are_printed_in_several_lines():
    switch = Switch("cisco_ios")
    listed = ",".join(str(number) for number in range(100, 200, 2))
    configured(switch, "interface GigabitEthernet0/1", f"switchport trunk allowed vlan {listed}")
    (text,), _ = typed(switch, "show running-config")
    lines = [line for line in text.splitlines() if "allowed" in line]
    assert len(lines) > 2
    assert lines[1].startswith(" switchport trunk allowed vlan add ")
