"""What a pass does to a device, and what it tells: converge, keep, put back, take away only what is ours."""

import asyncio
import sqlite3
from dataclasses import replace

import pytest

from agents.store import rows
from device_profiles.desired import Held
from device_profiles.state import Lag, Port, State, Vlan
from drivers.errors import AuthFailed, Garbled, Unreachable
from tests.unit.agents.agent import Phases, desired, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack, fault, refuse

pytestmark = pytest.mark.unit

BARE = State(ports={f"p{number}": Port(enabled=True) for number in (1, 2, 3, 4)})
ACCESS = State(ports={"p1": Port(mode="access", access_vlan=10)}, vlans={10: Vlan(name="ten")})


@pytest.fixture
def switch() -> FakeSwitch:
    return FakeSwitch(BARE)


@pytest.fixture
def rack(switch: FakeSwitch) -> Rack:
    return Rack(sw1=switch)


async def test_a_declaration_is_brought_about_proved_saved_and_told(tmp_path, rack, switch, service):
    service.assign(desired("sw1", 3, ACCESS), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 3))
    assert switch.state.ports["p1"].access_vlan == 10
    assert switch.state.vlans[10].name == "ten"
    assert switch.saves == 1
    (record,) = [report.record for report in service.of("sw1") if report.record]
    assert record.outcome == "changed"
    assert {step.status for step in record.steps} == {"done"}
    assert service.condition("sw1", "Converged") == (True, "Verified")
    assert service.condition("sw1", "Reachable") == (True, "Answered")
    assert [report.observed for report in service.of("sw1") if report.observed][-1] == switch.state
    (entry,) = [report.ledger for report in service.of("sw1") if report.ledger][-1]
    assert (entry.path, entry.state) == ("vlans.10", "confirmed")


async def test_what_is_as_declared_is_not_written_and_not_told_again(tmp_path, rack, switch, service):
    service.assign(desired("sw1", 1, ACCESS), profile=PROFILE)
    async with running(tmp_path, rack, service, poll_s=0.01) as agent:
        await service.until(lambda: service.converged("sw1", 1))
        told, written = len(service.of("sw1")), switch.writes
        quiet = agent.counters.passes_quiet
        await service.until(lambda: agent.counters.passes_quiet > quiet + 10 and "sw1" in service.seen)
    assert switch.writes == written
    # Facts, links and operation are told after the first pass; nothing is told twice.
    assert len(service.of("sw1")) <= told + 1
    assert "sw1" in service.seen


async def test_ten_generations_of_the_same_write_once(tmp_path, rack, switch, service):
    service.assign(desired("sw1", 1, ACCESS), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
        written = switch.writes
        for generation in range(2, 12):
            service.assign(desired("sw1", generation, ACCESS), profile=PROFILE)
            await service.until(lambda generation=generation: service.converged("sw1", generation))
    assert switch.writes == written


async def test_drift_is_put_back_and_recorded(tmp_path, rack, switch, service):
    watched = replace(PROFILE, capabilities=(*PROFILE.capabilities, "watch"))
    service.assign(desired("sw1", 1, ACCESS), profile=watched)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
        switch.by_hand("ports", "p1", access_vlan=66)
        await service.until(lambda: any(r.record and r.record.drift for r in service.of("sw1")))
        assert switch.state.ports["p1"].access_vlan == 10
        (record,) = [report.record for report in service.of("sw1") if report.record and report.record.drift]
    assert (record.cause, record.outcome) == ("pushed", "changed")
    (item,) = record.drift
    assert (item.path, item.expected, item.found, item.roles) == ("ports.p1.access_vlan", 10, 66, ("role",))
    assert service.condition("sw1", "Converged") == (True, "Verified")


async def test_drift_is_only_recorded_where_it_shall_be_reported_and_a_new_declaration_still_acts(
    tmp_path, rack, switch, service
):
    service.assign(desired("sw1", 1, ACCESS, drift="report"), profile=PROFILE)
    async with running(tmp_path, rack, service, poll_s=0.01):
        await service.until(lambda: service.converged("sw1", 1))
        switch.by_hand("ports", "p1", access_vlan=66)
        await service.until(lambda: any(r.drift for r in service.of("sw1")))
        assert service.condition("sw1", "Converged") == (False, "Drifted")
        assert switch.state.ports["p1"].access_vlan == 66
        service.assign(desired("sw1", 2, ACCESS, drift="report"), profile=PROFILE)
        await service.until(lambda: service.converged("sw1", 2))
    assert switch.state.ports["p1"].access_vlan == 10
    assert [report.drift for report in service.of("sw1") if report.drift is not None][-1] == ()


async def test_a_role_says_otherwise_than_its_node(tmp_path, rack, switch, service):
    state = State(ports={"p1": Port(description="a"), "p2": Port(description="b")})
    owners = {"ports.p1.description": ("left",), "ports.p2.description": ("kept",)}
    service.assign(
        desired("sw1", 1, state, owners=owners, drift="enforce", role_drift={"left": "report"}), profile=PROFILE
    )
    async with running(tmp_path, rack, service, poll_s=0.01):
        await service.until(lambda: service.converged("sw1", 1))
        switch.by_hand("ports", "p1", description="mine")
        switch.by_hand("ports", "p2", description="mine")
        await service.until(
            lambda: switch.state.ports["p2"].description == "b" and any(r.drift for r in service.of("sw1"))
        )
    assert switch.state.ports["p1"].description == "mine"
    (item,) = [report.drift for report in service.of("sw1") if report.drift][-1]
    assert item.path == "ports.p1.description"


async def test_a_paused_node_is_not_written_to_and_says_so(tmp_path, rack, switch, service):
    service.assign(desired("sw1", 1, ACCESS, drift="pause"), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.condition("sw1", "Paused") == (True, "Paused"))
        assert switch.writes == 0
        assert service.condition("sw1", "Converged") == (False, "Paused")
        service.assign(desired("sw1", 1, ACCESS), profile=PROFILE)
        await service.until(lambda: service.converged("sw1", 1))
    assert service.condition("sw1", "Paused") == (False, "Resumed")


async def test_vlan_40_is_added_to_a_trunk_and_only_40_is_taken_away(tmp_path, service):
    switch = FakeSwitch(State(ports={"p1": Port(mode="trunk", trunk_vlans=(10, 20, 30))}))
    service.assign(desired("sw1", 1, State(ports={"p1": Port(trunk_vlans=(20, 40))})), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
        assert switch.state.ports["p1"].trunk_vlans == (10, 20, 30, 40)
        service.assign(desired("sw1", 2, State()), profile=PROFILE)
        await service.until(lambda: service.converged("sw1", 2))
    assert switch.state.ports["p1"].trunk_vlans == (10, 20, 30)
    assert [report.ledger for report in service.of("sw1") if report.ledger is not None][-1] == ()


async def test_a_new_trunk_starts_from_none_even_where_the_device_starts_from_all(tmp_path, rack, switch, service):
    switch.shows_all = True
    service.assign(desired("sw1", 1, State(ports={"p1": Port(mode="trunk", trunk_vlans=(10,))})), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p1"].trunk_vlans == (10,)


async def test_a_trunk_that_was_cut_off_half_made_still_ends_with_its_own_vlans(tmp_path, rack, switch, service):
    switch.shows_all = True
    switch.cut_after_commands = 1
    service.assign(desired("sw1", 1, State(ports={"p1": Port(mode="trunk", trunk_vlans=(10,))})), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    assert any(state.ports["p1"].trunk_vlans == "all" for state in switch.history)
    assert switch.state.ports["p1"].trunk_vlans == (10,)


async def test_a_bundle_that_we_made_goes_with_its_role(tmp_path, rack, switch, service):
    state = State(
        lags={"lag1": Lag(members=("p3", "p4"), lacp="active")},
        ports={"lag1": Port(mode="trunk", trunk_vlans=(10,))},
    )
    service.assign(desired("sw1", 1, state), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
        assert switch.state.lags["lag1"].members == ("p3", "p4")
        assert switch.state.ports["lag1"].trunk_vlans == (10,)
        service.assign(desired("sw1", 2, State()), profile=PROFILE)
        await service.until(lambda: service.converged("sw1", 2))
    assert not switch.state.lags


async def test_a_port_that_is_not_there_is_named_and_the_rest_converges(tmp_path, rack, switch, service):
    state = State(ports={"p1": Port(description="a"), "p99": Port(description="b")})
    service.assign(desired("sw1", 1, state), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.hears("sw1", "NoSuchPort")
    assert switch.state.ports["p1"].description == "a"
    assert not service.converged("sw1", 1)


async def test_what_is_held_in_a_conflict_stays_and_is_said(tmp_path, rack, switch, service):
    held = (Held(path="ports.p2.access_vlan", roles=("a", "b"), message="a and b disagree"),)
    service.assign(desired("sw1", 1, ACCESS, held=held), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.until(lambda: service.converged("sw1", 1))
    assert service.condition("sw1", "Conflicted") == (True, "RolesDisagree")


async def test_protected_paths_are_refused_whoever_protects_them(tmp_path, rack, switch, service):
    state = State(ports={name: Port(description="x") for name in ("p1", "p2", "p3")})
    service.assign(desired("sw1", 1, state, protect=("ports.p2",)), profile=PROFILE)
    async with running(tmp_path, rack, service, protect=("sw1/ports.p3",)):
        await service.hears("sw1", "Protected")
    described = {name for name, port in switch.state.ports.items() if port.description}
    assert described == {"p1"}


@pytest.mark.parametrize(
    ("point", "error", "reason"),
    [
        ("open", Unreachable("no route"), "Unreachable"),
        ("open", AuthFailed("login refused"), "AuthFailed"),
        ("read", Garbled("half a line"), "Garbled"),
        ("read", "hang", "Unreachable"),
    ],
)
async def test_a_device_that_cannot_be_read_is_a_condition_and_harms_no_other(tmp_path, service, point, error, reason):
    bad, good = FakeSwitch(BARE), FakeSwitch(BARE)
    bad.faults[point] = error
    hasty = replace(PROFILE, command_timeout_s=0.05, connect_timeout_s=0.05)
    service.assign(desired("sw1", 1, ACCESS), profile=hasty)
    service.assign(desired("sw2", 1, ACCESS), profile=hasty)
    async with running(tmp_path, Rack(sw1=bad, sw2=good), service):
        await service.until(lambda: service.condition("sw1", "Reachable") == (False, reason))
        await service.until(lambda: service.converged("sw2", 1))
        assert bad.writes == 0
        assert service.condition("sw1", "Converged") == (False, reason)


async def test_a_hung_device_delays_no_other(tmp_path, service):
    hung, good = FakeSwitch(BARE), FakeSwitch(BARE)
    hung.faults["read"] = "hang"
    service.assign(desired("sw1", 1, ACCESS), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=hung, sw2=good), service):
        await service.until(lambda: hung.calls["read"] == 1)
        service.assign(desired("sw2", 1, ACCESS), profile=PROFILE)
        async with asyncio.timeout(0.5):
            await service.until(lambda: service.converged("sw2", 1))
        assert not service.of("sw1")


async def test_a_refused_command_stops_the_pass_and_names_itself(tmp_path, rack, switch, service):
    service.assign(desired("sw1", 1, ACCESS), profile=PROFILE)
    with fault(switch, "apply", refuse("VLAN database is locked")):
        async with running(tmp_path, rack, service):
            await service.hears("sw1", "Rejected")
    (record,) = [report.record for report in service.of("sw1") if report.record]
    assert (record.outcome, record.reason) == ("failed", "Rejected")
    assert [step.status for step in record.steps] == ["failed", "pending"]
    assert switch.saves == 0
    assert service.condition("sw1", "Reachable") == (True, "Answered")


async def test_a_device_that_takes_a_command_and_does_nothing_is_not_called_converged(tmp_path, rack, switch, service):
    switch.run = lambda command: None  # type: ignore[method-assign]
    service.assign(desired("sw1", 1, ACCESS), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.hears("sw1", "NotVerified")
    assert not service.converged("sw1", 1)
    assert switch.saves == 0


async def test_what_others_add_to_a_set_meanwhile_is_left(tmp_path, service):
    switch = FakeSwitch(State(ports={"p1": Port(mode="trunk", trunk_vlans=(10,))}))

    class Somebody:
        def notice(self, moment):
            if moment.phase == "applied":
                vlans = switch.state.ports["p1"].trunk_vlans
                switch.by_hand("ports", "p1", trunk_vlans=(*vlans, 50))

    service.assign(desired("sw1", 1, State(ports={"p1": Port(trunk_vlans=(40,))})), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service, observers=[Somebody()]):
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p1"].trunk_vlans == (10, 40, 50)
    assert [entry.path for entry in service.of("sw1")[0].ledger or ()] == ["ports.p1.trunk_vlans.40"]


async def test_phases_come_in_their_order(tmp_path, rack, service):
    phases = Phases()
    service.assign(desired("sw1", 1, ACCESS), profile=PROFILE)
    async with running(tmp_path, rack, service, observers=[phases]):
        await service.until(lambda: service.converged("sw1", 1))
    first = [(m.phase.value, m.step) for m in phases.moments if m.pass_id == phases.moments[0].pass_id]
    assert first == [
        ("reading", 0), ("planned", 0), ("guarded", 0), ("applying", 1), ("applied", 1), ("applying", 2),
        ("applied", 2), ("verifying", 0), ("saved", 0), ("reported", 0),
    ]  # fmt: skip


async def test_a_fault_of_ours_stays_with_its_node(tmp_path, service):
    odd, good = FakeSwitch(BARE), FakeSwitch(BARE)

    async def at(point, known=odd.at):
        if point == "read":
            raise ValueError("a driver's bug")
        await known(point)

    odd.at = at  # type: ignore[method-assign]
    for node in ("sw1", "sw2"):
        service.assign(desired(node, 1, ACCESS), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=odd, sw2=good), service) as agent:
        await service.until(lambda: service.converged("sw2", 1) and agent.counters.passes_failed)
        await service.hears("sw1", "InternalError")


async def test_a_protected_path_that_cannot_be_read_protects_the_whole_node(tmp_path, rack, switch, service):
    service.assign(desired("sw1", 1, ACCESS, protect=("nonsense",)), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.hears("sw1", "BadProtect")
    assert switch.writes == 0


async def test_a_store_that_cannot_be_written_lets_nothing_reach_the_device(
    tmp_path, rack, switch, service, monkeypatch
):
    def full(*what, **more):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(rows, "begin_pass", full)
    service.assign(desired("sw1", 1, ACCESS), profile=PROFILE)
    async with running(tmp_path, rack, service):
        await service.hears("sw1", "InternalError")
        assert switch.writes == 0
        monkeypatch.undo()
        await service.until(lambda: service.converged("sw1", 1))


async def test_a_node_that_is_let_go_while_its_device_hangs_delays_nobody(tmp_path, service):
    hung, good = FakeSwitch(BARE), FakeSwitch(BARE)
    hung.faults["read"] = "hang"
    service.assign(desired("sw1", 1, ACCESS), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=hung, sw2=good), service):
        await service.until(lambda: hung.calls["read"] == 1)
        service.unassign("sw1")
        service.assign(desired("sw2", 1, ACCESS), profile=PROFILE)
        await service.until(lambda: service.converged("sw2", 1))
        hung.faults.clear()
        service.assign(desired("sw1", 2, ACCESS), profile=PROFILE)
        await service.until(lambda: service.converged("sw1", 2))
