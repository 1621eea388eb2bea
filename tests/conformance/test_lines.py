"""The suite over a serial line: once for each deep command line, at 9600 baud on a virtual clock.

A line outlives its sessions: each of the suite's drivers finds it as the one before left it, faults and all. And a few
promises at real 9600 baud, through the lab's relay.
"""

import asyncio
import dataclasses

import pytest

from device_profiles.catalogue import all_profiles
from drivers.conformance import SUITE, Verdict, judge
from drivers.line.tty import open_tty
from pointsman.lab.relay import Relay, TalkingFar
from pointsman.subjects import factory
from pointsman.twins.vde import Console, Seat, Vde
from tests.conformance.lines import SPEED, line_to, on_a_line, over

pytestmark = pytest.mark.conformance

PROFILES = all_profiles()
DEEP = ("cisco_ios", "juniper_junos", "hp_comware", "openvswitch", "vde_switch")
OTHERWISE = ("this device is reached without a login", "nothing on this device switches", "nothing on this")
ON_ONE_LINE = [each for each in SUITE if each.name != "keeps-a-safe-order"]
"""That one looks at the device over a second session while the first is in the middle of a command."""
AT_SPEED = ("reads-all-it-declares", "undo-restores")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("drivers.cli.login._QUIET_S", 0.002)
    monkeypatch.setattr("drivers.giving_way.QUIET_S", 0.0)


@pytest.mark.parametrize("promise", ON_ONE_LINE, ids=lambda promise: promise.name)
@pytest.mark.parametrize("name", DEEP)
async def test_promise_over_a_line(name, promise):
    # A line carries one session, so nobody can watch beside it.
    whole = PROFILES[name]
    profile = dataclasses.replace(whole, capabilities=tuple(each for each in whole.capabilities if each != "watch"))
    async with factory(profile.driver)(profile) as subject, on_a_line(subject) as (on_line, _):
        outcome = await judge(promise, on_line)
    if outcome.verdict is Verdict.NOT_ASKED:
        assert "declare" in outcome.why or outcome.why.startswith(OTHERWISE)
    else:
        assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "")


@pytest.mark.parametrize("promise", [each for each in SUITE if each.name in AT_SPEED], ids=lambda promise: promise.name)
async def test_promise_at_9600_baud_through_the_relay(promise):
    profile = PROFILES["vde_switch"]
    device = Vde(numports=12, ports={1: Seat(untagged=10, plugged=True)}, tagged={0: set(), 10: set()})
    relay = Relay(TalkingFar(Console(lambda: device).feed), speed=SPEED)
    running = asyncio.create_task(relay.run())
    try:
        async with factory(profile.driver)(profile) as subject, line_to(await open_tty(relay.path)) as line:

            async def writes():
                return device.writes

            at_speed = dataclasses.replace(subject, open=lambda: over(line), reset=None, writes=writes, few=True)
            outcome = await judge(promise, at_speed)
    finally:
        running.cancel()
        await asyncio.wait({running})
    assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "")
