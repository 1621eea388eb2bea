"""The suite on real Open vSwitch: what makes its profile `proven`."""

import asyncio
from dataclasses import replace

import pytest

from device_profiles.catalogue import all_profiles
from drivers import levels
from drivers.access import parse_access
from drivers.conformance import Ground, Subject, Verdict, run
from drivers.conformance.reached import reached
from drivers.credentials import Credential
from drivers.transports import ssh
from pointsman.lab import Lab, layout, network, reach

pytestmark = pytest.mark.lab

PROFILE = all_profiles()["openvswitch"]
SWITCH = "sw1"


def subject_of(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Subject:
    """A switch of the lab, as `driver test --against` has it, and with the lab's write counter."""
    address = layout.device(SWITCH)
    assert address is not None

    async def connect(access, *, credential, pin, timeout_s):
        namespace = network.namespace_path(lab.namespace("mgmt"))
        sock = await asyncio.to_thread(reach.connect, namespace, (access.host, access.port))
        sock.setblocking(False)
        return await ssh.connect(access, credential=credential, pin=pin, timeout_s=timeout_s, sock=sock)

    async def writes():
        return await asyncio.to_thread(lab.writes, SWITCH)

    monkeypatch.setattr("drivers.conformance.reached.open_connection", connect)
    credential = Credential(name="file:lab.key", text=lab.key_path.read_text())
    ground = Ground(ports=("p5", "p6", "p7", "p8"), lag="lag9", prompt="#0000 0")
    return replace(reached(PROFILE, parse_access(f"ssh://root@{address.address}"), credential, ground), writes=writes)


async def test_every_promise_is_kept_on_real_open_vswitch(fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = subject_of(fresh_lab, monkeypatch)
    outcomes = [outcome async for outcome in run(subject)]
    broken = {outcome.promise.name: outcome.why for outcome in outcomes if outcome.verdict is not Verdict.KEPT}
    assert {name: why for name, why in broken.items() if "declare" not in why} == {}
    real = levels.evidence(PROFILE.name).real
    assert real.whole
    assert real.kept <= len(outcomes) - len(broken)
    assert real.source.startswith("Open vSwitch on Linux ")
