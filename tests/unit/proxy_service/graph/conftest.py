"""A site of two switches, and the world around them."""

import pytest

from tests.unit.proxy_service.graph.sights import World
from tests.unit.proxy_service.site import Site


@pytest.fixture
async def world(site: Site) -> World:
    await site.rack("sw1", "sw2")
    return World(site, await site.agent())
