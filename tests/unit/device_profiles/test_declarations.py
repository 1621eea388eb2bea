"""What people may declare, and how a document that may not be is told why."""

import json
import re

import pytest
from pydantic import TypeAdapter, ValidationError

from device_profiles.checks import exclusive_problems, state_problems
from device_profiles.documents import Document
from device_profiles.names import OBSERVED, printable
from device_profiles.problems import problems_of
from device_profiles.scalars import expand_vlans, vlan_ranges
from device_profiles.state import State

pytestmark = pytest.mark.unit

STATE = TypeAdapter(State)
DOCUMENT = TypeAdapter(Document)
NODE = {"profile": "openvswitch", "location": "row-a", "access": ["ssh://root@192.0.2.1"]}

HOSTILE = [
    "p1\n",
    "p1\nreload",
    "p'1",
    'p"1',
    "p1;reboot",
    "$(reboot)",
    "`reboot`",
    "p1\x1b[2J",
    "p1 ",
    "-rf",
    "p\\1",
    "p?",
    "",
    "x" * 10_000,
    "p1\u2028",
    "р1",  # noqa: RUF001 -- a Cyrillic letter that looks like p
]


def paths_of(adapter, document):
    with pytest.raises(ValidationError) as error:
        adapter.validate_python(document)
    return [problem.path for problem in problems_of(error.value)]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "document",
    [
        lambda name: {"ports": {name: {"enabled": True}}},
        lambda name: {"lags": {"lag1": {"members": [name]}}},
        lambda name: {"vlans": {10: {"name": name}}},
        lambda name: {"volumes": {name: {"size": "1GiB"}}},
        lambda name: {"exports": {"e": {"initiators": [name]}}},
    ],
)
def test_hostile_names_are_refused_wherever_they_could_reach_a_device(document, name):
    with pytest.raises(ValidationError):
        STATE.validate_python(document(name))


@pytest.mark.parametrize("text", ["a\nb", "it's", '"x"', "a;b", "$(x)", "`x`", "\x1b", "x" * 201, " x", "why?"])
def test_hostile_descriptions_are_refused(text):
    assert paths_of(STATE, {"ports": {"p1": {"description": text}}}) == ["ports.p1.description"]


def test_a_device_may_show_any_text_and_it_is_made_printable():
    shown = STATE.validate_python({"ports": {"p1": {"description": 'it\'s\x1b[2J "x"'}}}, context=OBSERVED)
    assert shown.ports["p1"].description == 'it\'s\\x1b[2J "x"'
    assert len(printable("x" * 1000, most=50)) == 50


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"vlans": {"0": {}}}, "vlans.0"),
        ({"vlans": {"4095": {}}}, "vlans.4095"),
        ({"ports": {"p1": {"access_vlan": 4095}}}, "ports.p1.access_vlan"),
        ({"ports": {"p1": {"access_vlan": True}}}, "ports.p1.access_vlan"),
        ({"ports": {"p1": {"access_vlan": "10"}}}, "ports.p1.access_vlan"),
        ({"ports": {"p1": {"trunk_vlans": ["10-5000"]}}}, "ports.p1.trunk_vlans"),
        ({"ports": {"p1": {"trunk_vlans": ["20-10"]}}}, "ports.p1.trunk_vlans"),
        ({"ports": {"p1": {"acces_vlan": 10}}}, "ports.p1.acces_vlan"),
        ({"ports": {"p1": {"enabled": "yes"}}}, "ports.p1.enabled"),
        ({"ports": {"ge-0/0/0.0": {"mtu": 1}}}, "ports[ge-0/0/0.0].mtu"),
        ({"outlets": {"7": {"cycled_at": "2026-11-20T10:00:00"}}}, "outlets.7.cycled_at"),
        ({"volumes": {"v": {"size": "100 parsecs"}}}, "volumes.v.size"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(document, path):
    assert paths_of(STATE, document) == [path]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"ports": {"p1": {"mode": "access", "access_vlan": 1, "trunk_vlans": [2]}}}, "ports.p1.trunk_vlans"),
        ({"ports": {"p1": {"mode": "access", "native_vlan": 2}}}, "ports.p1.native_vlan"),
        ({"ports": {"p1": {"mode": "trunk", "access_vlan": 2}}}, "ports.p1.access_vlan"),
        ({"ports": {"p1": {"mode": "other"}}}, "ports.p1.mode"),
        ({"ports": {"p1": {"native": "x"}}}, "ports.p1.native"),
        ({"lags": {"l1": {"members": ["p1"]}}, "ports": {"p1": {"mode": "access"}}}, "ports.p1.mode"),
        ({"lags": {"l1": {"members": ["p1"]}, "l2": {"members": ["p1"]}}}, "lags.l2.members"),
        ({"lags": {"l1": {"members": ["l1"]}}}, "lags.l1.members"),
    ],
)
def test_fields_that_exclude_each_other_are_named(document, path):
    assert [problem.path for problem in state_problems(STATE.validate_python(document))] == [path]


def test_the_lag_is_named_where_its_member_has_switching_fields():
    state = STATE.validate_python({"lags": {"lag7": {"members": ["p1"]}}, "ports": {"p1": {"access_vlan": 5}}})
    assert "lag7" in state_problems(state)[0].message


def test_a_member_may_be_described_and_enabled():
    state = {"lags": {"l1": {"members": ["p1"]}}, "ports": {"p1": {"description": "to sw2", "enabled": True}}}
    assert state_problems(STATE.validate_python(state)) == []


@pytest.mark.parametrize("path", ["ports.p1.mode", "nonsense", "ports..", "vlans.100"])
def test_only_sets_can_be_exclusive(path):
    assert [problem.path for problem in exclusive_problems((path,))] == ["exclusive.0"]


def test_a_secret_is_named_and_never_written():
    for reference in ("file:/etc/shadow", "file:../key", "env:PATH", "hunter2"):
        assert paths_of(DOCUMENT, {"nodes": {"sw1": NODE | {"credentials": reference}}}) == ["nodes.sw1.credentials"]


def test_problems_never_repeat_the_value():
    with pytest.raises(ValidationError) as error:
        DOCUMENT.validate_python({"nodes": {"sw1": NODE | {"credentials": "hunter2-secret"}}})
    assert "hunter2" not in str(problems_of(error.value))


def test_vlan_ranges_go_both_ways():
    assert expand_vlans([100, "200-202", "7"]) == (7, 100, 200, 201, 202)
    assert expand_vlans("1,3-4") == (1, 3, 4)
    assert expand_vlans("all") == "all"
    assert vlan_ranges((7, 100, 200, 201, 202)) == ["7", "100", "200-202"]


def test_equal_means_equal_however_it_was_written():
    one = STATE.validate_python({"ports": {"p1": {"trunk_vlans": ["10-12", 10]}}, "volumes": {"v": {"size": "1GiB"}}})
    two = STATE.validate_python({"ports": {"p1": {"trunk_vlans": [12, 11, 10]}}, "volumes": {"v": {"size": 2**30}}})
    assert one == two


def test_the_json_schema_takes_ranges_and_sizes_as_people_write_them():
    parts = STATE.json_schema()["$defs"]
    written = parts["Port"]["properties"]["trunk_vlans"]["anyOf"]
    assert {"const": "all"} in written
    items = next(part["items"] for part in written if part.get("type") == "array")
    assert any(re.fullmatch(part.get("pattern", "x"), "200-210") for part in items["anyOf"])
    sizes = json.dumps(parts["Volume"]["properties"]["size"])
    assert "GiB" in sizes
