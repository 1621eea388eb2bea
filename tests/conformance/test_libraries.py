"""The suite, once for each library: faults are injected into the byte stream under netmiko, NAPALM and ncclient.

netmiko sleeps between looking whether something came; here it sleeps a hundredth of that, or this would take minutes.
What is left of seconds is the suite waiting for a device that says nothing more after a fault.
"""

from dataclasses import replace

import pytest

from device_profiles.profile import load_profiles
from drivers.conformance import SUITE, Ground, Subject, Verdict, judge
from pointsman.subjects.cisco_ios import switch
from pointsman.twins.languages.bench import StartingBench
from pointsman.twins.languages.junos import PORTS as JUNOS_PORTS
from tests.unit.drivers.libraries.eos_twin import EosBench
from tests.unit.drivers.libraries.junos_twin import JunosBench
from tests.unit.drivers.libraries.twin import PASSWORD, PROFILE, WithInterfaces

pytestmark = [pytest.mark.conformance, pytest.mark.usefixtures("brisk")]

PORTS = tuple(f"Ethernet{number}" for number in range(7, 13))
WRITES = "nothing on this"


def subject(profile, bench, **more):
    # A device that says nothing more is waited for as long as a command may take.
    brief = replace(profile, command_timeout_s=3.0)
    given = {"ground": Ground(), "secrets": (PASSWORD.password,), "few": True} | more
    return Subject(profile=brief, open=bench.open, reset=bench.reset, writes=bench.writes, **given)


def ios_like(profile):
    bench = StartingBench(lambda: switch("cisco_ios"), WithInterfaces)
    return subject(profile, bench, login=bench.login, restart=bench.restart)


def eos():
    bench = EosBench()
    return subject(load_profiles()["napalm_eos"], bench, ground=Ground(ports=PORTS), later=bench.later)


def junos():
    """Over NETCONF; of the getters only those that the twin answers."""
    bench, whole = JunosBench(), load_profiles()["napalm_junos"]
    able = ("ports.description", "ports.enabled", "operation", "confirmed_commit")
    profile = replace(whole, capabilities=able, quirks={**whole.quirks, "getters": ["interfaces"]})
    return subject(profile, bench, ground=Ground(ports=JUNOS_PORTS[-6:]), later=bench.later, login=bench.login)


READING = {"netmiko": lambda: ios_like(PROFILE), "napalm": lambda: ios_like(load_profiles()["napalm_ios"])}
CHANGING = [promise for promise in SUITE if promise.excuse(READING["napalm"]())]


ALL = {**READING, "ncclient": junos}


@pytest.mark.parametrize("promise", SUITE, ids=lambda promise: promise.name)
@pytest.mark.parametrize("library", ALL)
async def test_promise(library, promise):
    outcome = await judge(promise, ALL[library]())
    if outcome.verdict is Verdict.NOT_ASKED:
        assert "declare" in outcome.why or WRITES in outcome.why
    else:
        assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "")


@pytest.mark.parametrize("promise", CHANGING, ids=lambda promise: promise.name)
async def test_promise_of_what_can_be_changed(promise):
    """What a device that is only read is not asked for, tried on one with a candidate and a commit timer."""
    outcome = await judge(promise, eos())
    if outcome.verdict is Verdict.NOT_ASKED:
        assert "declare" in outcome.why
    else:
        assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "")
