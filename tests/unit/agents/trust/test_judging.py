"""What is newer than what was accepted, as rules."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from agents.assignments import Accepted, AssignmentReader
from agents.trust.judging import judge, judge_gone
from device_profiles.state import Port, State
from device_profiles.wire import Lease
from tests.unit.agents.agent import desired
from tests.unit.agents.devices import PROFILE
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit


def accepted(generation: int = 5, text: str = "x", *, epoch: str = "e1", born: int = 1, **more: Any) -> Accepted:
    service = FakeService()
    state = State(ports={"p1": Port(description=text)})
    service.assign(desired("sw1", generation, state), profile=PROFILE, **more)
    raw = {**service.documents["sw1"], "epoch": epoch, "event": generation, "born": born}
    return AssignmentReader().read(orjson.loads(orjson.dumps(raw)))


HELD = accepted()


@pytest.mark.parametrize(
    "offered",
    [
        accepted(),
        accepted(6, "y"),
        accepted(6),
        accepted(1, "y", born=2),
        accepted(3, epoch="e2"),
        replace(accepted(3, "y", epoch="e2"), overrules=HELD.holds),
        accepted(5, fence=2),
        accepted(5, fence=7, lease=Lease(renew_s=1.0)),
    ],
)
def test_what_goes_on_from_what_is_held_is_accepted(offered: Accepted) -> None:
    assert judge(HELD, offered, behind="").accept


@pytest.mark.parametrize(
    ("offered", "why"),
    [
        (accepted(4, "y"), "generation 4, and generation 5"),
        (accepted(4), "generation 4, and generation 5"),
        (accepted(5, "y"), "other content"),
        (accepted(9, "y", epoch="e2"), "put back to an older state"),
        (accepted(5, fence=0), "fence 0, and 1"),
        (replace(accepted(4, "y"), overrules=accepted(6).holds), "generation 4"),
    ],
)
def test_what_goes_back_is_refused_with_the_reason_and_the_way_out(offered: Accepted, why: str) -> None:
    verdict = judge(HELD, offered, behind="")
    assert not verdict.accept
    assert why in verdict.why
    assert "pointsman overrule sw1" in verdict.why


def test_a_service_that_is_behind_changes_nothing_and_is_told_only_where_it_would() -> None:
    new = judge(None, accepted(9), behind="it is")
    assert (new.accept, "the node is not taken on" in new.why) == (False, True)
    same, other = judge(HELD, accepted(), behind="it is"), judge(HELD, accepted(9, "y"), behind="it is")
    assert (same.accept, same.why) == (False, "")
    assert other.accept is False
    assert other.why.startswith("it is")


def test_what_was_accepted_unsigned_is_no_measure() -> None:
    assert judge(accepted(epoch=""), accepted(1, "y"), behind="").accept


def test_a_node_is_let_go_in_the_same_epoch_only_or_where_that_is_overruled() -> None:
    assert judge_gone(HELD, epoch="e1", overrules="", behind="").accept
    assert judge_gone(HELD, epoch="e2", overrules=HELD.holds, behind="").accept
    assert not judge_gone(HELD, epoch="e2", overrules="", behind="").accept
    assert not judge_gone(HELD, epoch="e1", overrules="", behind="it is").accept
