"""Power cycles by token: once each, whatever is killed in between; too late, or asked for before us, not at all."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.ledger import Ledger
from agents.tokens import cycles
from device_profiles.state import Outlet, State
from tests.unit.agents.agent import KillAt, desired, run_until_killed, running
from tests.unit.agents.devices import PDU, FakeSwitch, Rack
from tests.unit.agents.test_requests import asked, request

pytestmark = pytest.mark.unit

ON = State(outlets={"3": Outlet(power="on"), "4": Outlet(power="on")})


def now(**before) -> datetime:
    return datetime.now(UTC) - timedelta(**before)


def cycled(at: datetime, **more) -> State:
    return State(outlets={"3": Outlet(cycled_at=at, **more)})


def powers(pdu: FakeSwitch) -> list[str]:
    """What outlet 3 showed, one after the other."""
    shown = [state.outlets["3"].power for state in pdu.history]
    return [power for number, power in enumerate(shown) if number == 0 or power != shown[number - 1]]


@pytest.fixture
def pdu() -> FakeSwitch:
    made = FakeSwitch(ON)
    assert made.state == ON
    return made


async def known(tmp_path, pdu, service) -> None:
    """The agent has had the node for a while."""
    service.assign(desired("pdu1", 1, State()), profile=PDU)
    async with running(tmp_path, Rack(pdu1=pdu), service):
        await service.until(lambda: service.converged("pdu1", 1))


async def test_a_newer_token_cycles_once(tmp_path, pdu, service):
    await known(tmp_path, pdu, service)
    service.assign(desired("pdu1", 2, cycled(now())), profile=PDU)
    async with running(tmp_path, Rack(pdu1=pdu), service, poll_s=0.01) as agent:
        await service.until(lambda: service.converged("pdu1", 2))
        quiet = agent.counters.passes_quiet
        await service.until(lambda: agent.counters.passes_quiet > quiet + 2)
    assert powers(pdu) == ["on", "off", "on"]
    (entry,) = [report.ledger for report in service.of("pdu1") if report.ledger][-1]
    assert (entry.kind, entry.path, entry.state, entry.stage) == ("token", "outlets.3.cycled_at", "confirmed", "")
    async with running(tmp_path, Rack(pdu1=pdu), service):
        await asked(service, request("converge", node="pdu1"))
    assert powers(pdu) == ["on", "off", "on"]


async def test_what_was_asked_for_before_we_had_the_node_is_not_done(tmp_path, pdu, service):
    service.assign(desired("pdu1", 1, cycled(now(seconds=5))), profile=PDU)
    async with running(tmp_path, Rack(pdu1=pdu), service):
        await service.until(lambda: service.converged("pdu1", 1))
    assert pdu.writes == 0


async def test_the_next_agent_knows_which_token_was_done(tmp_path, pdu, service):
    await known(tmp_path / "one", pdu, service)
    at = now()
    service.assign(desired("pdu1", 2, cycled(at)), profile=PDU)
    async with running(tmp_path / "one", Rack(pdu1=pdu), service):
        await service.until(lambda: service.converged("pdu1", 2))
        await service.until(lambda: any(report.ledger for report in service.of("pdu1")))
    (ledger,) = [report.ledger for report in service.of("pdu1") if report.ledger][-1:]
    service.assign(desired("pdu1", 3, cycled(at, name="x")), profile=PDU, ledger=ledger, fence=2)
    async with running(tmp_path / "two", Rack(pdu1=pdu), service):
        await service.until(lambda: pdu.state.outlets["3"].name == "x")
    assert powers(pdu) == ["on", "off", "on"]


@pytest.mark.parametrize(("phase", "step"), [("applying", 1), ("applied", 1), ("applying", 2), ("applied", 2)])
async def test_killed_anywhere_it_is_cycled_once(tmp_path, pdu, service, phase, step):
    await known(tmp_path, pdu, service)
    service.assign(desired("pdu1", 2, cycled(now(), power="on")), profile=PDU)
    await run_until_killed(tmp_path, Rack(pdu1=pdu), service, KillAt(phase, step))
    async with running(tmp_path, Rack(pdu1=pdu), service):
        await service.until(lambda: service.converged("pdu1", 2))
    assert powers(pdu) == ["on", "off", "on"]


async def test_a_device_that_goes_away_in_between_is_cycled_once(tmp_path, pdu, service):
    await known(tmp_path, pdu, service)
    pdu.cut_after_commands = 1
    service.assign(desired("pdu1", 2, cycled(now())), profile=PDU)
    async with running(tmp_path, Rack(pdu1=pdu), service):
        await service.until(lambda: service.converged("pdu1", 2))
    assert powers(pdu) == ["on", "off", "on"]


def test_a_token_that_comes_too_late_is_said_and_not_done():
    due, late = cycles(
        desired("pdu1", 2, cycled(now(minutes=16))),
        Ledger(),
        capabilities=PDU.capabilities,
        taken_on_at=now(hours=1),
        now=now(),
        within=timedelta(minutes=15),
    )
    assert due == ()
    assert [finding.reason for finding in late] == ["CycleExpired"]


async def test_an_outlet_that_is_declared_off_ends_off(tmp_path, pdu, service):
    await known(tmp_path, pdu, service)
    service.assign(desired("pdu1", 2, cycled(now(), power="off")), profile=PDU)
    async with running(tmp_path, Rack(pdu1=pdu), service):
        await service.until(lambda: service.converged("pdu1", 2))
    assert powers(pdu) == ["on", "off"]


async def test_a_protected_outlet_is_not_cycled(tmp_path, pdu, service):
    await known(tmp_path, pdu, service)
    service.assign(desired("pdu1", 2, cycled(now()), protect=("outlets.3",)), profile=PDU)
    async with running(tmp_path, Rack(pdu1=pdu), service):
        await service.hears("pdu1", "Protected")
    assert pdu.writes == 0


async def test_nothing_is_rolled_back_past_a_power_cycle(tmp_path, pdu, service):
    await known(tmp_path, pdu, service)
    service.assign(desired("pdu1", 2, cycled(now(), name="web"), allow=("outage",)), profile=PDU)
    async with running(tmp_path, Rack(pdu1=pdu), service):
        await service.until(lambda: service.converged("pdu1", 2))
        written = pdu.writes
        (answer,) = await asked(service, request("rollback", node="pdu1"))
    assert (answer.ok, answer.reason) == (False, "CannotRollBack")
    assert pdu.writes == written
