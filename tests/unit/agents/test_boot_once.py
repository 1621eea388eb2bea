"""Boot devices for one boot, and cycles of devices that have one command for it: never twice, whatever is killed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from device_profiles.state import BootOnce, Slot, State
from drivers.errors import Unreachable
from tests.unit.agents.agent import KillAt, desired, run_until_killed, running
from tests.unit.agents.clocks import DayClock
from tests.unit.agents.machines import BMC, ONE_SHOT, Machine, Racked

pytestmark = pytest.mark.unit

EVERYWHERE = [(phase, step) for step in (1, 2, 3) for phase in ("applying", "applied")]


@pytest.fixture
def clock() -> DayClock:
    return DayClock()


def declare(service, generation, *, profile=BMC, **more) -> None:
    service.assign(desired("bmc1", generation, State(slots={"1": Slot(**more)} if more else {})), profile=profile)


async def known(tmp_path, machine, service, clock, *, profile=BMC):
    """The agent has had the node for a while; the time of now, which is later than that."""
    declare(service, 1, profile=profile)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock):
        await service.until(lambda: service.converged("bmc1", 1))
    clock.move(seconds=1)
    return clock.now()


async def converge(tmp_path, machine, service, clock, generation):
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock, poll_s=0.01) as agent:
        await service.until(lambda: service.converged("bmc1", generation))
        quiet = agent.counters.passes_quiet
        await service.until(lambda: agent.counters.passes_quiet > quiet + 1)


async def test_it_is_set_for_the_boot_of_its_cycle_and_used_up(tmp_path, service, clock):
    machine = Machine()
    at = await known(tmp_path, machine, service, clock)
    declare(service, 2, cycled_at=at, boot_once=BootOnce(device="pxe", at=at))
    await converge(tmp_path, machine, service, clock, 2)
    assert (machine.told, machine.boots) == (["soft", "boot pxe", "on"], ["pxe"])
    machine.switch("off")
    machine.switch("on")
    await converge(tmp_path, machine, service, clock, 2)
    assert machine.boots == ["pxe", "disk"]


@pytest.mark.parametrize(("phase", "step"), EVERYWHERE)
async def test_killed_anywhere_in_a_cycle_it_boots_once_from_there(tmp_path, service, clock, phase, step):
    machine = Machine()
    at = await known(tmp_path, machine, service, clock)
    declare(service, 2, power="on", cycled_at=at, boot_once=BootOnce(device="pxe", at=at))
    await run_until_killed(tmp_path, Racked(bmc1=machine), service, KillAt(phase, step), clock=clock)
    await converge(tmp_path, machine, service, clock, 2)
    assert (machine.boots, machine.booting_from, machine.power) == (["pxe"], "", "on")


@pytest.mark.parametrize("word", ["soft", "boot", "on"])
async def test_an_answer_that_is_lost_makes_no_second_boot(tmp_path, service, clock, word):
    machine = Machine()
    machine.lost_answers = {word}
    at = await known(tmp_path, machine, service, clock)
    declare(service, 2, cycled_at=at, boot_once=BootOnce(device="pxe", at=at))
    await converge(tmp_path, machine, service, clock, 2)
    assert (machine.boots, machine.booting_from) == (["pxe"], "")


async def test_what_is_off_and_shall_be_on_boots_once_with_its_cycle(tmp_path, service, clock):
    machine = Machine("off")
    at = await known(tmp_path, machine, service, clock)
    declare(service, 2, power="on", cycled_at=at, boot_once=BootOnce(device="pxe", at=at))
    await converge(tmp_path, machine, service, clock, 2)
    assert (machine.told, machine.boots) == (["boot pxe", "on"], ["pxe"])


async def test_without_a_cycle_it_is_set_once_for_whatever_boot_comes(tmp_path, service, clock):
    machine = Machine()
    at = await known(tmp_path, machine, service, clock)
    declare(service, 2, boot_once=BootOnce(device="pxe", at=at))
    await converge(tmp_path, machine, service, clock, 2)
    machine.switch("off")
    machine.switch("on")
    await converge(tmp_path, machine, service, clock, 2)
    assert (machine.told, machine.boots) == (["boot pxe"], ["pxe"])


@pytest.mark.parametrize("phase", ["applying", "applied"])
async def test_one_that_may_have_been_set_is_not_set_again(tmp_path, service, clock, phase):
    machine = Machine()
    at = await known(tmp_path, machine, service, clock)
    declare(service, 2, boot_once=BootOnce(device="pxe", at=at))
    await run_until_killed(tmp_path, Racked(bmc1=machine), service, KillAt(phase, 1), clock=clock)
    told = list(machine.told)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock, poll_s=0.01):
        await service.hears("bmc1", "CycleUnknown")
        assert machine.told == told
        clock.move(seconds=5)
        declare(service, 3, boot_once=BootOnce(device="pxe", at=clock.now()))
        await service.until(lambda: service.converged("bmc1", 3))
    assert machine.told == [*told, "boot pxe"]


async def test_one_that_comes_too_late_is_said_and_not_set(tmp_path, service, clock):
    machine = Machine()
    at = await known(tmp_path, machine, service, clock)
    clock.move(minutes=16)
    declare(service, 2, boot_once=BootOnce(device="pxe", at=at))
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock):
        await service.hears("bmc1", "CycleExpired")
    assert machine.told == []


async def test_one_that_comes_after_its_cycle_is_said_and_not_set(tmp_path, service, clock):
    machine = Machine()
    at = await known(tmp_path, machine, service, clock)
    declare(service, 2, cycled_at=at)
    await converge(tmp_path, machine, service, clock, 2)
    declare(service, 3, cycled_at=at, boot_once=BootOnce(device="pxe", at=at))
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock):
        await service.hears("bmc1", "CycleExpired")
    assert machine.boots == ["disk"]


async def test_what_cannot_be_told_to_boot_from_there_is_not_cycled(tmp_path, service, clock):
    machine = Machine()
    plain = replace(BMC, capabilities=("slots.power",))
    at = await known(tmp_path, machine, service, clock, profile=plain)
    declare(service, 2, profile=plain, cycled_at=at, boot_once=BootOnce(device="pxe", at=at))
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock):
        await service.hears("bmc1", "Unsupported")
    assert machine.told == []


# Devices that have one command for a cycle, and show nothing of it.


async def test_a_device_without_off_and_on_is_cycled_by_its_own_command_once(tmp_path, service, clock):
    machine = Machine(shows_power=False)
    at = await known(tmp_path, machine, service, clock, profile=ONE_SHOT)
    declare(service, 2, profile=ONE_SHOT, cycled_at=at, boot_once=BootOnce(device="pxe", at=at))
    await converge(tmp_path, machine, service, clock, 2)
    assert (machine.told, machine.boots) == (["boot pxe", "cycle"], ["pxe"])


async def test_a_profile_may_say_that_its_own_command_is_to_be_used(tmp_path, service, clock):
    profile, machine = replace(BMC, capabilities=(*BMC.capabilities, "slots.cycled_at")), Machine()
    at = await known(tmp_path, machine, service, clock, profile=profile)
    declare(service, 2, profile=profile, power="on", cycled_at=at)
    await converge(tmp_path, machine, service, clock, 2)
    assert (machine.told, machine.boots) == (["cycle"], ["disk"])


@pytest.mark.parametrize("phase", ["applying", "applied"])
async def test_killed_around_its_command_it_is_unknown_until_a_newer_time(tmp_path, service, clock, phase):
    machine = Machine(shows_power=False)
    at = await known(tmp_path, machine, service, clock, profile=ONE_SHOT)
    declare(service, 2, profile=ONE_SHOT, cycled_at=at)
    await run_until_killed(tmp_path, Racked(bmc1=machine), service, KillAt(phase, 1), clock=clock)
    told = list(machine.told)
    for _ in range(2):
        async with running(tmp_path, Racked(bmc1=machine), service, clock=clock):
            await service.hears("bmc1", "CycleUnknown")
    assert machine.told == told
    later = at + timedelta(seconds=1)
    clock.move(seconds=2)
    declare(service, 3, profile=ONE_SHOT, cycled_at=later)
    await converge(tmp_path, machine, service, clock, 3)
    assert machine.told == [*told, "cycle"]


async def test_a_lost_answer_leaves_it_unknown(tmp_path, service, clock):
    machine = Machine(shows_power=False)
    machine.lost_answers = {"cycle"}
    at = await known(tmp_path, machine, service, clock, profile=ONE_SHOT)
    declare(service, 2, profile=ONE_SHOT, cycled_at=at)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock):
        await service.hears("bmc1", "CycleUnknown")
    assert machine.told == ["cycle"]


async def test_a_refused_one_is_no_cycle_and_expires(tmp_path, service, clock):
    machine = Machine(shows_power=False)
    machine.refuses = {"cycle"}
    at = await known(tmp_path, machine, service, clock, profile=ONE_SHOT)
    declare(service, 2, profile=ONE_SHOT, cycled_at=at)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock):
        await service.hears("bmc1", "Rejected")
    machine.refuses = set()
    clock.move(minutes=16)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock):
        await service.hears("bmc1", "CycleExpired")
    assert machine.told == []


async def test_what_cannot_be_reached_is_not_begun(tmp_path, service, clock):
    machine = Machine(shows_power=False)
    at = await known(tmp_path, machine, service, clock, profile=ONE_SHOT)
    machine.faults["read"] = Unreachable("gone")
    declare(service, 2, profile=ONE_SHOT, cycled_at=at)
    async with running(tmp_path, Racked(bmc1=machine), service, clock=clock):
        await service.until(lambda: machine.calls["read"] > 2)
        machine.faults.clear()
        await service.until(lambda: service.converged("bmc1", 2))
    assert machine.told == ["cycle"]
