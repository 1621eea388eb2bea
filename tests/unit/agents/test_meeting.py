"""An agent that kept its node with a service of its own meets the site's: it hands over what it kept, and obeys."""

import asyncio
import base64
import contextlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agents.attaching import Attached
from agents.client import NotWelcome, Refused
from agents.meeting import Meeting
from agents.process import Agent
from agents.starting import AgentError
from agents.store import Store, kept
from device_profiles.signing import KeyLink
from device_profiles.state import EMPTY, Port, State, Vlan
from tests.unit.agents.agent import desired, settings
from tests.unit.agents.devices import PROFILE, FakeSwitch, Rack
from tests.unit.agents.services import FakeService, Seal

pytestmark = pytest.mark.unit

ATTACHED = Attached(node="sw1", profile="toy", access=("ssh://root@sw1",))
BARE = State(ports={"p1": Port(), "p2": Port()})
WANTED = State(ports={"p1": Port(mode="access", access_vlan=30)}, vlans={30: Vlan(name="storage"), 31: Vlan()})


class SitesSeal(Seal):
    """The key and the epoch of another service."""

    def __init__(self) -> None:
        super().__init__()
        self._key = Ed25519PrivateKey.generate()
        self._public = self._key.public_key().public_bytes_raw()
        self.epoch = "site"
        self.links = (KeyLink(key=base64.b64encode(self._public).decode()),)


def a_service(seal: Seal) -> FakeService:
    service = FakeService()
    service.seal = seal
    return service


def new_agent(folder, switch, service, *, offline=False, meeting=None):
    return Agent(
        settings(folder, poll_s=0.01),
        join_token="join",
        attached=ATTACHED,
        offline=offline,
        meeting=meeting,
        open_driver=Rack(sw1=switch).open_driver,
        open_service=service.client,
    )


@contextlib.asynccontextmanager
async def an_agent(folder, switch, service, **more):
    agent = new_agent(folder, switch, service, **more)
    task = asyncio.create_task(agent.run())
    try:
        yield agent
    finally:
        agent.stop()
        await task


@pytest.fixture
def switch() -> FakeSwitch:
    return FakeSwitch(BARE)


@pytest.fixture
async def own(tmp_path, switch) -> FakeService:
    """The agent's own service, to which it has told everything, at its third generation."""
    service = a_service(Seal())
    async with an_agent(tmp_path, switch, service, offline=True) as agent:
        for generation, state in ((2, EMPTY), (3, WANTED)):
            service.assign(desired("sw1", generation, state), profile=PROFILE)
            await service.until(lambda generation=generation: service.converged("sw1", generation))
        switch.by_hand("ports", "p1", access_vlan=1)
        await service.until(lambda: sum(bool(r.record and r.record.steps) for r in service.of("sw1")) == 2)
        await agent.all_told()
    return service


@pytest.fixture
def site() -> FakeService:
    """The site's service: it has declared nothing for the node."""
    service = a_service(SitesSeal())
    service.assign(desired("sw1", 1, EMPTY), profile=PROFILE)
    return service


def passes_of(service):
    return [report.record for report in service.of("sw1") if report.record is not None]


async def test_what_was_kept_is_handed_over_once_and_with_its_times(tmp_path, switch, own, site):
    told = []
    async with an_agent(tmp_path, switch, site, meeting=Meeting(told=lambda count: told.append(count) or True)):
        await site.until(lambda: site.converged("sw1", 1))
    offline = [record for record in passes_of(site) if record.offline]
    assert [replace(record, offline=False) for record in offline] == passes_of(own)
    assert told == [len(offline)]
    assert {report.at for report in own.of("sw1") if report.record} <= {report.at for report in site.of("sw1")}
    assert site.attached[0][0] == "sw1"
    again = dict(site.reports)
    async with an_agent(tmp_path, switch, site) as agent:
        await site.until(lambda: site.seen)
        await agent.all_told()
    assert [record for record in passes_of(site) if record.offline] == offline
    assert site.repeated == []
    assert again.items() <= site.reports.items()


async def test_nothing_is_taken_back_where_nothing_is_declared_and_no_service_is_behind(tmp_path, switch, own, site):
    before, writes = switch.state, switch.writes
    async with an_agent(tmp_path, switch, site):
        await site.until(lambda: site.converged("sw1", 1))
        await site.until(lambda: site.condition("sw1", "Converged") is not None)
    assert (switch.state, switch.writes) == (before, writes)
    assert site.standings == []
    assert site.condition("sw1", "Converged") == (True, "Verified")
    offline = [report for report in site.of("sw1") if report.record is not None and report.record.offline]
    assert {report.converged_generation for report in offline} == {None}, "numbers of another count prove nothing"
    observed = [report.observed for report in site.of("sw1") if report.observed is not None]
    assert observed[-1].vlans == WANTED.vlans
    assert [entry for report in site.of("sw1") for entry in report.ledger or ()] == []


async def test_what_is_declared_at_the_service_as_well_goes_on_and_is_still_ours(tmp_path, switch, own, site):
    site.documents.clear()
    site.assign(desired("sw1", 1, WANTED), profile=PROFILE)
    writes = switch.writes
    async with an_agent(tmp_path, switch, site, meeting=Meeting(declared=True)):
        await site.until(lambda: site.converged("sw1", 1))
        assert switch.writes == writes
        site.assign(desired("sw1", 2, State(ports={"p1": Port(access_vlan=1)})), profile=PROFILE)
        await site.until(lambda: site.converged("sw1", 2))
    assert 30 not in switch.state.vlans, "we made it, and nobody declares it any more"


async def test_what_was_seen_offline_is_seen_since_then(tmp_path, switch, own, site):
    seen = next(report for report in own.of("sw1") if report.links)
    async with an_agent(tmp_path, switch, site):
        await site.until(lambda: site.converged("sw1", 1))
    first = next(report for report in site.of("sw1") if report.links is not None)
    assert (first.links, first.at) == (seen.links, seen.at)


async def test_a_service_that_is_away_or_refuses_the_node_loses_nothing(tmp_path, switch, own, site, monkeypatch):
    site.go()
    async with an_agent(tmp_path, switch, site):
        await asyncio.sleep(0)
    assert site.enrolments == []
    site.come()

    async def refuses(agent, node, body):
        raise Refused("the node sw1 is at another location")

    with monkeypatch.context() as patched:
        patched.setattr(site, "attach", refuses)
        with pytest.raises(ExceptionGroup) as group:
            await new_agent(tmp_path, switch, site).run()
    assert group.group_contains(AgentError, match="another location", depth=None)
    assert site.reports == {}
    site.lose_next_answer = True
    async with an_agent(tmp_path, switch, site):
        await site.until(lambda: site.converged("sw1", 1))
    assert [replace(record, offline=False) for record in passes_of(site) if record.offline] == passes_of(own)
    assert len(site.enrolments) == 1


async def test_a_service_that_was_left_before_it_was_told_anything_is_not_waited_for(tmp_path, switch, own, site):
    """The wrong one was named first, and took the agent, but not its node."""
    wrong = a_service(SitesSeal())

    async def refuses(agent, node, body):
        raise Refused("the node sw1 is seen as another")

    wrong.attach = refuses
    with pytest.raises(ExceptionGroup):
        await new_agent(tmp_path, switch, wrong).run()
    attach, known = site.attach, []

    async def knows(agent, node, body):
        if len(site.enrolments) == 0:
            known.append(node)
            raise NotWelcome("the token is not known")
        await attach(agent, node, body)

    site.attach = knows
    async with an_agent(tmp_path, switch, site):
        await site.until(lambda: site.converged("sw1", 1))
    assert (known, len(site.enrolments), wrong.reports) == (["sw1"], 1, {})
    assert [replace(record, offline=False) for record in passes_of(site) if record.offline] == passes_of(own)


async def test_who_is_offline_and_who_has_joined_is_not_mixed_up(tmp_path, switch, own, site):
    with pytest.raises(AgentError, match="was kept with no service"):
        await Agent(settings(tmp_path), join_token="join", open_service=site.client).run()
    async with an_agent(tmp_path, switch, site):
        await site.until(lambda: site.converged("sw1", 1))
    with pytest.raises(AgentError, match="has joined a service"):
        await Agent(settings(tmp_path), offline=True, open_service=own.client).run()


async def test_of_what_was_told_often_only_the_newest_is_kept(tmp_path):
    async with Store(tmp_path / "agent.db") as store:

        def fill(db):
            assert kept.begin(db)
            for number in range(5):
                body = b'{"fence":1,"node":"sw1","at":"2026-11-20T10:00:0%dZ","observed":{},"observed_hash":"%d"}'
                db.execute(
                    "INSERT INTO outbox (node, kind, body) VALUES ('sw1', 'status', ?)", (body % (number, number),)
                )
            kept.keep_through(db, 4)
            return db.execute("SELECT seq, part FROM kept").fetchall()

        assert await store.write(fill) == [(4, "observed")]
