"""A state taken apart is the state put together."""

import pytest
from hypothesis import given

from device_profiles.compare import Change, Goal, compare
from device_profiles.leaves import FIELDS, SHAPES, build, leaves
from device_profiles.paths import parse_path, render_path, shape_of
from device_profiles.state import EMPTY, Lag, Port, State, Vlan
from tests.unit.device_profiles import strategies

pytestmark = pytest.mark.unit


@given(strategies.states)
def test_build_is_the_inverse_of_leaves(state):
    assert build(leaves(state)) == state


@given(strategies.states)
def test_every_leaf_has_a_shape_of_the_schema_and_its_path_can_be_written_and_read(state):
    for path in leaves(state):
        assert shape_of(path) in SHAPES
        assert parse_path(render_path(path)) == path


@given(strategies.states)
def test_nothing_differs_from_itself(state):
    assert compare(Goal(state), state) == ()


@given(strategies.states)
def test_everything_declared_differs_from_an_empty_device(state):
    shown = {change.path for change in compare(Goal(state), EMPTY)}
    declared = {
        (section, str(key), *entry.names)
        for section in FIELDS
        for key, item in getattr(state, section).items()
        for entry in FIELDS[section]
        if entry.get(item) is not None and entry.rule.manner_of is None
    }
    assert declared <= shown


def test_elements_of_a_set_are_leaves_of_their_own():
    state = State(ports={"p24": Port(mode="trunk", trunk_vlans=(10, 40))})
    assert leaves(state) == {
        ("ports", "p24", "mode"): "trunk",
        ("ports", "p24", "trunk_vlans", "10"): True,
        ("ports", "p24", "trunk_vlans", "40"): True,
    }


def test_undeclared_fields_and_objects_are_not_looked_at():
    goal = Goal(State(ports={"p1": Port(access_vlan=10)}))
    observed = State(ports={"p1": Port(access_vlan=10, mtu=9000), "p2": Port(mode="trunk")}, vlans={7: Vlan()})
    assert compare(goal, observed) == ()


def test_absent_objects_differ_only_while_they_are_there():
    goal = Goal(absent=frozenset({("lags", "lag1"), ("vlans", "40")}))
    assert compare(goal, State(lags={"lag1": Lag()})) == (Change(("lags", "lag1"), True, None),)
    assert compare(goal, EMPTY) == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("ports", "p1", "mode"), "ports.p1.mode"),
        (("ports", "ge-0/0/0.0", "mode"), "ports[ge-0/0/0.0].mode"),
        (("outlets", "1.7"), "outlets[1.7]"),
    ],
)
def test_keys_with_dots_stand_in_brackets(path, text):
    assert render_path(path) == text
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["", ".", "ports..p1", "ports[", "[]"])
def test_what_is_no_path_is_refused(text):
    with pytest.raises(ValueError, match="path"):
        parse_path(text)
