"""A few schedules of the fault harness, with a fixed seed: `make faults` plays thousands, with another each time."""

import pytest

from tests.faults.playing import play
from tests.faults.running import play_block
from tests.faults.schedules import TWINS, Act, Schedule

pytestmark = pytest.mark.unit

SEED = 20260103
PLAYED_BEFORE = {
    "killed between the lines of a new trunk, where nothing is said of its mode": Schedule(
        (Act("declare", number=7, lasts_s=0.1), Act("kill", wait_s=0.05), Act("service", wait_s=0.3), Act("kill")),
        first=0,
        twin="cisco_ios",
    ),
    "killed while a port is shut for its new link type": Schedule(
        (Act("declare", number=7, wait_s=0.32), Act("kill")), first=0, watched=True, twin="hp_comware"
    ),
    "the first access is away while a change that cuts it is declared": Schedule(
        (Act("cut", lasts_s=0.1, wait_s=2.0),), first=2
    ),
    "a driver's fault in the step that cuts": Schedule((Act("break", "answer", nth=3, wait_s=0.05),), first=2),
    "killed before the step that cuts": Schedule((Act("kill", "command", nth=2, lasts_s=4.0, wait_s=8.0),), first=3),
    "the disk is full when a pass ends": Schedule(
        (Act("hang", "answer", nth=5, wait_s=0.01), Act("full", nth=2, wait_s=8.0)), first=0, watched=True
    ),
    "the device restarts before it saved that something of ours is gone": Schedule(
        (Act("restart", "save", nth=2, lasts_s=4.0, wait_s=8.0), Act("declare", number=7, wait_s=40.0)), first=0
    ),
    "what was undone is changed by hand before the first way is back": Schedule(
        (Act("cut", "open", nth=2, lasts_s=90.0, wait_s=8.0), Act("drift", wait_s=8.0)), first=4
    ),
    "the driver breaks at the look behind an undoing": Schedule(
        (Act("break", "answer", nth=6, lasts_s=0.1), Act("kill", lasts_s=0.1, wait_s=0.3)), first=3
    ),
    "what cuts nobody off is done over the second way, and what does is taken back later": Schedule(
        (
            *(
                Act("restart", "save", nth=2, lasts_s=0.1, wait_s=0.05),
                Act("restart", "applied", lasts_s=0.1),
                Act("kill", "save", lasts_s=0.1),
            ),
            *(Act("garble", "open", nth=2), Act("restart", "save", nth=2, wait_s=8.0)),
        ),
        first=2,
    ),
}
"""Schedules that once showed a fault, made short."""


def test_nothing_is_violated():
    found = play_block(SEED, 30)
    assert not found.violations, found.schedule
    assert found.played >= 30
    assert found.injected["kill"] > 1
    assert len(found.on) > 3


@pytest.mark.parametrize("profile", TWINS)
def test_nothing_is_violated_on_a_twin(profile):
    acts = (Act("kill", "applied", lasts_s=0.1, wait_s=2.0), Act("garble", "answer", nth=4, wait_s=8.0))
    acts += (Act("declare", number=2), Act("cut", "command", nth=2, lasts_s=20.0, wait_s=40.0))
    assert not play(Schedule(acts, first=1, twin=profile)).violations


@pytest.mark.parametrize("name", PLAYED_BEFORE)
def test_what_was_violated_once_holds(name):
    assert not play(PLAYED_BEFORE[name]).violations


def test_a_seed_repeats_its_schedules():
    assert play_block(7, 5) == play_block(7, 5)
