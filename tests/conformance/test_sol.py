"""Promises over serial-over-LAN: a switch at the far end of a controller's port, by IPMI as it is spoken."""

import pytest

from device_profiles.catalogue import all_profiles
from drivers.access import parse_access
from drivers.conformance import SUITE, Ground, Subject, Verdict, judge
from drivers.credentials import Credential
from drivers.transports import open_connection
from pointsman.subjects.vde_switch import GRAMMAR
from pointsman.twins.ipmi.serving import SECRET, serving

pytestmark = pytest.mark.conformance

ASKED = ("writes-nothing-when-equal", "undo-restores")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("drivers.cli.login._QUIET_S", 0.02)
    monkeypatch.setattr("drivers.giving_way.QUIET_S", 0.0)


@pytest.mark.parametrize("promise", [each for each in SUITE if each.name in ASKED], ids=lambda promise: promise.name)
async def test_promise_over_serial_over_lan(promise):
    async with serving(1, "--serial") as controllers:
        access = parse_access(f"sol+{controllers.twins[0].access}")
        secret = Credential(name="file:bmc", text=SECRET)

        async def writes():
            return (await controllers.ask(0))["writes"]

        async def reach():
            return await open_connection(access, credential=secret, pin=None, timeout_s=5)

        subject = Subject(
            profile=all_profiles()["vde_switch"],
            ground=Ground(ports=("5", "6", "7"), prompt="vde$"),
            open=reach,
            writes=writes,
            proves=False,
            grammar=GRAMMAR,
            few=True,
        )
        outcome = await judge(promise, subject)
    assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "")
