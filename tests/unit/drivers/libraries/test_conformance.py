"""The suite, once for each library: faults are injected into the byte stream under netmiko and under NAPALM.

netmiko sleeps between looking whether something came; here it sleeps a hundredth of that, or this would take minutes.
What is left of seconds is the suite waiting for a device that says nothing more after a fault.
"""

import time
import types
from dataclasses import replace

import netmiko.base_connection
import netmiko.cisco_base_connection
import pytest

from device_profiles.profile import load_profiles
from drivers.conformance import SUITE, Ground, Subject, Verdict, judge
from pointsman.subjects.cisco_ios import _Bench
from pointsman.twins.languages.terminal import Terminal
from tests.unit.drivers.libraries.twin import PASSWORD, PROFILE, WithInterfaces

pytestmark = pytest.mark.unit

PROFILES = {
    library: replace(profile, command_timeout_s=3.0)  # a device that says nothing more is waited for that long
    for library, profile in (("netmiko", PROFILE), ("napalm", load_profiles()["napalm_ios"]))
}
WRITES = "nothing on this"


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    hurried = types.SimpleNamespace(time=time.time, sleep=lambda seconds: time.sleep(min(seconds / 100, 0.002)))
    for module in (netmiko.base_connection, netmiko.cisco_base_connection):
        monkeypatch.setattr(module, "time", hurried)


class Bench(_Bench):
    """The IOS-like twin, with the table that NAPALM asks for."""

    def start(self, command, stream):
        terminal = Terminal(WithInterfaces(self.switch))
        stream.talk = terminal.feed
        stream.push(terminal.greet())


def subject(profile):
    bench = Bench("cisco_ios")
    return Subject(
        profile=profile,
        ground=Ground(),
        open=bench.open,
        reset=bench.reset,
        writes=bench.writes,
        restart=bench.restart,
        login=bench.login,
        secrets=(PASSWORD.password,),
        few=True,
    )


@pytest.mark.parametrize("promise", SUITE, ids=lambda promise: promise.name)
@pytest.mark.parametrize("library", PROFILES)
async def test_promise(library, promise):
    outcome = await judge(promise, subject(PROFILES[library]))
    if outcome.verdict is Verdict.NOT_ASKED:
        assert "declare" in outcome.why or WRITES in outcome.why
    else:
        assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "")
