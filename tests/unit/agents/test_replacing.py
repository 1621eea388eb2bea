"""Another device in a node's place: shown, approved, and then treated as one that we never touched."""

from dataclasses import replace

import pytest

from agents.settings import SecretRule
from device_profiles.documents import Identity
from device_profiles.state import Port, State, Vlan
from tests.unit.agents.agent import desired, running
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService
from tests.unit.agents.test_requests import asked, request

pytestmark = pytest.mark.unit

COUNTING = replace(PROFILE, identity=("serial", "ssh_host_key"))
BARE = State(ports={"p1": Port()})
WANTED = State(ports={"p1": Port(mode="access", access_vlan=10)}, vlans={10: Vlan()})


def switch(serial: str, key: str, state: State = BARE) -> FakeSwitch:
    made = FakeSwitch(state, identity=key)
    made.facts = {"dmi": {"system": {"serial_number": serial}}}
    return made


async def known(tmp_path, service: FakeService, old: FakeSwitch, **more) -> None:
    """The old device converges, and is pinned."""
    service.assign(desired("sw1", 1, WANTED), profile=COUNTING, **more)
    async with running(tmp_path, Rack(sw1=old), service):
        await service.until(lambda: service.converged("sw1", 1))


@pytest.mark.parametrize(("serial", "key"), [("B1", "SHA256:two"), ("B1", "SHA256:one")])
async def test_it_is_shown_approved_and_converged(tmp_path, serial, key):
    service, new = FakeService(), switch(serial, key, State(ports={"p1": Port()}, vlans={10: Vlan()}))
    await known(tmp_path, service, switch("A1", "SHA256:one"))
    async with running(tmp_path, Rack(sw1=new), service):
        await service.until(lambda: service.condition("sw1", "Identified") == (False, "WrongDevice"))
        (seen,) = await asked(service, request("replace"))
        assert seen.ok, seen
        assert seen.body["known"] == {"serial": "A1", "ssh_host_key": "SHA256:one"}
        assert seen.body["shown"] == {"serial": serial, "ssh_host_key": key}
        assert [step["text"] for step in seen.body["plan"]["steps"]] == ["set ports p1"]
        assert new.writes == 0
        (other,) = await asked(service, request("replace", number="2", approve="0000"))
        assert (other.ok, other.reason) == (False, "NotApproved")
        assert new.writes == 0
        (taken,) = await asked(service, request("replace", number="3", approve=seen.body["approve"]))
        assert (taken.ok, taken.body["outcome"]) == (True, "changed")
        await service.until(lambda: service.condition("sw1", "Identified") == (True, "Pinned"))
    assert new.state.ports["p1"].access_vlan == 10
    assert [report.identity for report in service.of("sw1") if report.identity][-1]["serial"] == serial


async def test_what_stands_on_the_new_device_was_not_made_by_us(tmp_path):
    service = FakeService()
    new = switch("B1", "SHA256:two", State(ports={"p1": Port()}, vlans={10: Vlan()}))
    await known(tmp_path, service, switch("A1", "SHA256:one"))
    async with running(tmp_path, Rack(sw1=new), service):
        (seen,) = await asked(service, request("replace"))
        await asked(service, request("replace", number="2", approve=seen.body["approve"]))
        service.assign(desired("sw1", 2, State()), profile=COUNTING)
        await service.until(lambda: service.converged("sw1", 2))
    assert 10 in new.state.vlans, "it was there before us"


async def test_the_approval_holds_over_a_restart_though_the_service_still_tells_the_old_pins(tmp_path):
    service, new = FakeService(), switch("B1", "SHA256:two")
    old = {"serial": "A1", "ssh_host_key": "SHA256:one"}
    await known(tmp_path, service, switch("A1", "SHA256:one"), pinned=old)
    async with running(tmp_path, Rack(sw1=new), service):
        (seen,) = await asked(service, request("replace"))
        await asked(service, request("replace", number="2", approve=seen.body["approve"]))
    new.by_hand("ports", "p1", access_vlan=66)
    async with running(tmp_path, Rack(sw1=new), service):
        await service.until(lambda: new.state.ports["p1"].access_vlan == 10)


async def test_no_password_is_sent_before_the_key_was_approved(tmp_path, monkeypatch):
    monkeypatch.setenv("POINTSMAN_SECRET_SW", "canary-password")
    service, new = FakeService(), switch("B1", "SHA256:two")
    rack = Rack(sw1=new)
    rules = (SecretRule(name="*", hosts=("sw1",)),)
    await known(tmp_path, service, switch("A1", "SHA256:one"), credentials="env:POINTSMAN_SECRET_SW")
    async with running(tmp_path, rack, service, secrets=rules):
        (seen,) = await asked(service, request("replace"))
        assert seen.body["shown"] == {"ssh_host_key": "SHA256:two"}
        assert seen.body["plan"] is None
        assert not rack.credentials, "the device was asked who it is, and given nothing"
        (taken,) = await asked(service, request("replace", number="2", approve=seen.body["approve"]))
        assert taken.ok, taken
    assert new.state.ports["p1"].access_vlan == 10


async def test_what_is_declared_otherwise_is_not_approved_away(tmp_path):
    service, new = FakeService(), switch("B1", "SHA256:one")
    await known(tmp_path, service, switch("A1", "SHA256:one"), identity=Identity(serial="A1"))
    async with running(tmp_path, Rack(sw1=new), service):
        (seen,) = await asked(service, request("replace"))
    assert (seen.ok, seen.reason) == (False, "Declared")
    assert "identity.serial" in seen.message
