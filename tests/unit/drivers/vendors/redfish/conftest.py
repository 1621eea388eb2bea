"""The enclosure twin, and the driver on it."""

from dataclasses import replace

import pytest

from device_profiles.profile import FOLDER, load_profile
from drivers.vendors.redfish.driver import Redfish
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.service import Direct


@pytest.fixture
def profile():
    found = load_profile(FOLDER / "redfish.toml")
    return replace(found, quirks={**found.quirks, "done_within_s": 0.2})


@pytest.fixture
def twin():
    return Enclosure()


@pytest.fixture
def driver(twin, profile):
    return Redfish(Direct(twin), profile)
