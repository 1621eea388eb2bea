"""The agent as a process: enrolment, one per folder, ends cleanly, pins what it met."""

import asyncio
from dataclasses import replace

import pytest

from agents.process import Agent
from agents.starting import AgentError
from agents.store.schema import StoreError
from device_profiles.documents import Identity
from device_profiles.state import Port, State
from drivers.errors import Unreachable
from tests.unit.agents.agent import desired, running, settings
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack

pytestmark = pytest.mark.unit

BARE = State(ports={"p1": Port()})
WANTED = State(ports={"p1": Port(description="x")})


def only(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        (error,) = error.exceptions
    return error


class TestEnrolment:
    async def test_it_waits_for_the_service(self, tmp_path, service):
        service.away = True
        async with running(tmp_path, Rack(), service):
            await asyncio.sleep(0)
            service.come()
            await service.until(lambda: service.enrolments)
        (enrolment,) = service.enrolments
        assert (enrolment.name, enrolment.location) == ("a1", "row")
        assert "openvswitch" in enrolment.drivers

    @pytest.mark.parametrize(("token", "sentence"), [("", "not enrolled"), ("wrong", "does not take this agent")])
    async def test_without_a_good_token_it_says_so_and_ends(self, tmp_path, service, token, sentence):
        agent = Agent(settings(tmp_path), join_token=token, open_service=service.client)
        with pytest.raises(BaseExceptionGroup) as group:
            await agent.run()
        error = only(group.value)
        assert isinstance(error, AgentError)
        assert sentence in str(error)

    async def test_its_token_is_readable_by_nobody_else(self, tmp_path, service):
        async with running(tmp_path / "new" / "folder", Rack(), service):
            await service.until(lambda: service.enrolments)
            files = list((tmp_path / "new" / "folder").iterdir())
            assert files
            assert {file.stat().st_mode & 0o077 for file in files} == {0}


async def test_a_second_agent_on_the_same_folder_is_refused(tmp_path, service):
    async with running(tmp_path, Rack(), service):
        await service.until(lambda: service.enrolments)
        second = Agent(settings(tmp_path), join_token="join", open_service=service.client)
        with pytest.raises(AgentError, match="another agent"):
            await second.run()


async def test_a_store_that_is_none_is_a_sentence(tmp_path, service):
    (tmp_path / "agent.db").write_text("this is no database, and long enough to be seen as none" * 50)
    agent = Agent(settings(tmp_path), join_token="join", open_service=service.client)
    with pytest.raises(StoreError, match="cannot be opened"):
        await agent.run()


async def test_a_pass_that_is_under_way_is_finished_when_the_agent_ends(tmp_path, service):
    switch = FakeSwitch(BARE)
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    holding, going_on = asyncio.Event(), asyncio.Event()
    known = switch.at

    async def at(point: str, host: str) -> None:
        if point == "apply":
            holding.set()
            await going_on.wait()
        await known(point, host)

    switch.at = at  # type: ignore[method-assign]
    async with running(tmp_path, Rack(sw1=switch), service) as agent:
        await holding.wait()
        agent.stop()
        going_on.set()
    assert switch.state.ports["p1"].description == "x"
    assert service.converged("sw1", 1)


class TestPins:
    async def test_the_first_contact_is_pinned_and_shown_and_another_device_is_not_touched(self, tmp_path, service):
        switch, other = FakeSwitch(BARE), FakeSwitch(BARE, identity="SHA256:two")
        service.assign(desired("sw1", 1, WANTED), profile=PROFILE)
        async with running(tmp_path, Rack(sw1=switch), service):
            await service.until(lambda: service.condition("sw1", "Identified") == (True, "Pinned"))
        assert [report.identity for report in service.of("sw1") if report.identity] == [{"ssh_host_key": "SHA256:one"}]
        async with running(tmp_path, Rack(sw1=other), service):
            await service.until(lambda: service.condition("sw1", "Identified") == (False, "WrongDevice"))
        assert other.calls["read"] == 0
        # A device that was replaced is accepted by declaring its key.
        identity = Identity(ssh_host_key="SHA256:two")
        service.assign(desired("sw1", 2, WANTED), profile=PROFILE, identity=identity)
        async with running(tmp_path, Rack(sw1=other), service):
            await service.until(lambda: service.converged("sw1", 2))
        assert service.condition("sw1", "Identified") == (True, "Pinned")

    async def test_a_key_that_was_declared_beforehand_is_asked_for_at_first_contact(self, tmp_path, service):
        switch = FakeSwitch(BARE, identity="SHA256:two")
        service.assign(desired("sw1", 1, WANTED), profile=PROFILE, identity=Identity(ssh_host_key="SHA256:one"))
        async with running(tmp_path, Rack(sw1=switch), service):
            await service.until(lambda: service.condition("sw1", "Reachable") == (False, "WrongDevice"))
        assert switch.writes == 0

    @pytest.mark.parametrize(("serial", "fine"), [("ABC", True), ("abc ", True), ("XYZ", False)])
    async def test_a_declared_serial_number_is_looked_at_before_anything_is_written(
        self, tmp_path, service, serial, fine
    ):
        switch = FakeSwitch(BARE)
        switch.facts = {"dmi": {"system": {"serial_number": "ABC"}}}
        profile = replace(PROFILE, identity=("serial",))
        service.assign(desired("sw1", 1, WANTED), profile=profile, identity=Identity(serial=serial))
        async with running(tmp_path, Rack(sw1=switch), service):
            if fine:
                await service.until(lambda: service.converged("sw1", 1))
            else:
                await service.until(lambda: service.condition("sw1", "Identified") == (False, "WrongDevice"))
        assert bool(switch.writes) is fine


async def test_the_next_access_is_tried_where_the_first_is_dead(tmp_path, service):
    switch, dead = FakeSwitch(BARE), FakeSwitch(BARE)
    dead.faults["open"] = Unreachable("no route")
    access = ("ssh://root@dead", "ssh://root@alive")
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE, access=access)
    async with running(tmp_path, Rack(dead=dead, alive=switch), service):
        await service.until(lambda: service.converged("sw1", 1))


async def test_a_password_in_an_access_is_refused(tmp_path, service):
    service.assign(desired("sw1", 1, WANTED), profile=PROFILE, access=("ssh://root:secret@sw1",))
    async with running(tmp_path, Rack(), service):
        await service.until(
            lambda: service.condition("sw1", "Reachable") is not None or service.condition("sw1", "Converged")
        )
    assert service.condition("sw1", "Converged") == (False, "Unsupported")
