"""The switching of a port: what it comes to, how it is written back, and how it is told to people."""

import pytest

from device_profiles.state import Port
from drivers.errors import Unsupported
from drivers.switching import modes

pytestmark = pytest.mark.unit

TRUNK = Port(mode="trunk", native_vlan=10, trunk_vlans=(20, 30))


@pytest.mark.parametrize(
    ("wanted", "before", "settled"),
    [
        (Port(mode="access", access_vlan=10), TRUNK, Port(mode="access", access_vlan=10)),
        (Port(mode="access"), Port(mode="access", access_vlan=7), Port(mode="access", access_vlan=7)),
        (
            Port(mode="trunk", trunk_vlans=(5,)),
            Port(mode="access", access_vlan=7),
            Port(mode="trunk", native_vlan="none", trunk_vlans=(5,)),
        ),
        (Port(native_vlan="none"), TRUNK, Port(mode="trunk", native_vlan="none", trunk_vlans=(20, 30))),
        (Port(trunk_vlans="all"), TRUNK, Port(mode="trunk", native_vlan=10, trunk_vlans="all")),
    ],
)
def test_what_is_not_said_stays_and_a_new_trunk_starts_from_none(wanted: Port, before: Port, settled: Port) -> None:
    assert modes.settled("p1", wanted=wanted, before=before) == settled


@pytest.mark.parametrize(
    ("wanted", "before", "leaf"),
    [
        (Port(mode="access"), TRUNK, r"ports\.p1\.access_vlan"),
        (Port(trunk_vlans=(5,)), Port(), r"ports\.p1\.mode"),
        (Port(access_vlan=5), Port(mode="other", native="dynamic"), r"ports\.p1\.mode"),
    ],
)
def test_what_goes_with_no_mode_is_refused_by_its_leaf(wanted: Port, before: Port, leaf: str) -> None:
    with pytest.raises(Unsupported, match=leaf):
        modes.settled("p1", wanted=wanted, before=before)


def test_a_new_lag_carries_nothing_until_somebody_says_what() -> None:
    assert modes.fresh("lag1", None) == modes.PLAIN
    assert modes.fresh("lag1", Port(description="up")) == modes.PLAIN
    assert modes.fresh("lag1", Port(mode="access", access_vlan=3)) == Port(mode="access", access_vlan=3)


def test_a_native_vlan_counts_only_where_it_is_carried() -> None:
    assert modes.trunk(frozenset({1, 5}), untagged=1) == {"mode": "trunk", "native_vlan": 1, "trunk_vlans": (5,)}
    assert modes.trunk(frozenset({5}), untagged=1) == {"mode": "trunk", "native_vlan": "none", "trunk_vlans": (5,)}
    assert modes.trunk(modes.EVERY, untagged=1) == {"mode": "trunk", "native_vlan": 1, "trunk_vlans": "all"}


def test_the_vlans_of_a_trunk_are_those_with_its_native_one() -> None:
    assert modes.carried(TRUNK) == {10, 20, 30}
    assert modes.carried(Port(mode="trunk", native_vlan="none", trunk_vlans="all")) == modes.EVERY


def test_the_devices_own_words_come_back_as_they_were() -> None:
    lines = ("switchport mode dot1q-tunnel", "switchport access vlan 9")
    port = Port(**modes.other(lines))
    assert modes.native_lines(port) == lines
    assert modes.written_back(port) == lines


@pytest.mark.parametrize("line", ["switchport voice?", "a\\b", "prüfen", "x" * 600])
def test_words_that_could_not_be_sent_again_are_refused(line: str) -> None:
    with pytest.raises(Unsupported, match="could not be put back"):
        modes.written_back(Port(**modes.other((line,))))


def test_elements_are_in_the_order_of_numbers() -> None:
    assert [path[-1] for path in modes.elements("p1", {"100", "20", "3"})] == ["3", "20", "100"]


@pytest.mark.parametrize(
    ("port", "words"),
    [
        (Port(), "not configured"),
        (Port(mode="access", access_vlan=5), "access VLAN 5"),
        (Port(mode="other", native="qinq"), "as it was (qinq)"),
        (TRUNK, "trunk of 20, 30, native 10"),
        (Port(mode="trunk", native_vlan="none", trunk_vlans=()), "trunk of no VLAN"),
        (Port(mode="trunk", native_vlan="none", trunk_vlans="all"), "trunk of all VLANs"),
    ],
)
def test_switching_is_told_in_words(port: Port, words: str) -> None:
    assert modes.spoken(port) == words
