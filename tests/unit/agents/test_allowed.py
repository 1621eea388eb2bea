"""A step that needs a word of the node's ``allow`` waits for it."""

import pytest

from agents.guard import Allowed, Scene, judge
from device_profiles.compare import Goal
from device_profiles.state import EMPTY
from drivers.contract import Step

pytestmark = pytest.mark.unit

STEP = Step(
    capability="vlans",
    text="VLAN 10: make",
    commands=("vlan 10",),
    undo=("no vlan 10",),
    impact="none",
    creates=(("vlans", "10"),),
    needs=("vtp",),
)


def test_a_vlan_that_others_share_waits_for_a_word():
    verdict = judge((STEP,), Scene(Goal(), EMPTY), [Allowed(())])
    assert verdict.allowed == ()
    assert (verdict.refused[0].finding.path, verdict.refused[0].finding.reason) == ("vlans.10", "NotAllowed")
    assert "allow: [vtp]" in verdict.refused[0].finding.message


def test_it_is_taken_where_the_word_was_said():
    assert judge((STEP,), Scene(Goal(), EMPTY), [Allowed(("vtp", "outage"))]).allowed == (STEP,)
