"""Assignments of an older or newer service are read as far as they can be, and what cannot is named."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from agents.assignments import AssignmentReader, BadAssignment
from device_profiles.state import Port, State
from device_profiles.wire import LedgerEntry
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit


def document(state: State = State(), **more) -> dict:  # noqa: B008 -- frozen
    service = FakeService()
    service.assign(desired("sw1", 1, state), profile=PROFILE, **more)
    return orjson.loads(orjson.dumps(service.documents["sw1"]))


def test_an_unknown_field_of_the_desired_state_is_unsupported_and_the_rest_stands():
    raw = document(State(ports={"p1": Port(description="x")}))
    raw["desired"]["state"]["ports"]["p1"]["poe"] = "on"
    raw["desired"]["state"]["ports"]["p2"] = {"mode": "private-vlan"}
    raw["desired"]["state"]["zones"] = {"z": {}}
    accepted = AssignmentReader().read(raw)
    assert accepted.assignment.desired.state.ports["p1"] == Port(description="x")
    assert sorted(item.path for item in accepted.unknown) == ["ports.p1.poe", "ports.p2.mode", "zones"]
    assert {item.reason for item in accepted.unknown} == {"Unsupported"}


def test_an_unknown_capability_or_key_of_a_profile_is_left_out():
    raw = document()
    raw["profile"]["capabilities"] += ["ports.poe", "ports.voice_vlan"]
    raw["profile"]["colour"] = "red"
    accepted = AssignmentReader().read(raw)
    assert accepted.assignment.profile == PROFILE


def test_unknown_keys_elsewhere_are_nothing():
    raw = document() | {"season": 5}
    raw["desired"]["weather"] = "fine"
    assert AssignmentReader().read(raw).unknown == ()


@pytest.mark.parametrize("spoil", [{"schema": 7}, {"access": 5}, {"node": "a b"}, {"desired": None}, {"profile": {}}])
def test_what_cannot_be_used_is_said(spoil):
    with pytest.raises(BadAssignment):
        AssignmentReader().read(document() | spoil)


def test_the_version_before_is_read_too():
    assert AssignmentReader().read(document() | {"schema": 0}).assignment.node == "sw1"


def test_what_is_not_understood_is_named_though_the_profile_was_read_before():
    reader = AssignmentReader()
    reader.read(document())
    odd = document()
    odd["desired"]["state"]["ports"] = {"p1": {"colour": "red"}}
    assert [finding.path for finding in reader.read(odd).unknown] == ["ports.p1.colour"]
    odd = document()
    odd["profile"]["colour"] = "red"
    for _ in range(2):
        assert [finding.path for finding in reader.read(odd).unknown] == ["profile.colour"]


def test_equal_profiles_are_one_object():
    reader = AssignmentReader()
    first, second = reader.read(document()), reader.read(document() | {"node": "sw2"})
    assert first.assignment.profile is second.assignment.profile


async def test_a_leaf_that_the_agent_does_not_know_keeps_the_node_from_converging_and_is_named(tmp_path):
    switch, service = FakeSwitch(State(ports={"p1": Port()})), FakeService()
    raw = document(State(ports={"p1": Port(description="x")}))
    raw["desired"]["state"]["ports"]["p1"]["poe"] = "on"
    service.assign_raw(raw)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.hears("sw1", "Unsupported")
    assert switch.state.ports["p1"].description == "x"


async def test_an_assignment_that_cannot_be_used_harms_no_other(tmp_path):
    switch, service = FakeSwitch(State(ports={"p1": Port()})), FakeService()
    service.assign_raw(document() | {"node": "sw0", "access": 5})
    service.assign_raw(document(State(ports={"p1": Port(description="x")})))
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))


async def test_a_ledger_that_comes_with_a_new_node_counts_as_ours(tmp_path):
    switch = FakeSwitch(State(ports={"p1": Port(mode="trunk", trunk_vlans=(10, 40))}))
    service = FakeService()
    entry = LedgerEntry(path="ports.p1.trunk_vlans.40", state="confirmed", pass_id="p", at=datetime.now(UTC))
    service.assign(desired("sw1", 1, State()), profile=PROFILE, ledger=(entry,))
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
    assert switch.state.ports["p1"].trunk_vlans == (10,)


async def test_a_node_that_is_let_go_is_left_alone_and_others_go_on(tmp_path):
    switches = {name: FakeSwitch(State(ports={"p1": Port()})) for name in ("sw1", "sw2")}
    service = FakeService()
    for name in switches:
        service.assign(desired(name, 1, State(ports={"p1": Port(description="x")})), profile=PROFILE)
    async with running(tmp_path, Rack(**switches), service, poll_s=0.01) as agent:
        await service.until(lambda: all(service.converged(name, 1) for name in switches))
        service.unassign("sw1")
        service.assign(desired("sw2", 2, State(ports={"p1": Port(description="y")})), profile=PROFILE)
        await service.until(lambda: service.converged("sw2", 2))
        switches["sw1"].by_hand("ports", "p1", description="mine")
        quiet = agent.counters.passes_quiet
        await service.until(lambda: agent.counters.passes_quiet > quiet + 5)
        # Back again, it is a new node: what is on it was found.
        service.assign(desired("sw1", 1, State()), profile=PROFILE)
        await service.until(lambda: switches["sw1"].calls["open"] == 2)
    assert switches["sw1"].state.ports["p1"].description == "mine"


async def test_a_snapshot_without_a_node_lets_it_go(tmp_path):
    switch, service = FakeSwitch(State(ports={"p1": Port()})), FakeService()
    service.assign(desired("sw1", 1, State()), profile=PROFILE)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
    del service.documents["sw1"]
    async with running(tmp_path, Rack(sw1=switch), service) as agent:
        await service.until(lambda: agent.counters.connects)
    reads = switch.calls["read"]
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.enrolments)
    assert switch.calls["read"] == reads


async def test_a_new_address_is_used_at_once(tmp_path):
    old, new = FakeSwitch(State(ports={"p1": Port()})), FakeSwitch(State(ports={"p1": Port()}))
    service = FakeService()
    wanted = State(ports={"p1": Port(description="x")})
    service.assign(desired("sw1", 1, wanted), profile=PROFILE, access=("ssh://root@old",))
    async with running(tmp_path, Rack(old=old, new=new), service):
        await service.until(lambda: service.converged("sw1", 1))
        service.assign(desired("sw1", 2, wanted), profile=replace(PROFILE, title="Toy"), access=("ssh://root@new",))
        await service.until(lambda: service.converged("sw1", 2))
    assert new.state.ports["p1"].description == "x"
