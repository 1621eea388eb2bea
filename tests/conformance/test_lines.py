"""The suite over a serial line: once for each deep command line, at 9600 baud on a virtual clock.

A line outlives its sessions: each of the suite's drivers finds it as the one before left it, faults and all. And a few
promises in real time through the lab's relay, one of them at 9600 baud.
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
AT_SPEED = {"reads-all-it-declares": SPEED, "undo-restores": 115200}
"""Bits a second. What is changed and taken back many times would take a minute at the lower speed."""


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
async def test_promise_at_its_speed_through_the_relay(promise):
    profile, speed = PROFILES["vde_switch"], AT_SPEED[promise.name]
    device = Vde(numports=12, ports={1: Seat(untagged=10, plugged=True)}, tagged={0: set(), 10: set()})
    relay = Relay(TalkingFar(Console(lambda: device).feed), speed=speed)
    running = asyncio.create_task(relay.run())
    try:
        async with (
            factory(profile.driver)(profile) as subject,
            line_to(await open_tty(relay.path, speed=speed)) as line,
        ):

            async def writes():
                return device.writes

            at_speed = dataclasses.replace(
                subject, open=lambda: over(line, speed=speed), reset=None, writes=writes, few=True
            )
            outcome = await judge(promise, at_speed)
    finally:
        running.cancel()
        await asyncio.wait({running})
    assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "")
