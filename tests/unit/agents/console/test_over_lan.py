"""The console that a controller carries: who it is, is remembered, and looked at before it is told a secret."""

import asyncio
import types
from dataclasses import replace

import asyncssh
import pytest

from agents.console.sources import source_of
from agents.secrets import Secrets
from agents.settings import SecretRule
from device_profiles.documents import Identity
from drivers.errors import SecretRefused, WrongDevice
from drivers.line.holding import Holder
from pointsman.twins.redfish.service import PASSWORD, USER
from pointsman.twins.web import certificate
from tests.unit.agents.console.assigned import ASSIGNMENT
from tests.unit.drivers.line.sol_manager import Manager, serving

pytestmark = pytest.mark.unit

VARIABLES = {"POINTSMAN_SECRET_BMC": PASSWORD, "POINTSMAN_SECRET_SW1": "of-the-device"}


class Pins:
    """What is known of one node."""

    def __init__(self, **members):
        self.members = members

    def known(self, node, *, declared, pinned):
        return dict(self.members)

    async def learn(self, node, members, *, access):
        self.members |= members


@pytest.fixture
async def reached():
    async with serving(Manager(), asyncssh.generate_private_key("ssh-ed25519")) as found:
        found.manager.tell(SSH={"ServiceEnabled": True, "Port": found.port})
        yield found


def desk(pins):
    rule = SecretRule(name="env:POINTSMAN_SECRET_*", hosts=("127.0.0.1",))
    return types.SimpleNamespace(secrets=Secrets(folder=None, rules=[rule], environment=VARIABLES), pins=pins)


def assigned(reached, credentials, **options):
    query = "&".join(f"{name}={value}" for name, value in options.items())
    url = f"sol+redfish+https://{USER}@127.0.0.1:{reached.access.port}/TW1-B1?{query}"
    return replace(ASSIGNMENT, access=(url,), credentials=credentials, identity=Identity())


async def said(source):
    has = await source.open()
    async with has.line.hold(Holder("ana", person=True), wait_s=1) as stream:
        await stream.send(b"\r")
        async with asyncio.timeout(5):
            text = await stream.receive()
    await has.give_back()
    return text


async def test_a_controller_is_remembered_and_another_one_is_told_nothing(reached):
    pins = Pins()
    assignment = assigned(reached, "env:POINTSMAN_SECRET_BMC")
    assert b"vde$" in await said(await source_of(assignment, desk(pins)))
    assert pins.members == {"controller": reached.proof}
    assert b"vde$" in await said(await source_of(assignment, desk(pins)))
    other = desk(Pins(controller=certificate("somebody else").fingerprint))
    with pytest.raises(WrongDevice):
        await said(await source_of(assignment, other))


async def test_a_controller_may_have_a_secret_of_its_own(reached):
    assignment = assigned(reached, "env:POINTSMAN_SECRET_SW1", login="env:POINTSMAN_SECRET_BMC")
    source = await source_of(assignment, desk(Pins()))
    assert b"vde$" in await said(source)
    assert VARIABLES["POINTSMAN_SECRET_SW1"] in source.texts
    with pytest.raises(SecretRefused):
        await source_of(assigned(reached, "env:POINTSMAN_SECRET_SW1", login="env:PATH"), desk(Pins()))


async def test_a_node_that_is_the_controller_itself_is_known_already(reached):
    url = f"redfish+https://{USER}@127.0.0.1:{reached.access.port}/TW1-B1"
    assignment = replace(ASSIGNMENT, access=(url,), credentials="env:POINTSMAN_SECRET_BMC")
    pins = Pins(tls_certificate=reached.certificate)
    assert b"vde$" in await said(await source_of(assignment, desk(pins)))
    assert pins.members["controller"] == reached.proof
    with pytest.raises(WrongDevice):
        await said(await source_of(assignment, desk(Pins(tls_certificate=certificate("somebody else").fingerprint))))
