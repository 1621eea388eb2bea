"""Modes of a port, from columns to the schema and back."""

import pytest

from device_profiles.state import Port
from drivers.errors import Unsupported
from drivers.vendors.openvswitch import switching

pytestmark = pytest.mark.unit

EVERY = tuple(range(1, 4095))


def row(*, mode=None, tag=None, trunks=(), cvlans=()):
    def cell(values):
        return values[0] if len(values) == 1 else ["set", list(values)]

    return {
        "vlan_mode": mode or ["set", []],
        "tag": ["set", []] if tag is None else tag,
        "trunks": cell(trunks),
        "cvlans": cell(cvlans),
    }


def access(vlan):
    return {"mode": "access", "access_vlan": vlan}


def trunk(vlans, native):
    return {"mode": "trunk", "trunk_vlans": vlans, "native_vlan": native}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (row(), {}),
        (row(mode="access", tag=10), access(10)),
        (row(tag=99), access(99)),
        (row(mode="access", tag=10, trunks=(20, 30)), access(10)),
        (row(mode="trunk", trunks=(10, 20)), trunk((10, 20), "none")),
        (row(trunks=(20, 10)), trunk((10, 20), "none")),
        (row(mode="trunk", tag=7, trunks=(10,)), trunk((10,), "none")),
        (row(mode="native-untagged", tag=5, trunks=(10,)), trunk((10,), 5)),
        (row(mode="trunk", trunks=(4095,)), trunk((), "none")),
        (row(mode="native-untagged", tag=5, trunks=(4095,)), trunk((), 5)),
        (row(mode="trunk", trunks=(10, 4095)), trunk((10,), "none")),
        (row(mode="trunk"), trunk("all", None)),
        (row(mode="native-untagged", tag=5), trunk("all", 5)),
        (row(mode="trunk", trunks=(*EVERY, 4095)), trunk("all", "none")),
        (row(mode="trunk", trunks=EVERY), trunk(EVERY, "none")),
    ],
)
def test_what_the_schema_can_say_is_said_in_it(columns, expected):
    assert switching.read(columns) == expected


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (row(mode="native-tagged", tag=5, trunks=(10, 11, 12)), "vlan_mode=native-tagged tag=5 trunks=10-12"),
        (row(mode="dot1q-tunnel", tag=5, cvlans=(7, 9)), "vlan_mode=dot1q-tunnel tag=5 cvlans=7,9"),
        (row(mode="access"), "vlan_mode=access"),
        (row(mode="access", tag=0), "vlan_mode=access tag=0"),
        (row(tag=4095), "tag=4095"),
        (row(mode="trunk", trunks=(0, 10)), "vlan_mode=trunk trunks=0,10"),
        (row(mode="native-untagged"), "vlan_mode=native-untagged"),
    ],
)
def test_all_else_is_shown_in_the_switchs_own_words_that_can_be_put_back(columns, words):
    found = Port(**switching.read(columns))
    assert (found.mode, found.native) == ("other", words)
    assert {word for word in switching.columns(found) if not word.endswith("=[]")} == set(words.split())
    assert [word.partition("=")[0] for word in switching.columns(found)] == list(switching.COLUMNS)


@pytest.mark.parametrize(
    ("port", "columns"),
    [
        (Port(), ("vlan_mode=[]", "tag=[]", "trunks=[]", "cvlans=[]")),
        (Port(mode="access", access_vlan=10), ("vlan_mode=access", "tag=10", "trunks=[]", "cvlans=[]")),
        (
            Port(mode="trunk", native_vlan="none", trunk_vlans=(10, 11, 12, 20)),
            ("vlan_mode=trunk", "tag=[]", "trunks=10-12,20", "cvlans=[]"),
        ),
        (
            Port(mode="trunk", native_vlan=5, trunk_vlans=(10,)),
            ("vlan_mode=native-untagged", "tag=5", "trunks=10", "cvlans=[]"),
        ),
        (
            Port(mode="trunk", native_vlan="none", trunk_vlans=()),
            ("vlan_mode=trunk", "tag=[]", "trunks=4095", "cvlans=[]"),
        ),
        (
            Port(mode="trunk", native_vlan="none", trunk_vlans="all"),
            ("vlan_mode=trunk", "tag=[]", "trunks=1-4095", "cvlans=[]"),
        ),
        (Port(mode="trunk", trunk_vlans="all"), ("vlan_mode=trunk", "tag=[]", "trunks=[]", "cvlans=[]")),
    ],
)
def test_every_column_is_set_so_that_nothing_is_left_of_before(port, columns):
    assert switching.columns(port) == columns


@pytest.mark.parametrize("native", ["vlan_mode=x;reboot", "tag=$(id)", "trunks=1,2,…", "fail_mode=secure", "tag=-1"])
def test_words_that_are_not_those_of_a_port_are_never_written_back(native):
    with pytest.raises(Unsupported):
        switching.columns(Port(mode="other", native=native))


def settled(wanted, before):
    return switching.settled("p1", wanted=wanted, before=before)


def test_a_new_trunk_starts_from_none():
    for before in (Port(), Port(mode="access", access_vlan=10), Port(mode="other", native="tag=0")):
        assert settled(Port(mode="trunk"), before) == Port(mode="trunk", native_vlan="none", trunk_vlans=())


def test_a_trunk_keeps_what_nobody_speaks_of():
    before = Port(mode="trunk", native_vlan=5, trunk_vlans=(10, 20))
    assert settled(Port(trunk_vlans=(10, 20, 40)), before) == Port(
        mode="trunk", native_vlan=5, trunk_vlans=(10, 20, 40)
    )
    assert settled(Port(native_vlan="none"), before) == Port(mode="trunk", native_vlan="none", trunk_vlans=(10, 20))


def test_a_trunk_of_all_that_is_narrowed_drops_untagged_frames():
    before = Port(mode="trunk", trunk_vlans="all")
    assert settled(Port(trunk_vlans=(10,)), before) == Port(mode="trunk", native_vlan="none", trunk_vlans=(10,))


@pytest.mark.parametrize(
    ("wanted", "before", "leaf"),
    [
        (Port(mode="access"), Port(), r"ports\.p1\.access_vlan"),
        (Port(trunk_vlans=(10,)), Port(mode="access", access_vlan=10), r"ports\.p1\.trunk_vlans"),
        (Port(native_vlan=1), Port(), r"ports\.p1\.native_vlan"),
        (Port(access_vlan=10), Port(mode="trunk", trunk_vlans=()), r"ports\.p1\.access_vlan"),
        (Port(access_vlan=10), Port(mode="other", native="tag=0"), r"ports\.p1\.access_vlan"),
    ],
)
def test_what_goes_with_a_mode_that_nobody_declares_is_refused_by_name(wanted, before, leaf):
    with pytest.raises(Unsupported, match=leaf):
        settled(wanted, before)
