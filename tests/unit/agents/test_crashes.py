"""Killed at every phase of a pass, the agent converges after its start: the ledger right, nothing told twice."""

import sqlite3
from pathlib import Path

import pytest

from device_profiles.state import Lag, Port, State, Vlan
from drivers.errors import Unreachable
from tests.unit.agents.agent import KillAt, desired, run_until_killed, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack, fault, refuse
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

FOUND = State(
    ports={"p1": Port(mode="trunk", trunk_vlans=(10, 20)), "p2": Port(), "p3": Port(), "p4": Port()},
    vlans={10: Vlan(), 20: Vlan()},
)
WANTED = State(
    ports={
        "p1": Port(trunk_vlans=(20, 40)),
        "p2": Port(mode="trunk", trunk_vlans=(10,)),
        "lag1": Port(mode="access", access_vlan=40),
    },
    lags={"lag1": Lag(members=("p3", "p4"), lacp="active")},
    vlans={20: Vlan(name="old"), 40: Vlan(name="new")},
)
MADE = {
    "lags.lag1",
    "lags.lag1.members.p3",
    "lags.lag1.members.p4",
    "ports.p1.trunk_vlans.40",
    "ports.p2.trunk_vlans.10",
    "vlans.40",
}
KILLS = [
    ("planned", 0), ("guarded", 0), *((phase, step) for step in (1, 3, 6) for phase in ("applying", "applied")),
    ("verifying", 0), ("saved", 0), ("reported", 0),
]  # fmt: skip


class KillWhenPlanned(KillAt):
    """The first pass has no steps yet when it is planned."""

    def notice(self, moment):
        super().notice(moment.__class__(moment.node, moment.pass_id, moment.phase, moment.step, moment.steps or 1))


@pytest.mark.parametrize(("phase", "step"), KILLS)
@pytest.mark.parametrize("shows_all", [False, True])
async def test_killed_at_a_phase_it_converges_and_knows_what_it_made(tmp_path, phase, step, shows_all):
    switch, service = FakeSwitch(FOUND), FakeService()
    switch.shows_all = shows_all
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    await run_until_killed(tmp_path, Rack(sw1=switch), service, KillWhenPlanned(phase, step))
    await _converges_and_unmakes(tmp_path, switch, service)


@pytest.mark.parametrize("commands", [0, 2, 5, 7, 8, 10])
async def test_cut_off_between_any_two_commands_it_converges_and_knows_what_it_made(tmp_path, commands):
    switch, service = FakeSwitch(FOUND), FakeService()
    switch.shows_all = True
    switch.cut_after_commands = commands
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    try:
        async with running(tmp_path, Rack(sw1=switch), service):
            await service.until(lambda: service.converged("sw1", 1))
    finally:
        assert switch.cut_after_commands is None
    await _converges_and_unmakes(tmp_path, switch, service)


async def _converges_and_unmakes(folder: Path, switch: FakeSwitch, service: FakeService) -> None:
    rack = Rack(sw1=switch)
    async with running(folder, rack, service):
        await service.until(
            lambda: service.converged("sw1", 1) and service.condition("sw1", "Converged") == (True, "Verified")
        )
        assert switch.state.ports["p1"].trunk_vlans == (10, 20, 40)
        assert switch.state.ports["p2"].trunk_vlans == (10,)
        assert switch.state.lags["lag1"].members == ("p3", "p4")
        assert switch.saves >= 1
        assert _ledger(folder) == dict.fromkeys(MADE, "confirmed")
        # What is ours goes with its role; what was found stays.
        service.assign(desired("sw1", 2, State()), profile=PROFILE)
        await service.until(lambda: service.converged("sw1", 2))
    assert switch.state.ports["p1"].trunk_vlans == (10, 20)
    assert switch.state.ports["p2"].trunk_vlans == ()
    assert set(switch.state.vlans) == {10, 20}
    assert switch.state.lags == {}
    assert _ledger(folder) == {}
    assert service.repeated == []
    assert [report.ledger for report in service.of("sw1") if report.ledger is not None][-1] == ()


def _ledger(folder: Path) -> dict[str, str]:
    db = sqlite3.connect(folder / "agent.db")
    try:
        return dict(db.execute("SELECT path, state FROM ledger"))
    finally:
        db.close()


async def test_a_save_that_is_owed_is_made_after_a_crash_though_nothing_differs(tmp_path):
    switch, service = FakeSwitch(FOUND), FakeService()
    service.assign(desired("sw1", 1, State(ports={"p1": Port(description="x")})), profile=PROFILE)
    await run_until_killed(tmp_path, Rack(sw1=switch), service, KillAt("verifying"))
    assert (switch.saves, switch.state.ports["p1"].description) == (0, "x")
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.saves == 1


async def test_what_a_restart_of_the_device_brings_back_is_ours_until_its_going_was_saved(tmp_path):
    switch, service = FakeSwitch(FOUND), FakeService()
    service.assign(desired("sw1", 1, State(vlans={40: Vlan()})), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service, poll_s=0.02):
        await service.until(lambda: service.converged("sw1", 1))
        switch.faults["save"] = Unreachable("it restarts")
        service.assign(desired("sw1", 2, State()), profile=PROFILE)
        await service.until(lambda: 40 not in switch.state.vlans and switch.calls["save"] > 1)
        switch.by_hand("vlans", "40")
        switch.faults.clear()
        await service.until(lambda: service.converged("sw1", 2))
    assert 40 not in switch.state.vlans
    assert _ledger(tmp_path) == {}


@pytest.mark.parametrize(("phase", "step", "statuses"), [
    ("applying", 1, ["intended", "pending"]), ("applied", 1, ["intended", "pending"]),
    ("applying", 2, ["done", "intended"]), ("verifying", 0, ["done", "done"]),
])  # fmt: skip
async def test_a_pass_that_was_cut_short_is_told_with_how_far_it_got(tmp_path, phase, step, statuses):
    switch, service = FakeSwitch(FOUND), FakeService()
    service.assign(desired("sw1", 1, State(vlans={40: Vlan(), 50: Vlan()})), profile=PROFILE)
    await run_until_killed(tmp_path, Rack(sw1=switch), service, KillAt(phase, step))
    for _ in range(2):
        async with running(tmp_path, Rack(sw1=switch), service):
            await service.until(lambda: service.converged("sw1", 1))
    cut, *others = [report.record for report in service.of("sw1") if report.record]
    assert (cut.outcome, cut.reason) == ("failed", "Interrupted")
    assert [each.status for each in cut.steps] == statuses
    assert cut.id not in {record.id for record in others}
    assert len(others) == 1


async def test_what_somebody_else_made_after_our_crash_before_the_step_is_taken_for_ours_only_if_intended(tmp_path):
    switch, service = FakeSwitch(FOUND), FakeService()
    service.assign(desired("sw1", 1, State(vlans={40: Vlan(), 50: Vlan()})), profile=PROFILE)
    await run_until_killed(tmp_path, Rack(sw1=switch), service, KillAt("applied", 1))
    switch.by_hand("vlans", "50")
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
    # The step that makes VLAN 50 was never begun: it is not in the ledger, and so it is theirs.
    assert _ledger(tmp_path) == {"vlans.40": "confirmed"}


async def test_intentions_that_never_reached_the_device_are_dropped(tmp_path):
    switch, service = FakeSwitch(FOUND), FakeService()
    service.assign(desired("sw1", 1, State(vlans={40: Vlan()})), profile=PROFILE)
    await run_until_killed(tmp_path, Rack(sw1=switch), service, KillAt("applying", 1))
    assert _ledger(tmp_path) == {"vlans.40": "intended"}
    with fault(switch, "apply", refuse("not now")):
        async with running(tmp_path, Rack(sw1=switch), service):
            await service.hears("sw1", "Rejected")
    assert _ledger(tmp_path) == {}
    assert switch.writes == 0


async def test_the_device_is_away_after_the_crash_and_comes_back_later(tmp_path):
    switch, service = FakeSwitch(FOUND), FakeService()
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    await run_until_killed(tmp_path, Rack(sw1=switch), service, KillAt("applied", 3))
    switch.faults["open"] = Unreachable("no route")
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.condition("sw1", "Reachable") == (False, "Unreachable"))
        switch.faults.clear()
        await service.until(lambda: service.converged("sw1", 1))
    assert _ledger(tmp_path) == dict.fromkeys(MADE, "confirmed")
