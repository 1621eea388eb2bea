"""A device kept at a declaration with no service but the one that comes with the agent."""

import asyncio

import pytest

from device_profiles.profile import load_profiles
from drivers.access import parse_access
from pointsman.attach.finding import find
from pointsman.attach.joining import Joining
from pointsman.attach.offline import LOCATION, keep_offline
from pointsman.lab.relay import Relay, TalkingFar
from pointsman.twins.vde import Console, Seat, Vde

pytestmark = pytest.mark.unit

DOCUMENT = b"""
roles:
  storage:
    attach: {nodes: [con1]}
    state:
      vlans: {30: {name: storage}}
      ports:
        "1": {mode: access, access_vlan: 30}
        "24": {mode: trunk, native_vlan: none, trunk_vlans: [30]}
"""


async def test_a_declaration_is_on_the_device_and_is_there_again_the_next_time(tmp_path):
    """Some seconds: a service and an agent start twice."""
    device = Vde(ports={1: Seat(plugged=True), 24: Seat(plugged=True)})
    relay = Relay(TalkingFar(Console(lambda: device).feed), speed=115200)
    running = asyncio.create_task(relay.run())
    try:
        access = parse_access(f"serial:{relay.path}?baud=115200")
        found = await find(access, known=load_profiles(), profile=None, credential=None)
        joining = Joining(agent="laptop", location=LOCATION, service="", data_dir=tmp_path / "laptop")
        for _ in range(2):
            code = await keep_offline(
                found, "con1", joining=joining, credential=None, document=DOCUMENT, once=True, wait_s=20
            )
            assert code == 0
            assert (device.ports[1].untagged, device.ports[24].untagged, device.tagged[30]) == (30, 4095, {24})
            device.set_vlan(1, 0)
        assert device.ports[1].untagged == 0
    finally:
        running.cancel()
        await asyncio.wait({running})
