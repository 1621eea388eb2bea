"""What waits for approval: every plan, the first one, one that is too large, a set that becomes exact."""

import itertools
from dataclasses import replace

import pytest

from agents.approval import is_approved, plan_of
from device_profiles.documents import Budget
from device_profiles.state import Outlet, Port, State
from device_profiles.windows import Window
from device_profiles.wire import AgentRequest, LedgerEntry
from drivers.contract import Step
from drivers.errors import Unreachable
from tests.unit.agents.agent import KillAt, desired, run_until_killed, running
from tests.unit.agents.clocks import DayClock
from tests.unit.agents.devices import PDU, PROFILE, FakeSwitch, Rack, fault

pytestmark = pytest.mark.unit

WATCHED = replace(PROFILE, capabilities=(*PROFILE.capabilities, "watch"))
BARE = State(ports={"p1": Port(), "p2": Port(), "p3": Port()})
TWO = State(ports={"p1": Port(description="one"), "p2": Port(description="two")})
_numbers = itertools.count()


@pytest.fixture
def switch():
    return FakeSwitch(BARE)


@pytest.fixture
def rack(switch):
    return Rack(sw1=switch)


def declare(service, state, generation=1, *, approved=(), **more):
    profile = more.pop("profile", WATCHED)
    ledger = more.pop("ledger", ())
    service.assign(desired("sw1", generation, state, **more), profile=profile, approved=approved, ledger=ledger)


async def waiting(service, reason="WaitingForApproval"):
    """The plan that waits, once that is told."""
    await service.until(lambda: service.condition("sw1", "Converged") == (False, reason) and plans(service))
    return plans(service)[-1]


def plans(service):
    return [report.record.plan for report in service.of("sw1") if report.record and report.record.plan]


async def ask(service, kind):
    number = f"r{next(_numbers)}"
    service.ask(AgentRequest(id=number, node="sw1", kind=kind, deadline="2027-01-01T00:00:00Z"))
    await service.until(lambda: number in service.answers)
    return service.answers[number]


async def test_a_plan_waits_until_just_it_is_approved(tmp_path, rack, switch, service):
    declare(service, TWO, approval="required")
    async with running(tmp_path, rack, service):
        plan = await waiting(service)
        record = next(report.record for report in service.of("sw1") if report.record)
        assert [(step.text, step.status) for step in record.steps] == [
            ("set ports p1", "pending"),
            ("set ports p2", "pending"),
        ]
        assert (record.outcome, record.waits[0].steps) == ("reported", (1, 2))
        assert f"pointsman approve sw1 {plan}" in record.waits[0].message
        declare(service, TWO, approval="required", approved=("0" * 24,))
        await ask(service, "converge")
        assert switch.writes == 0
        declare(service, TWO, approval="required", approved=(plan,))
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p2"].description == "two"


async def test_a_preview_shows_what_waits_and_the_same_hash(tmp_path, rack, switch, service):
    declare(service, TWO, approval="required")
    async with running(tmp_path, rack, service):
        plan = await waiting(service)
        body = (await ask(service, "preview")).body
        assert (body["plan"], len(body["steps"])) == (plan, 2)
        assert [(wait["reason"], wait["steps"]) for wait in body["waits"]] == [("WaitingForApproval", [1, 2])]
    assert switch.writes == 0


async def test_another_declaration_needs_another_approval(tmp_path, rack, switch, service):
    declare(service, TWO, approval="required")
    async with running(tmp_path, rack, service):
        first = await waiting(service)
        three = State(ports={**TWO.ports, "p3": Port(description="three")})
        declare(service, three, 2, approval="required", approved=(first,))
        await service.until(lambda: len(set(plans(service))) == 2)
    assert switch.writes == 0


async def test_drift_that_waits_for_approval_is_recorded_as_drift(tmp_path, rack, switch, service):
    declare(service, TWO, approval="required")
    async with running(tmp_path, rack, service):
        plan = await waiting(service)
        declare(service, TWO, approval="required", approved=(plan,))
        await service.until(lambda: service.converged("sw1", 1))
        switch.by_hand("ports", "p1", description="by hand")
        await waiting(service)
        await service.until(lambda: any(report.drift for report in service.of("sw1")))
        assert switch.state.ports["p1"].description == "by hand"
        declare(service, TWO, approval="required", approved=(plan, plans(service)[-1]))
        await service.until(lambda: switch.state.ports["p1"].description == "one")


async def test_a_declaration_that_waited_acts_also_where_drift_is_only_reported(tmp_path, rack, switch, service):
    declare(service, TWO, approval="required", drift="report")
    async with running(tmp_path, rack, service):
        plan = await waiting(service)
        declare(service, TWO, approval="required", drift="report", approved=(plan,))
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p1"].description == "one"


async def test_what_a_lost_device_left_of_an_approved_plan_is_approved(tmp_path, rack, switch, service):
    declare(service, TWO, approval="required")
    async with running(tmp_path, rack, service):
        plan = await waiting(service)
    switch.cut_after_commands = 1
    declare(service, TWO, approval="required", approved=(plan,))
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.cut_after_commands is None
    assert (switch.state.ports["p1"].description, switch.state.ports["p2"].description) == ("one", "two")


async def test_what_a_killed_agent_left_of_an_approved_plan_is_approved(tmp_path, rack, switch, service):
    declare(service, TWO, approval="required")
    async with running(tmp_path, rack, service):
        plan = await waiting(service)
    declare(service, TWO, approval="required", approved=(plan,))
    await run_until_killed(tmp_path, rack, service, KillAt("applied", 1))
    assert switch.state.ports["p2"].description is None
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p2"].description == "two"


async def test_the_first_plan_waits_and_later_ones_do_not(tmp_path, rack, switch, service):
    declare(service, TWO, approval="first")
    async with running(tmp_path, rack, service):
        plan = await waiting(service)
        assert switch.writes == 0
        declare(service, TWO, approval="first", approved=(plan,))
        await service.until(lambda: service.converged("sw1", 1))
    declare(service, State(ports={"p3": Port(description="three")}), 2, approval="first")
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 2))
    assert switch.state.ports["p3"].description == "three"


@pytest.mark.parametrize(
    ("budget", "sentence"),
    [
        (Budget(steps=1), "2 steps are more than the budget of 1"),
        (Budget(ports=1), "2 ports are more than the budget of 1"),
    ],
)
async def test_more_than_the_budget_waits_whole(tmp_path, switch, service, budget, sentence):
    declare(service, TWO, budget=budget)
    async with running(tmp_path, Rack(sw1=switch), service):
        plan = await waiting(service, "OverBudget")
        assert sentence in service.of("sw1")[-1].conditions[-1].message
        assert switch.writes == 0
        declare(service, TWO, budget=budget, approved=(plan,))
        await service.until(lambda: service.converged("sw1", 1))


async def test_what_is_within_the_budget_does_not_wait(tmp_path, rack, switch, service):
    declare(service, TWO, budget=Budget(steps=2, ports=2))
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    assert plans(service) == []


EXACT = {"exclusive": ("ports.p1.trunk_vlans",)}


def trunk(*vlans, **more):
    return State(ports={"p1": Port(mode="trunk", trunk_vlans=vlans), **more})


async def test_a_set_becomes_exact_by_approval_and_is_asked_for_once(tmp_path, service):
    switch = FakeSwitch(trunk(10, 20, 66, p2=Port()))
    rack = Rack(sw1=switch)
    state = trunk(10, p2=Port(description="two"))
    declare(service, state, **EXACT)
    async with running(tmp_path, rack, service):
        plan = await waiting(service)
        message = service.of("sw1")[-1].conditions[-1].message
        assert "ports.p1.trunk_vlans.20, ports.p1.trunk_vlans.66 would go" in message
        assert switch.state.ports["p1"].trunk_vlans == (10, 20, 66)
        assert switch.state.ports["p2"].description == "two"
        declare(service, state, approved=(plan,), **EXACT)
        await service.until(lambda: service.converged("sw1", 1))
        assert switch.state.ports["p1"].trunk_vlans == (10,)
    async with running(tmp_path, rack, service):
        switch.by_hand("ports", "p1", trunk_vlans=(10, 77))
        await service.until(lambda: switch.state.ports["p1"].trunk_vlans == (10,))


async def test_an_exact_set_that_takes_nothing_of_others_away_is_not_asked_for(tmp_path, service):
    switch = FakeSwitch(trunk(10, 20))
    ours = LedgerEntry(path="ports.p1.trunk_vlans.20", state="confirmed", pass_id="p", at=DayClock().now())
    declare(service, trunk(10), ledger=(ours,), **EXACT)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p1"].trunk_vlans == (10,)


async def test_a_set_that_becomes_exact_again_is_asked_for_again(tmp_path, service):
    switch = FakeSwitch(trunk(10))
    declare(service, trunk(10), **EXACT)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
        declare(service, trunk(10), 2)
        await service.until(lambda: service.converged("sw1", 2))
        switch.by_hand("ports", "p1", trunk_vlans=(10, 77))
        declare(service, trunk(10), 3, **EXACT)
        await waiting(service)
    assert switch.state.ports["p1"].trunk_vlans == (10, 77)


async def test_a_set_that_could_not_become_exact_yet_is_still_asked_for(tmp_path, service):
    switch = FakeSwitch(trunk(10, 66))
    declare(service, trunk(10), protect=("ports.p1",), **EXACT)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.hears("sw1", "Protected")
        declare(service, trunk(10), 2, **EXACT)
        await waiting(service)
    assert switch.state.ports["p1"].trunk_vlans == (10, 66)


async def test_a_power_cycle_waits_for_approval_too(tmp_path, service):
    switch = FakeSwitch(State(outlets={"1": Outlet(power="on")}))
    clock = DayClock()
    state = State(outlets={"1": Outlet(power="on")})
    declare(service, state, profile=PDU, approval="required")
    async with running(tmp_path, Rack(sw1=switch), service, clock=clock):
        await service.until(lambda: service.converged("sw1", 1))
        clock.move(minutes=1)
        cycled = State(outlets={"1": Outlet(power="on", cycled_at=clock.now())})
        declare(service, cycled, 2, profile=PDU, approval="required")
        plan = await waiting(service)
        assert switch.writes == 0
        declare(service, cycled, 2, profile=PDU, approval="required", approved=(plan,))
        await service.until(lambda: service.converged("sw1", 2))
    assert [shown.outlets["1"].power for shown in switch.history] == ["on", "off", "on"]


async def test_a_plan_is_approved_by_day_for_a_window_in_the_night(tmp_path, rack, switch, service):
    switch.impact, clock = "flap", DayClock()
    more = {"approval": "required", "window": Window(cron="0 2 * * *", duration=7200)}
    declare(service, TWO, **more)
    async with running(tmp_path, rack, service, clock=clock):
        plan = await waiting(service)
        declare(service, TWO, approved=(plan,), **more)
        await service.hears("sw1", "WaitingForWindow")
        assert switch.writes == 0
        clock.move(hours=15)
        await ask(service, "converge")
    assert switch.state.ports["p2"].description == "two"


async def test_an_unreachable_device_asks_for_no_approval(tmp_path, rack, switch, service):
    declare(service, TWO, approval="required")
    with fault(switch, "read", Unreachable("gone")):
        async with running(tmp_path, rack, service):
            await service.until(lambda: service.condition("sw1", "Reachable") == (False, "Unreachable"))
    assert plans(service) == []


def step(text, *commands):
    return Step(capability="ports", text=text, commands=commands, undo=(), impact="none")


def test_a_hash_is_of_every_command_in_order():
    one, two = step("a", "x", "y"), step("b", "z")
    hashes = {plan_of(steps).hash for steps in ([one, two], [two, one], [one], [step("a", "xy"), two])}
    assert len(hashes) == 4
    assert plan_of([one, two]) == plan_of([step("a", "x", "y"), step("b", "z")])


def test_only_what_is_left_of_an_approved_plan_is_approved():
    one, two, three = step("a", "x"), step("b", "y"), step("c", "z")
    asked = plan_of([one, two])
    assert is_approved(plan_of([two]), approved=(asked.hash,), earlier=asked)
    assert not is_approved(plan_of([two, three]), approved=(asked.hash,), earlier=asked)
    assert not is_approved(plan_of([two]), approved=(), earlier=asked)
