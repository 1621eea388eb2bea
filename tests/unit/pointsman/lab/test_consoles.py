"""What is typed on a serial line counts when it changes the device."""

import pytest

from pointsman.lab.consoles import count_frr, count_vde

pytestmark = pytest.mark.unit


def test_vde_commands_that_change_the_switch_count() -> None:
    typed = [
        b"vlan/print",
        b"vlan/create 30",
        b"  port/setvlan 1 30",
        b"port/allprint",
        b"hash/print",
        b"",
        b"vlan/creat",
    ]
    assert count_vde(typed) == 2


def test_router_commands_count_in_configuration_mode_only() -> None:
    typed = [
        *(b"show running-config", b"ip route 198.51.100.0/24 Null0", b"configure terminal"),
        *(b"interface eth0", b"description x", b"exit", b"do show version", b"", b"no ip route 198.51.100.0/24 Null0"),
        *(b"end", b"write memory"),
    ]
    assert count_frr(typed) == 3
