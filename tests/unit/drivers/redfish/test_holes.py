"""Services with holes, nulls and wrong types anywhere: an error of ours or a warning, and no other exception."""

import copy
import random

import orjson
import pytest

from device_profiles.profile import FOLDER, load_profile
from drivers.errors import DeviceError
from drivers.redfish.service import Service
from drivers.redfish.signs import look
from drivers.registry import make_driver
from drivers.rest.messages import Response
from pointsman.twins.redfish.array import StorageArray
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.pdu import RackPdu
from pointsman.twins.redfish.service import Direct

pytestmark = pytest.mark.unit

JUNK = [
    None,
    [],
    {},
    "",
    "x",
    7,
    -1,
    True,
    [None, 7, "x", {}],
    {"@odata.id": 5},
    {"@odata.id": "//evil/x"},
    "\x00\x1b[31m",
]
TWINS = {"redfish": Enclosure, "redfish_pdu": RackPdu, "swordfish": StorageArray}


class Holed(Direct):
    """What a twin answers, with some of it spoilt; the same each time that it is asked."""

    def __init__(self, service, *, seed):
        super().__init__(service)
        self.seed = seed
        self.share = (0.005, 0.03, 0.15)[seed % 3]

    async def exchange(self, request):
        response = await super().exchange(request)
        chance = random.Random(f"{self.seed}{request.path}")
        if chance.random() < self.share / 3:
            return Response(status=chance.choice([401, 403, 404, 500, 503]), body=b"<html>")
        if response.status != 200:
            return response
        return Response(status=200, body=orjson.dumps(self.spoilt(orjson.loads(response.body), chance)))

    def spoilt(self, value, chance):
        if chance.random() < self.share:
            return copy.deepcopy(chance.choice(JUNK))
        if isinstance(value, dict):
            return {key: self.spoilt(each, chance) for key, each in value.items() if chance.random() > self.share}
        if isinstance(value, list):
            return [self.spoilt(each, chance) for each in value]
        return value


@pytest.mark.parametrize("name", TWINS)
async def test_nothing_but_our_own_errors_comes_of_it(name):
    profile = load_profile(FOLDER / f"{name}.toml")
    said = []
    for seed in range(60):
        twin = TWINS[name]()
        twin.expands = seed % 2 == 0
        connection = Holed(twin, seed=seed)
        driver = make_driver(connection, profile)
        asks = (
            lambda: look(Service(connection, timeout_s=1.0)),  # noqa: B023 -- asked at once
            lambda: driver.read(()),  # noqa: B023
            lambda: driver.operation(()),  # noqa: B023
            driver.facts,
            driver.links,
        )
        for ask in asks:
            try:
                await ask()
                said.append("")
            except DeviceError as error:
                said.append(str(error))
    assert said.count("") > 60
    assert all(each.isprintable() for each in said)
