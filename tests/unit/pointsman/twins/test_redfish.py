"""Redfish twins on the loopback: they are logged in to over TLS, and do what a service does."""

import pytest

from device_profiles.profile import load_profiles
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.registry import make_driver
from drivers.transports import open_connection
from pointsman.twins.redfish.rack import RedfishRack

pytestmark = pytest.mark.unit


async def opened(twin):
    return await open_connection(
        parse_access(twin.access),
        credential=Credential(name="file:twins.key", text=twin.secret),
        pin=twin.identity,
        timeout_s=3.0,
    )


@pytest.mark.parametrize(
    ("profile", "names", "section", "keys"),
    [
        ("redfish", ["chassis1", "chassis2"], "slots", ["1", "2", "3"]),
        ("redfish_pdu", ["pdu1", "pdu2"], "outlets", ["A1", "A2", "A3", "A4", "B5", "B6", "B7", "B8"]),
        ("swordfish", ["san-1", "san-2"], "volumes", ["web-07-root"]),
    ],
)
async def test_a_rack_answers(profile, names, section, keys):
    async with RedfishRack(2, profile=profile, blades=2) as rack:
        assert [twin.name for twin in rack.nodes] == names
        for twin in rack.nodes:
            connection = await opened(twin)
            driver = make_driver(connection, load_profiles()[profile])
            assert list(getattr(await driver.read(()), section)) == keys
            await driver.close()
            await connection.close()
            assert twin.service.tokens == {}
            assert twin.writes == 0
