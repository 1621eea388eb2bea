"""Of a reading only what was asked for is shown, and the same question gets the same object."""

import pytest

from device_profiles.leaves import SHAPES
from device_profiles.state import Lag, Port, State, Stp, Vlan
from drivers.selection import Remembered, Selection, select

pytestmark = pytest.mark.unit

WHOLE = State(
    vlans={10: Vlan(name="blue")},
    ports={
        "p1": Port(mode="trunk", trunk_vlans=(), description="up", stp=Stp(edge=True)),
        "p2": Port(mode="other", native="switchport voice vlan 20"),
    },
    lags={"lag1": Lag(members=("p3", "p4"), lacp="active")},
)


def test_all_that_is_wanted_is_the_reading_itself() -> None:
    assert select(WHOLE, frozenset(SHAPES)) is WHOLE
    assert Selection().of(WHOLE, ()) is WHOLE


def test_a_field_is_shown_without_its_neighbours() -> None:
    assert select(WHOLE, frozenset({"ports.description"})) == State(ports={"p1": Port(description="up")})
    assert select(WHOLE, frozenset({"ports.stp.edge"})) == State(ports={"p1": Port(stp=Stp(edge=True))})


def test_what_can_be_made_is_shown_with_any_of_its_fields() -> None:
    assert select(WHOLE, frozenset({"lags.lacp"})) == State(lags={"lag1": Lag(lacp="active")})
    assert select(WHOLE, frozenset({"vlans"})) == State(vlans={10: Vlan()})


def test_a_trunk_of_nothing_is_not_the_same_as_no_trunk() -> None:
    assert select(WHOLE, frozenset({"ports.trunk_vlans"})) == State(ports={"p1": Port(trunk_vlans=())})


def test_the_words_of_another_mode_come_with_the_mode() -> None:
    shown = select(WHOLE, frozenset({"ports.mode"}))
    assert shown.ports["p2"] == WHOLE.ports["p2"]


def test_the_same_question_gets_the_same_object_until_the_reading_changes() -> None:
    selection = Selection()
    first = selection.of(WHOLE, {"ports.mode"})
    assert selection.of(WHOLE, {"ports.mode"}) is first
    assert selection.of(WHOLE, {"ports.description"}) is not first
    assert selection.of(State(), {"ports.mode"}) == State()


def test_the_same_answer_and_one_that_says_the_same_are_the_same_object() -> None:
    remembered = Remembered()
    first = remembered.of(b"one", lambda: State(vlans={10: Vlan(name="blue")}))
    assert remembered.of(b"one", State) is first
    assert remembered.of(b"two", lambda: State(vlans={10: Vlan(name="blue")})) is first
    assert remembered.of(b"three", State) == State()
