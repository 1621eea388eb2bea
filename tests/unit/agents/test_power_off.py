"""Switching machines off: the operating system is asked, given its time, and cut off only where that is declared."""

import contextlib

import pytest
from pydantic import TypeAdapter, ValidationError

from device_profiles.state import BootOnce, Slot, State
from tests.unit.agents.agent import KillAt, desired, run_until_killed, running
from tests.unit.agents.clocks import DayClock
from tests.unit.agents.machines import BMC, Machine, Racked

pytestmark = pytest.mark.unit


def slot(**values) -> State:
    return State(slots={"1": Slot(**values)})


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock() -> DayClock:
    return DayClock()


def declare(service, generation, **more) -> None:
    service.assign(desired("bmc1", generation, slot(**more)), profile=BMC)


@contextlib.asynccontextmanager
async def asked_in_vain(tmp_path, machine, service, clock, **more):
    """An agent whose machine was asked to go off, and obeys nobody."""
    machine.is_deaf = True
    declare(service, 1, power="off", off_timeout=60, **more)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock, poll_s=0.01) as agent:
        await service.hears("bmc1", "ShuttingDown")
        yield agent


@contextlib.asynccontextmanager
async def cycled_in_vain(tmp_path, machine, service, clock, **more):
    """An agent whose machine was asked for the sake of a cycle, a second after all was well, and obeys nobody."""
    machine.is_deaf = True
    declare(service, 1)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock, poll_s=0.01):
        await service.until(lambda: service.converged("bmc1", 1))
        clock.move(seconds=1)
        declare(service, 2, cycled_at=clock.now(), **more)
        await service.hears("bmc1", "ShuttingDown")
        yield


async def test_an_operating_system_that_obeys_is_asked_and_never_cut_off(tmp_path, machine, service):
    declare(service, 1, power="off")
    async with running(tmp_path, Racked(bmc1=machine), service):
        await service.until(lambda: service.converged("bmc1", 1))
    assert machine.told == ["soft"]


async def test_one_that_does_not_is_waited_for_and_left_alone(tmp_path, machine, service, clock):
    async with asked_in_vain(tmp_path, machine, service, clock) as agent:
        clock.move(seconds=59)
        passes = agent.counters.passes_quiet
        await service.until(lambda: agent.counters.passes_quiet > passes)
        assert not service.converged("bmc1", 1)
        clock.move(seconds=2)
        await service.hears("bmc1", "StillOn")
        assert machine.told == ["soft"]
        machine.switch("off")
        await service.until(lambda: service.converged("bmc1", 1))


async def test_one_that_does_not_is_cut_off_where_that_is_declared(tmp_path, machine, service, clock):
    async with asked_in_vain(tmp_path, machine, service, clock, off="hard"):
        assert machine.told == ["soft"]
        clock.move(seconds=61)
        await service.until(lambda: service.converged("bmc1", 1))
    assert machine.told == ["soft", "off"]


async def test_whoever_was_left_alone_is_cut_off_once_that_is_declared(tmp_path, machine, service, clock):
    async with asked_in_vain(tmp_path, machine, service, clock):
        clock.move(seconds=61)
        await service.hears("bmc1", "StillOn")
        declare(service, 2, power="off", off_timeout=60, off="hard")
        await service.until(lambda: service.converged("bmc1", 2))
    assert machine.told == ["soft", "off"]


async def test_nobody_is_cut_off_who_may_never_have_been_asked(tmp_path, machine, service, clock):
    machine.is_deaf = True
    declare(service, 1, power="off", off="hard", off_timeout=60)
    await run_until_killed(tmp_path, Racked(bmc1=machine), service, KillAt("applying", 1), clock=clock)
    assert machine.told == []
    clock.move(seconds=600)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock, poll_s=0.01):
        await service.hears("bmc1", "ShuttingDown")
        assert machine.told == ["soft"]
        clock.move(seconds=61)
        await service.until(lambda: service.converged("bmc1", 1))
    assert machine.told == ["soft", "off"]


async def test_a_restart_in_the_wait_asks_again_and_goes_on(tmp_path, machine, service, clock):
    machine.is_deaf = True
    declare(service, 1, power="off", off="hard", off_timeout=60)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock):
        await service.hears("bmc1", "ShuttingDown")
    clock.move(seconds=50)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock, poll_s=0.01):
        await service.until(lambda: machine.told == ["soft", "soft"])
        clock.move(seconds=50)
        assert machine.told == ["soft", "soft"]
        clock.move(seconds=11)
        await service.until(lambda: service.converged("bmc1", 1))
    assert machine.told == ["soft", "soft", "off"]


async def test_waiting_is_told_once_and_is_no_drift(tmp_path, machine, service, clock):
    async with asked_in_vain(tmp_path, machine, service, clock):
        for seconds in (3, 3, 3):
            clock.move(seconds=seconds)
            readings = machine.calls["read"]
            await service.until(lambda readings=readings: machine.calls["read"] > readings + 1)
    records = [report.record for report in service.of("bmc1") if report.record is not None]
    assert [record.outcome for record in records] == ["changed"]
    assert not any(report.drift for report in service.of("bmc1"))


async def test_another_mind_ends_the_wait(tmp_path, machine, service, clock):
    async with asked_in_vain(tmp_path, machine, service, clock, off="hard"):
        declare(service, 2, power="on")
        await service.until(lambda: service.converged("bmc1", 2))
        clock.move(seconds=61)
        declare(service, 3, power="off", off="hard", off_timeout=60)
        await service.hears("bmc1", "ShuttingDown")
    assert machine.told == ["soft", "soft"]
    ledger = [report.ledger for report in service.of("bmc1") if report.ledger is not None][-1]
    assert [(entry.kind, entry.path) for entry in ledger] == [("token", "slots.1.power")]


async def test_the_manner_alone_changes_nothing(tmp_path, machine, service):
    declare(service, 1, power="on", off="hard", off_timeout=5)
    async with running(tmp_path, Racked(bmc1=machine), service):
        await service.until(lambda: service.converged("bmc1", 1))
    assert machine.told == []


async def test_a_cycle_asks_first_as_well(tmp_path, machine, service, clock):
    async with cycled_in_vain(tmp_path, machine, service, clock, off="hard", off_timeout=60):
        assert machine.told == ["soft"]
        clock.move(seconds=61)
        await service.until(lambda: service.converged("bmc1", 2))
    assert machine.told == ["soft", "off", "on"]
    assert machine.boots == ["disk"]


async def test_a_cycle_is_given_up_where_the_operating_system_stays(tmp_path, machine, service, clock):
    async with cycled_in_vain(tmp_path, machine, service, clock, off_timeout=60):
        clock.move(seconds=61)
        await service.hears("bmc1", "StillOn")
        machine.switch("off")
        await service.until(lambda: service.of("bmc1")[-1].observed is not None)
    assert (machine.told, machine.boots) == (["soft"], [])


async def test_a_newer_time_before_the_power_on_is_one_cycle_with_the_older(tmp_path, machine, service, clock):
    async with cycled_in_vain(tmp_path, machine, service, clock):
        clock.move(seconds=1)
        at = clock.now()
        declare(service, 3, cycled_at=at, boot_once=BootOnce(device="pxe", at=at), off="hard", off_timeout=0)
        await service.until(lambda: service.converged("bmc1", 3))
    assert (machine.told, machine.boots) == (["soft", "off", "boot pxe", "on"], ["pxe"])


async def test_a_machine_that_takes_its_time_is_switched_on_when_it_is_off(tmp_path, machine, service, clock):
    async with cycled_in_vain(tmp_path, machine, service, clock):
        machine.switch("off")
        await service.until(lambda: service.converged("bmc1", 2))
    assert (machine.told, machine.boots) == (["soft", "on"], ["disk"])


@pytest.mark.parametrize("bad", [{"off": "gently"}, {"off_timeout": -1}, {"off_timeout": 1.5}])
def test_the_manner_is_checked(bad):
    with pytest.raises(ValidationError):
        TypeAdapter(Slot).validate_python(bad)
