"""The real agent with a twin of an array: what waits for somebody is done when they are gone, and nothing is lost."""

from dataclasses import replace

import pytest

from device_profiles.profile import load_profiles
from device_profiles.state import Export, State, Volume
from drivers.conformance.memory import MemoryConnection
from drivers.vendors.tgt.driver import Tgt
from pointsman.twins import shell
from pointsman.twins.arrays.host import GIB
from pointsman.twins.arrays.tgt import TgtHost
from tests.unit.agents.agent import desired, running
from tests.unit.agents.services import FakeService

pytestmark = pytest.mark.unit

PROFILE = replace(load_profiles()["tgt"], poll_s=0.01)
NODE = "sw1"  # the host that the agent of these tests may send secrets to
HOST = "iqn.2024-01.example:web-07"
MIB = 1 << 20
VOLUMES = {"root": Volume(size=64 * MIB, pool="tank")}
WEB = State(volumes=VOLUMES, exports={"web-07": Export(initiators=(HOST,), luns={1: "root"})})


class Arrays:
    """Opens one twin, whatever is asked for."""

    def __init__(self) -> None:
        self.host = TgtHost()

    async def open_driver(self, access, *, profile, credential, pin):
        del access, credential, pin
        connection = MemoryConnection(self._start)
        return Tgt(connection, profile), connection

    def _start(self, command, stream):
        del command
        stream.talk = shell.talk(self.host)


@pytest.fixture
def service():
    return FakeService()


@pytest.fixture
def rack():
    return Arrays()


def converged(service, reason):
    return lambda: service.condition(NODE, "Converged") == (reason == "Verified", reason)


async def test_a_release_waits_for_a_session_and_is_done_when_it_ends(tmp_path, rack, service):
    service.assign(desired(NODE, 1, WEB), profile=PROFILE)
    async with running(tmp_path, rack, service, poll_s=0.01):
        await service.until(lambda: service.converged(NODE, 1))
        assert rack.host.log_in("web-07", HOST)
        service.assign(desired(NODE, 2, State()), profile=PROFILE)
        await service.until(converged(service, "ReleaseBlocked"))
        assert rack.host.target_of("web-07").names == [HOST]
        rack.host.log_out("web-07", HOST)  # no file, target or mask changes by that
        await service.until(converged(service, "Verified"))
    assert rack.host.targets == {}
    assert f"{rack.host.root}/tank/root" in rack.host.files


async def test_what_a_restart_emptied_is_made_again(tmp_path, rack, service):
    service.assign(desired(NODE, 1, WEB), profile=PROFILE)
    async with running(tmp_path, rack, service, poll_s=0.01):
        await service.until(lambda: service.converged(NODE, 1))
        rack.host.files[f"{rack.host.root}/tank/root"].data = b"what a machine wrote"
        rack.host.restart()
        await service.until(lambda: rack.host.log_in("web-07", HOST))
    assert rack.host.files[f"{rack.host.root}/tank/root"].data == b"what a machine wrote"


async def test_what_cannot_be_is_a_condition_and_the_rest_is_done(tmp_path, rack, service):
    huge = replace(WEB, volumes={**VOLUMES, "huge": Volume(size=99 * GIB, pool="tank")})
    service.assign(desired(NODE, 1, huge), profile=PROFILE)
    async with running(tmp_path, rack, service, poll_s=0.01):
        await service.until(converged(service, "PoolFull"))
        assert rack.host.log_in("web-07", HOST)
        rack.host.pools["tank"] = 200 * GIB  # somebody makes room
        await service.until(lambda: service.converged(NODE, 1))
    assert rack.host.files[f"{rack.host.root}/tank/huge"].size == 99 * GIB


async def test_a_larger_volume_stays_as_it_is_and_says_so(tmp_path, rack, service):
    service.assign(desired(NODE, 1, WEB), profile=PROFILE)
    smaller = replace(WEB, volumes={"root": Volume(size=MIB, pool="tank")})
    async with running(tmp_path, rack, service, poll_s=0.01):
        await service.until(lambda: service.converged(NODE, 1))
        service.assign(desired(NODE, 2, smaller), profile=PROFILE)
        await service.until(converged(service, "NotAllowed"))
        assert rack.host.files[f"{rack.host.root}/tank/root"].size == 64 * MIB
        service.assign(desired(NODE, 3, smaller, allow=("data_loss",)), profile=PROFILE)
        await service.until(lambda: service.converged(NODE, 3))
    assert rack.host.files[f"{rack.host.root}/tank/root"].size == MIB
