"""Ports that a plan shuts for a moment are told at the step that shuts them."""

import pytest

from drivers.contract import Step
from drivers.switching import reopening

pytestmark = pytest.mark.unit


def step(*commands: str) -> Step:
    return Step(capability="ports.mode", text="", commands=commands, undo=(), impact="flap")


def reopens(*steps: Step) -> list[list[str]]:
    found = reopening.told(steps, shut="shutdown", opened="no shutdown")
    return [[port for _, port in each.reopens] for each in found]


def test_a_port_is_shut_and_opened_by_one_step():
    whole = step(
        "interface p1", "shutdown", "channel-group 7", "no shutdown", "interface p2", "shutdown", "no shutdown"
    )
    assert reopens(whole) == [["p1", "p2"]]


def test_a_port_that_a_later_step_opens_is_told_at_the_first():
    assert reopens(step("interface p1", "shutdown"), step("interface p1", "no shutdown")) == [["p1"], []]


def test_a_port_that_stays_shut_or_was_never_shut_is_not_told():
    assert reopens(step("interface p1", "shutdown"), step("interface p2", "no shutdown")) == [[], []]
