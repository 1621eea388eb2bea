"""What an agent makes of volumes and exports that are declared, found, and not declared any more."""

from dataclasses import replace

import pytest

from agents.goal import settle
from agents.guard import ProtectedPaths, Scene, judge
from agents.protection import parse_protected
from device_profiles.compare import Goal
from device_profiles.desired import Desired
from device_profiles.leaves import SHAPES
from device_profiles.state import Export, State, Volume
from drivers.contract import Refusal, Step
from tests.unit.agents.devices import PROFILE

pytestmark = pytest.mark.unit

CAPABLE = tuple(sorted(shape for shape in SHAPES if shape.startswith(("volumes", "exports"))))
ARRAY = replace(PROFILE, kind="san", capabilities=CAPABLE)
ONE, TWO = "iqn.2024-01.example:one", "iqn.2024-01.example:two"
WEB = ("exports", "web")


def settled(declared, observed, *ledger, **more):
    desired = Desired(node="san-1", generation=1, state=declared, **more)
    return settle(desired, observed, ledger=set(ledger), profile=ARRAY, capabilities=frozenset(CAPABLE))


def web(initiators, luns):
    return State(exports={"web": Export(initiators=initiators, luns=luns)})


def test_who_was_shown_a_volume_by_others_still_is():
    goal = settled(web((ONE,), {1: "a"}), web((TWO,), {2: "b"})).goal
    assert goal.state.exports["web"] == Export(initiators=(ONE, TWO), luns={1: "a", 2: "b"})


def test_what_we_made_of_an_export_and_nobody_declares_goes_and_what_we_found_stays():
    ours = [(*WEB, "initiators", ONE), (*WEB, "luns", "1")]
    goal = settled(State(), web((ONE, TWO), {1: "a", 2: "b"}), *ours).goal
    assert goal.state.exports["web"] == Export(initiators=(TWO,), luns={2: "b"})
    assert goal.absent == frozenset()


def test_an_export_that_we_made_goes_whole():
    goal = settled(State(), web((ONE,), {1: "a"}), WEB, (*WEB, "initiators", ONE)).goal
    assert goal.absent == {WEB}
    assert goal.state.exports == {}


def test_a_volume_that_we_made_stays_and_is_called_an_orphan():
    found = settled(State(), State(volumes={"a": Volume(size=1, pool="tank")}), ("volumes", "a"))
    assert found.goal == Goal()
    assert [(note.path, note.reason) for note in found.notes] == [("volumes.a", "Orphaned")]


def test_a_number_that_shows_somebody_elses_volume_is_not_taken_over():
    found = settled(web((ONE,), {1: "a"}), web((), {1: "b"}))
    assert [(problem.path, problem.reason) for problem in found.problems] == [("exports.web.luns.1", "LunInUse")]
    assert found.goal.state.exports.get("web", Export()).luns is None


def test_a_number_that_we_gave_may_show_another_volume():
    found = settled(web((ONE,), {1: "b"}), web((ONE,), {1: "a"}), (*WEB, "luns", "1"))
    assert found.problems == ()
    assert found.goal.state.exports["web"].luns == {1: "b"}


def step(text, **more):
    return Step(capability="exports", text=text, commands=("x",), undo=(), impact="none", **more)


def test_a_change_that_cannot_be_made_is_told_and_the_rest_is_done():
    refused = step("volume a", touches=(("volumes", "a", "size"),), refused=Refusal("PoolFull", "it is full"))
    verdict = judge([refused, step("volume b", touches=(("volumes", "b", "size"),))], Scene(Goal(), State()), ())
    assert [taken.text for taken in verdict.allowed] == ["volume b"]
    assert [(item.finding.path, item.finding.reason) for item in verdict.refused] == [("volumes.a.size", "PoolFull")]


def test_an_export_waits_for_a_volume_that_may_not_be_made():
    goal = Goal(web((ONE,), {1: "a"}))
    made = step("volume a", creates=(("volumes", "a"),))
    shown = step("export web", creates=(WEB,))
    guards = [ProtectedPaths((parse_protected("volumes.a"),))]
    verdict = judge([made, shown], Scene(goal, State()), guards)
    assert verdict.allowed == ()
    assert [item.finding.reason for item in verdict.refused] == ["Protected", "Protected"]
