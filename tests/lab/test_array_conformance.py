"""The suite on the lab's real tgt, with machines that log in over iSCSI: what makes its profile `proven`."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from device_profiles.catalogue import all_profiles
from drivers import levels
from drivers.access import parse_access
from drivers.conformance import Ground, Subject, Verdict, run
from drivers.conformance.reached import reached
from drivers.credentials import Credential
from drivers.transports import ssh
from pointsman.lab import Lab, layout, network, reach
from tests.lab import initiator

pytestmark = pytest.mark.lab

PROFILE = all_profiles()["tgt"]
MACHINE = "h3"
PORTAL = "10.9.0.41:3260"
POOL = "/srv/tgt/tank"
NO_SWITCH = "nothing on this device switches"
PREFIX = "iqn.2026-01.pointsman:san:"
FOUND = "iqn.2020-01.example:found"
TGTADM = "tgtadm --lld iscsi"
END = rf"""{TGTADM} --mode target --op show | sed -n 's/^Target \([0-9]*\):.*/\1/p' |
while read number; do {TGTADM} --mode target --op delete --force --tid $number; done"""
BEGIN = f"""
truncate -s 16M {POOL}/found
{TGTADM} --mode target --op new --tid 1 -T {FOUND}
{TGTADM} --mode logicalunit --op new --tid 1 --lun 1 -b {POOL}/found
{TGTADM} --mode target --op bind --tid 1 -Q iqn.2020-01.example:host
"""


@dataclass
class Machines:
    """A host of the lab, under as many names as it is asked to use."""

    lab: Lab
    held: dict[tuple[str, str], subprocess.Popen[str]] = field(default_factory=dict)

    def argv(self, export: str, name: str, *words: str) -> list[str]:
        return [sys.executable, str(Path(initiator.__file__)), PORTAL, name, f"{PREFIX}{export}", "1", *words]

    def shell(self, script: str) -> str:
        return str(self.lab.run("san", ["sh", "-c", script]).stdout)

    async def log_in(self, export: str, name: str) -> bool:
        return await asyncio.to_thread(self._log_in, export, name)

    def _log_in(self, export: str, name: str) -> bool:
        words = self.lab.argv(MACHINE, self.argv(export, name, "hold"))
        held = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert held.stdout is not None
        if held.stdout.readline() == "in\n":
            self.held[export, name] = held
            return True
        held.communicate(timeout=10)
        assert held.returncode == initiator.NOT_LET_IN
        return False

    async def log_out(self, export: str, name: str) -> None:
        await asyncio.to_thread(self.held.pop((export, name)).communicate, timeout=10)

    async def store(self, volume: str, data: bytes) -> None:
        script = f"printf %s '{data.decode()}' | dd of={POOL}/{volume} conv=notrunc status=none"
        await asyncio.to_thread(self.shell, script)

    async def stored(self, volume: str) -> bytes:
        found = await asyncio.to_thread(self.shell, f"head -c 64 {POOL}/{volume} 2>/dev/null | tr -d '\\0'")
        return found.encode()

    def empty(self) -> None:
        """The array as it was found."""
        for held in self.held.values():
            held.communicate(timeout=10)
        self.held.clear()
        self.shell(f"{END}; rm -f {POOL}/*{BEGIN}")


def subject_of(lab: Lab, machines: Machines, monkeypatch: pytest.MonkeyPatch) -> Subject:
    address = layout.device("san")
    assert address is not None

    async def connect(access: Any, *, credential: Any, pin: Any, timeout_s: float) -> Any:
        namespace = network.namespace_path(lab.namespace("mgmt"))
        sock = await asyncio.to_thread(reach.connect, namespace, (access.host, access.port))
        sock.setblocking(False)
        return await ssh.connect(access, credential=credential, pin=pin, timeout_s=timeout_s, sock=sock)

    async def writes() -> int:
        return await asyncio.to_thread(lab.writes, "san")

    async def reset() -> None:
        await asyncio.to_thread(machines.empty)

    async def restart() -> None:
        await asyncio.to_thread(lab.restart, "san")

    monkeypatch.setattr("drivers.conformance.reached.open_connection", connect)
    credential = Credential(name="file:lab.key", text=lab.key_path.read_text())
    made = reached(PROFILE, parse_access(f"ssh://root@{address.address}"), credential, Ground(pool="tank"))
    return replace(made, writes=writes, reset=reset, restart=restart, initiators=machines)


async def test_every_promise_is_kept_on_real_tgt(fresh_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    machines = Machines(fresh_lab)
    outcomes = [outcome async for outcome in run(subject_of(fresh_lab, machines, monkeypatch))]
    machines.empty()
    broken = {outcome.promise.name: outcome.why for outcome in outcomes if outcome.verdict is not Verdict.KEPT}
    asked = {name: why for name, why in broken.items() if "declare" not in why and not why.startswith(NO_SWITCH)}
    assert asked == {}
    real = levels.evidence(PROFILE.name).real
    assert real.whole
    assert real.kept <= len(outcomes) - len(broken)
    assert real.source.startswith("tgt ")
