"""A twin's ovs-vsctl: transactions, values and refusals as the real one has them."""

import json

import pytest

from pointsman.twins import shell
from pointsman.twins.switch import Switch

pytestmark = pytest.mark.unit


@pytest.fixture
def switch():
    return Switch("sw1", serial="TWIN-1", number=1, in_band=True)


def ask(switch, line):
    printed, status = shell.run(switch, line)
    return printed.decode().removesuffix("\n"), status


def done(switch, line):
    text, status = ask(switch, line)
    assert status == 0, text
    return text


@pytest.mark.parametrize(
    ("setting", "column", "shown"),
    [
        ("tag=10", "tag", "10"),
        ("tag=[]", "tag", "[]"),
        ("trunks=10,20", "trunks", "[10, 20]"),
        ("trunks=[20,10]", "trunks", "[10, 20]"),
        ("trunks=10-12,20", "trunks", "[10, 11, 12, 20]"),
        ("vlan_mode=trunk", "vlan_mode", "trunk"),
        ("external_ids:a=b", "external_ids", '{a="b"}'),
        ("external_ids:a='\"b, c = [d]\"'", "external_ids", '{a="b, c = [d]"}'),
        ("external_ids={a=b,c=d}", "external_ids", '{a="b", c="d"}'),
    ],
)
def test_values_are_read_and_shown(switch, setting, column, shown):
    done(switch, f"ovs-vsctl set Port p1 {setting}")
    assert done(switch, f"ovs-vsctl get Port p1 {column}") == shown


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set Port nowhere tag=1", 'ovs-vsctl: no row "nowhere" in table Port'),
        (
            "set Port p1 tag=5000",
            "ovs-vsctl: constraint violation: 5000 is not in the valid range 0 to 4095 (inclusive)",
        ),
        ("set Port p1 tag=a", 'ovs-vsctl: "a" is not a valid integer or range'),
        ("set Port p1 nope=1", 'ovs-vsctl: Port does not contain a column whose name matches "nope"'),
        (
            "set Port p1 vlan_mode=bogus",
            (
                "ovs-vsctl: constraint violation: bogus is not one of the allowed values "
                "([access, dot1q-tunnel, native-tagged, native-untagged, trunk])"
            ),
        ),
        ("list Nope", 'ovs-vsctl: unknown table "Nope"'),
        ("bogus", "ovs-vsctl: unknown command 'bogus'; use --help for help"),
        ("del-port nowhere", "ovs-vsctl: no port named nowhere"),
        ("add-port brx p99", "ovs-vsctl: no bridge named brx"),
        ("add-bond br0 lag1 p23", "ovs-vsctl: 'add-bond' command requires at least 4 arguments"),
    ],
)
def test_refusals_are_those_of_open_vswitch(switch, line, said):
    assert ask(switch, f"ovs-vsctl {line}") == (said, 1)


def test_a_transaction_is_taken_whole_or_not_at_all(switch):
    text, status = ask(switch, "ovs-vsctl set Port p1 tag=10 -- set Port nowhere tag=10")
    assert status == 1, text
    assert done(switch, "ovs-vsctl get Port p1 tag") == "[]"


def test_two_interfaces_of_one_name_are_refused(switch):
    text, status = ask(switch, "ovs-vsctl -- --id=@i create Interface name=p1 -- set Port p2 interfaces=@i")
    assert status == 1
    assert "constraint violation" in text


def test_what_nothing_refers_to_goes(switch):
    done(switch, "ovs-vsctl del-port p1")
    table = json.loads(done(switch, "ovs-vsctl -f json -- --columns=name list Interface"))
    assert ["p1"] not in table["data"]


def test_writes_are_counted_and_reads_are_not(switch):
    done(switch, "ovs-vsctl list Port && ip -j link && ovs-vsctl get Port p1 tag && lldpcli show neighbors -f json")
    assert switch.writes == 0
    done(switch, "ovs-vsctl set Port p1 tag=1 && ovs-vsctl set Port p1 tag=1 && ip link set dev p1 up")
    assert switch.writes == 3
    assert done(switch, "twin-writes") == "3"


def test_a_port_without_a_device_says_so(switch):
    done(switch, "ovs-vsctl add-port br0 p99")
    assert done(switch, "ovs-vsctl get Interface p99 ofport") == "-1"
    assert "No such device" in done(switch, "ovs-vsctl get Interface p99 error")


def test_the_mtu_that_is_asked_for_is_that_of_the_device(switch):
    done(switch, "ovs-vsctl set Interface p1 mtu_request=9000")
    assert switch.devices["p1"].mtu == 9000


def test_unknown_programs_are_not_found(switch):
    assert ask(switch, "reboot now") == ("sh: 1: reboot: not found", 127)


@pytest.mark.parametrize("word", ["$(reboot)", "`reboot`", "a;reboot", "a && reboot", "a\nreboot"])
def test_a_quoted_word_stays_a_word(switch, word):
    assert ask(switch, f"ip link set dev '{word}' up") == (f'Cannot find device "{word}"', 1)


def test_a_command_that_fails_stops_those_that_depend_on_it(switch):
    assert ask(switch, "ip link set dev nowhere up && ovs-vsctl set Port p1 tag=5")[1] == 1
    assert done(switch, "ovs-vsctl get Port p1 tag") == "[]"
    assert done(switch, "ip link set dev nowhere up ; uname -n").endswith("sw1")
