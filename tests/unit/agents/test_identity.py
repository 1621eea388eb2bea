"""Which device is the right one: a set of members, of which those that every device shows are none."""

from dataclasses import replace

import pytest

from agents.identity import difference, shown
from device_profiles.documents import Identity
from device_profiles.state import Port, State
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

COUNTING = replace(PROFILE, identity=("serial", "base_mac", "uuid", "ssh_host_key"))
BARE = State(ports={"p1": Port()})
WANTED = State(ports={"p1": Port(description="h1")})


def facts(serial: str = "", *members: str, uuid: str = "", base_mac: str = "") -> dict:
    found: dict = {"dmi": {"system": {"serial_number": serial, "uuid": uuid}}, "macaddress": base_mac}
    if members:
        found["chassis"] = {"members": [{"serial_number": member} for member in members]}
    return found


@pytest.mark.parametrize(
    "text",
    [
        *("To be filled by O.E.M.", "To Be Filled By O.E.M. ", "Default string", "System Serial Number", "None", "N/A"),
        *("0000000000", "FFFFFFFF", "xxxxxx", "........", "Not Specified", "0123456789", "unknown", "1", ""),
    ],
)
def test_what_a_manufacturer_left_unset_is_no_member(text):
    assert shown(facts(text), COUNTING) == {}


@pytest.mark.parametrize(
    "uuid",
    [
        "00000000-0000-0000-0000-000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "03000200-0400-0500-0006-000700080009",
    ],
)
def test_a_uuid_that_many_boards_have_is_no_member(uuid):
    assert shown(facts("ABC", uuid=uuid, base_mac="00:00:00:00:00:00"), COUNTING) == {"serial": "ABC"}


def test_all_members_of_a_stack_count_and_only_what_the_profile_counts():
    assert shown(facts("A1", "A1", "A2"), COUNTING) == {"serial": "A1 A2"}
    assert shown(facts("A1", "A2", base_mac="02:00:00:00:00:01"), replace(PROFILE, identity=("base_mac",))) == {
        "base_mac": "02:00:00:00:00:01"
    }


@pytest.mark.parametrize(
    ("known", "found", "right"),
    [
        ({"serial": "A1 A2"}, {"serial": "A2 A3"}, True),
        ({"serial": "a1"}, {"serial": "A1"}, True),
        ({"serial": "A1, A2"}, {"serial": "A2"}, True),
        ({"serial": "A1"}, {"serial": "B1"}, False),
        ({"serial": "A1 A2", "base_mac": "02::1"}, {"serial": "A2", "base_mac": "02::2"}, True),
        ({"base_mac": "02::1"}, {"base_mac": "02::2"}, False),
        ({"serial": "A1"}, {}, False),
        ({"serial": "A1", "uuid": "u1"}, {"serial": "A1"}, True),
        ({"serial": "A1", "uuid": "u1"}, {"serial": "A1", "uuid": "u2"}, False),
        ({}, {"serial": "A1"}, True),
    ],
)
def test_one_known_serial_suffices_for_a_stack_and_nothing_else_does(known, found, right):
    assert (difference(known, found) == "") is right


async def test_the_serial_of_the_first_contact_is_pinned_and_told_and_another_is_not_written_to(tmp_path):
    switch, service = FakeSwitch(BARE), FakeService()
    switch.facts = facts("A1", "A1", "A2")
    service.assign(desired("sw1", 1, WANTED), profile=COUNTING)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
    told = [report.identity for report in service.of("sw1") if report.identity]
    assert told == [{"serial": "A1 A2", "ssh_host_key": "SHA256:one"}]
    other = FakeSwitch(BARE)
    other.facts = facts("B1")
    async with running(tmp_path, Rack(sw1=other), service):
        await service.until(lambda: service.condition("sw1", "Identified") == (False, "WrongDevice"))
    assert other.writes == 0
    assert other.calls["read"] == 0


async def test_a_stack_that_lost_its_master_is_the_same(tmp_path):
    switch, service = FakeSwitch(BARE), FakeService()
    switch.facts = facts("A1", "A1", "A2")
    service.assign(desired("sw1", 1, WANTED), profile=COUNTING)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 1))
    switch.facts = facts("A2", "A2", "A3")
    service.assign(desired("sw1", 2, State(ports={"p1": Port(description="h2")})), profile=COUNTING)
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 2))
        await service.until(lambda: any((r.identity or {}).get("serial") == "A2 A3" for r in service.of("sw1")))


async def test_an_agent_that_takes_over_knows_what_was_pinned_before_it(tmp_path):
    switch, service = FakeSwitch(BARE), FakeService()
    switch.facts = facts("B1")
    service.assign(desired("sw1", 1, WANTED), profile=COUNTING, pinned={"serial": "A1"})
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.condition("sw1", "Identified") == (False, "WrongDevice"))
    service.assign(desired("sw1", 2, WANTED), profile=COUNTING, pinned={"serial": "A1"}, identity=Identity(serial="B1"))
    async with running(tmp_path, Rack(sw1=switch), service):
        await service.until(lambda: service.converged("sw1", 2))
