"""What others left unsaved on a device is not saved by us, unless the node says so; what is ours is."""

from dataclasses import replace

import pytest

from device_profiles.state import Port, State
from tests.unit.agents.agent import KillAt, desired, run_until_killed, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

KEEPING = replace(PROFILE, capabilities=(*PROFILE.capabilities, "unsaved"))
FOUND = State(ports={"p1": Port(), "p2": Port()})
WANTED = State(ports={"p1": Port(description="ours")})


@pytest.fixture
def switch() -> FakeSwitch:
    return FakeSwitch(FOUND)


@pytest.fixture
def rack(switch: FakeSwitch) -> Rack:
    return Rack(sw1=switch)


async def told(service: FakeService, reason: str) -> None:
    await service.until(lambda: service.condition("sw1", "Converged") == (True, reason))


def news(service: FakeService) -> int:
    """How often passes and conditions were told of."""
    return sum(bool(report.record or report.conditions) for report in service.of("sw1"))


async def test_what_others_left_unsaved_is_not_saved_with_ours(tmp_path, rack, switch, service):
    switch.by_hand("ports", "p2", description="theirs")
    service.assign(desired("sw1", 1, WANTED), profile=KEEPING)
    async with running(tmp_path, rack, service):
        await told(service, "ForeignUnsaved")
        assert service.converged("sw1", 1)
    assert switch.state.ports["p1"].description == "ours"
    assert switch.saves == 0
    (message,) = {c.message for r in service.of("sw1") for c in r.conditions or () if c.reason == "ForeignUnsaved"}
    assert "save: always" in message


async def test_it_is_saved_where_the_node_says_so(tmp_path, rack, switch, service):
    switch.by_hand("ports", "p2", description="theirs")
    service.assign(desired("sw1", 1, WANTED, save="always"), profile=KEEPING)
    async with running(tmp_path, rack, service):
        await told(service, "Verified")
    assert switch.saves == 1
    assert switch.saved == switch.state


async def test_a_node_that_says_so_later_is_saved_then(tmp_path, rack, switch, service):
    switch.by_hand("ports", "p2", description="theirs")
    service.assign(desired("sw1", 1, WANTED), profile=KEEPING)
    async with running(tmp_path, rack, service):
        await told(service, "ForeignUnsaved")
        service.assign(desired("sw1", 2, WANTED, save="always"), profile=KEEPING)
        await service.until(lambda: service.converged("sw1", 2))
        await told(service, "Verified")
    assert switch.saves == 1


async def test_once_others_saved_nothing_is_owed_any_more(tmp_path, rack, switch, service):
    switch.by_hand("ports", "p2", description="theirs")
    service.assign(desired("sw1", 1, WANTED), profile=KEEPING)
    async with running(tmp_path, rack, service, poll_s=0.01):
        await told(service, "ForeignUnsaved")
        switch.saved = switch.state
        await told(service, "Verified")
        service.assign(desired("sw1", 2, State(ports={"p1": Port(description="ours again")})), profile=KEEPING)
        await service.until(lambda: service.converged("sw1", 2))
    assert switch.saves == 1


async def test_what_waits_to_be_saved_is_told_once(tmp_path, rack, switch, service):
    switch.by_hand("ports", "p2", description="theirs")
    service.assign(desired("sw1", 1, WANTED), profile=KEEPING)
    async with running(tmp_path, rack, service, poll_s=0.01):
        await told(service, "ForeignUnsaved")
        reports, asked = news(service), switch.calls["unsaved"]
        await service.until(lambda: switch.calls["unsaved"] > asked + 3)
        assert news(service) == reports


async def test_what_we_did_ourselves_and_still_owe_is_not_taken_for_that_of_others(tmp_path, rack, switch, service):
    service.assign(desired("sw1", 1, WANTED), profile=KEEPING)
    await run_until_killed(tmp_path, rack, service, KillAt("verifying"))
    assert (switch.saves, switch.saved != switch.state) == (0, True)
    service.assign(desired("sw1", 2, State(ports={"p1": Port(description="ours again")})), profile=KEEPING)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 2))
        await told(service, "Verified")
    assert switch.saved == switch.state


async def test_a_restart_of_the_agent_does_not_forget_what_is_not_ours(tmp_path, rack, switch, service):
    switch.by_hand("ports", "p2", description="theirs")
    service.assign(desired("sw1", 1, WANTED), profile=KEEPING)
    await run_until_killed(tmp_path, rack, service, KillAt("verifying"))
    async with running(tmp_path, rack, service):
        await told(service, "ForeignUnsaved")
    assert switch.saves == 0


async def test_a_pass_that_changes_nothing_does_not_ask(tmp_path, rack, switch, service):
    switch.by_hand("ports", "p2", description="theirs")
    service.assign(desired("sw1", 1, State()), profile=KEEPING)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    assert (switch.calls["unsaved"], switch.saves) == (0, 0)


@pytest.mark.parametrize("profile", [PROFILE, KEEPING], ids=["not declared", "refused"])
async def test_a_device_that_does_not_tell_is_saved_on(tmp_path, rack, switch, service, profile):
    switch.by_hand("ports", "p2", description="theirs")
    switch.saved = None
    service.assign(desired("sw1", 1, WANTED), profile=profile)
    async with running(tmp_path, rack, service):
        await told(service, "Verified")
    assert switch.saves == 1


async def test_where_nothing_needs_saving_nobody_asks(tmp_path, rack, switch, service):
    switch.by_hand("ports", "p2", description="theirs")
    service.assign(desired("sw1", 1, WANTED), profile=replace(KEEPING, persistence="immediate"))
    async with running(tmp_path, rack, service):
        await told(service, "Verified")
    assert (switch.calls["unsaved"], switch.saves) == (0, 0)
