"""The branch we sit on: refused, or tried with a way back and taken back when it breaks."""

import asyncio

import pytest

from device_profiles.documents import Management
from device_profiles.state import Lag, Port, State, Vlan
from drivers.errors import Unreachable
from tests.unit.agents.agent import KillAt, run_until_killed, running
from tests.unit.agents.devices import FakeDriver, FakeSwitch, Rack, fault
from tests.unit.agents.ways import FOUND, SHUT, TWO_WAYS, declare, on_a_branch, over

pytestmark = pytest.mark.unit


@pytest.fixture
def switch() -> FakeSwitch:
    return on_a_branch()


@pytest.fixture
def rack(switch: FakeSwitch) -> Rack:
    return Rack(sw1=switch, console=switch)


async def test_a_step_that_cuts_our_way_is_refused_and_the_rest_converges(tmp_path, rack, switch, service):
    declare(service, SHUT)
    async with running(tmp_path, rack, service):
        await service.hears("sw1", "OwnPath")
    assert switch.state.ports["p48"].enabled
    assert switch.state.ports["p1"].description == "h1"
    told = [item.message for report in service.of("sw1") for item in report.conditions or ()]
    assert any("p48 in VLAN 99: ARP and FDB of the device" in message for message in told)


@pytest.mark.parametrize(
    "harmless",
    [
        State(ports={"p48": Port(description="uplink")}),
        State(ports={"p48": Port(mode="trunk", trunk_vlans=(20,))}, vlans={20: Vlan()}),
        State(ports={"p2": Port(enabled=False)}),
        State(ports={"p48": Port(enabled=True)}),
    ],
)
async def test_what_leaves_our_way_alone_is_done(tmp_path, rack, switch, service, harmless):
    declare(service, harmless)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    assert not over(switch.state)


@pytest.mark.parametrize(
    "cutting",
    [
        State(ports={"p48": Port(mode="access", access_vlan=10)}),
        State(lags={"lag1": Lag(members=("p48",))}),
        State(ports={"p48": Port(mtu=9000)}),
    ],
)
async def test_every_kind_of_cut_is_refused(tmp_path, rack, switch, service, cutting):
    declare(service, cutting)
    async with running(tmp_path, rack, service):
        await service.hears("sw1", "OwnPath")
    assert switch.writes == 0


async def test_an_exact_list_does_not_take_our_vlan_off_the_trunk(tmp_path, rack, switch, service):
    declare(service, State(ports={"p48": Port(mode="trunk", trunk_vlans=(10,))}), exclusive=("ports.p48.trunk_vlans",))
    async with running(tmp_path, rack, service):
        await service.hears("sw1", "OwnPath")
    assert switch.writes == 0


async def test_where_nobody_can_tell_the_way_every_trunk_counts(tmp_path, rack, switch, service):
    switch.own_path = None
    declare(service, State(ports={"p2": Port(enabled=False), "p1": Port(enabled=False)}))
    async with running(tmp_path, rack, service):
        await service.hears("sw1", "OwnPath")
    assert switch.state.ports["p2"].enabled is not False
    assert switch.state.ports["p1"].enabled is False


async def test_a_declared_management_port_is_the_way_where_nobody_can_tell(tmp_path, rack, switch, service):
    switch.own_path = None
    state = State(ports={"p2": Port(enabled=False), "p48": Port(enabled=False)})
    declare(service, state, management=Management(ports=("p48",)))
    async with running(tmp_path, rack, service):
        await service.hears("sw1", "OwnPath")
    assert switch.state.ports["p2"].enabled is False
    assert switch.state.ports["p48"].enabled


async def test_without_a_way_back_nothing_is_tried(tmp_path, rack, switch, service):
    declare(service, State(ports={"p48": Port(enabled=False)}), allow=("own_path",))
    async with running(tmp_path, rack, service):
        await service.hears("sw1", "NoWayBack")
    assert switch.writes == 0


async def test_a_second_access_that_does_not_answer_is_no_way_back(tmp_path, switch, service):
    declare(service, State(ports={"p48": Port(enabled=False)}), allow=("own_path",), access=TWO_WAYS)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.hears("sw1", "NoWayBack")
    assert switch.writes == 0


async def test_a_second_access_to_another_device_is_no_way_back(tmp_path, switch, service):
    other = FakeSwitch(State(ports={"p1": Port()}))
    declare(service, State(ports={"p48": Port(enabled=False)}), allow=("own_path",), access=TWO_WAYS)
    async with running(tmp_path, Rack(sw1=switch, console=other), service):
        await service.hears("sw1", "NoWayBack")
    assert switch.writes == other.writes == 0


async def test_what_cuts_us_off_is_undone_over_the_second_access(tmp_path, rack, switch, service):
    declare(service, SHUT, allow=("own_path",), access=TWO_WAYS)
    async with running(tmp_path, rack, service, confirm_s=0.3):
        await service.hears("sw1", "CutOff")
        assert switch.state == FOUND
        written = switch.writes
        assert service.condition("sw1", "Reachable") == (True, "Answered")
        records = [report.record for report in service.of("sw1") if report.record]
        assert {step.status for step in records[-1].steps} == {"undone"}
        declare(service, SHUT, allow=("own_path",), access=TWO_WAYS)
        await asyncio.sleep(0)
        assert switch.writes == written, "what was taken back is not tried again"
        declare(service, State(ports={"p1": Port(description="new")}), 2, access=TWO_WAYS)
        await service.until(lambda: service.converged("sw1", 2))


async def test_a_driver_that_breaks_after_the_undoing_keeps_nobody_from_telling_of_it(
    tmp_path, rack, switch, service, monkeypatch
):
    readings = []
    original = FakeDriver.read

    async def read(self, want):
        readings.extend("r" for _ in range(switch.calls["undo"] > 0))
        if len(readings) == 2:  # the first one proves that all is as it was
            raise RuntimeError("a fault of the driver")
        return await original(self, want)

    monkeypatch.setattr(FakeDriver, "read", read)
    declare(service, SHUT, allow=("own_path",), access=TWO_WAYS)
    async with running(tmp_path, rack, service, confirm_s=0.3):
        await service.hears("sw1", "CutOff")
    assert [report.record.reason for report in service.of("sw1") if report.record] == ["CutOff"]


async def test_undone_is_undone_though_the_way_is_out_for_another_reason(tmp_path, rack, switch, service):
    switch.is_cut = lambda state: switch.writes > 0
    declare(service, SHUT, allow=("own_path",), access=TWO_WAYS)
    async with running(tmp_path, rack, service, confirm_s=0.2):
        await service.hears("sw1", "CutOff")
        assert switch.state == FOUND
        written = switch.writes
        switch.by_hand("ports", "p1", description="by hand")
        switch.is_cut = over
        declare(service, State(ports={"p2": Port(description="new")}), 2, access=TWO_WAYS)
        await service.until(lambda: service.converged("sw1", 2))
        assert switch.writes == written + 1
    assert switch.state.ports["p1"].description == "by hand"


async def test_what_touches_our_way_and_does_not_cut_it_is_kept(tmp_path, rack, switch, service):
    declare(service, State(ports={"p48": Port(mtu=9000)}), allow=("own_path",), access=TWO_WAYS)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p48"].mtu == 9000


@pytest.mark.parametrize(("phase", "step"), [("applying", 1), ("applied", 1), ("applying", 2)])
async def test_killed_in_between_it_ends_in_the_old_or_the_new_state(tmp_path, switch, service, phase, step):
    rack = Rack(sw1=switch, console=switch)
    declare(service, SHUT, allow=("own_path",), access=TWO_WAYS)
    await run_until_killed(tmp_path, rack, service, KillAt(phase, step), confirm_s=0.3)
    async with running(tmp_path, rack, service, confirm_s=0.3):
        await service.hears("sw1", "CutOff")
        assert switch.state == FOUND
        records = {report.record.id: report.record for report in service.of("sw1") if report.record}
        statuses = {step.status for record in records.values() for step in record.steps}
        assert "undone" in statuses or phase == "applying"


async def test_killed_in_between_what_was_reached_is_kept(tmp_path, rack, switch, service):
    declare(service, State(ports={"p48": Port(mtu=9000)}), allow=("own_path",), access=TWO_WAYS)
    await run_until_killed(tmp_path, rack, service, KillAt("verifying"), confirm_s=0.3)
    async with running(tmp_path, rack, service, confirm_s=0.3):
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p48"].mtu == 9000


async def test_what_somebody_else_changed_meanwhile_is_not_undone(tmp_path, rack, switch, service):
    declare(service, SHUT, allow=("own_path",), access=TWO_WAYS)
    await run_until_killed(tmp_path, rack, service, KillAt("applying", 2), confirm_s=0.3)
    switch.by_hand("ports", "p1", description="by hand")
    async with running(tmp_path, rack, service, confirm_s=0.3):
        await service.hears("sw1", "ChangedMeanwhile")
    assert switch.state.ports["p1"].description == "by hand"
    assert switch.state.ports["p48"].enabled is False


async def test_a_way_back_that_fails_as_well_is_tried_until_it_answers(tmp_path, rack, switch, service):
    declare(service, SHUT, allow=("own_path",), access=TWO_WAYS)
    with fault(switch, "undo", Unreachable("the console is away")):
        async with running(tmp_path, rack, service, confirm_s=0.2):
            await service.until(lambda: switch.calls["undo"] > 1)
    async with running(tmp_path, rack, service, confirm_s=0.2):
        await service.hears("sw1", "CutOff")
    assert switch.state == FOUND
