"""Which outlets feed what, and what a change of one means."""

import pytest

from pointsman.lab.layout import FEEDS
from pointsman.lab.power import Feeds

pytestmark = pytest.mark.unit

BLADE = FEEDS["blade1"]


def test_only_the_last_feed_takes_the_power_and_the_first_gives_it_back() -> None:
    feeds = Feeds()
    assert feeds.switch("pdu2", ["off", str(BLADE)]) == []
    assert feeds.switch("pdu1", ["off", str(BLADE - 1)]) == [("blade1", False)], "vpcd counts from 0"
    assert not feeds.fed("blade1")
    assert feeds.switch("pdu1", ["on", str(BLADE - 1)]) == [("blade1", True)]
    assert feeds.switch("pdu2", ["on", str(BLADE)]) == []


def test_all_outlets_at_once() -> None:
    feeds = Feeds()
    feeds.switch("pdu1", ["off", "*"])
    assert feeds.switch("pdu2", ["off", "*"]) == [(consumer, False) for consumer in FEEDS]
    assert feeds.switch("pdu2", ["on", "*"]) == [(consumer, True) for consumer in FEEDS]


def test_a_reset_of_the_only_feed_is_off_and_on() -> None:
    feeds = Feeds()
    feeds.switch("pdu2", ["off", str(BLADE)])
    assert feeds.switch("pdu1", ["reset", str(BLADE - 1)]) == [("blade1", False), ("blade1", True)]


@pytest.mark.parametrize("words", [[], ["stat", "*"], ["login"], ["on"], ["temp", "3"], ["off", "3", "4"]])
def test_what_switches_nothing_changes_nothing(words: list[str]) -> None:
    assert Feeds().switch("pdu1", words) == []
