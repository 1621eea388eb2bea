"""The promises on software that nobody here wrote: sushy-tools' emulator with its fake driver, in a process of its own.

It logs nobody in and has no name of its own, so what is promised of logins and of a hostname is not asked of it. Left
out for their time are promises that cut an operation off at each of its events: they are tried on the twin.
"""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.console.slots import NoConsole
from agents.console.sources import source_of
from device_profiles.profile import load_profiles
from drivers.access import parse_access
from drivers.conformance import SUITE, Ground, Promise, Verdict, judge
from drivers.conformance.reached import reached
from drivers.errors import Unsupported
from tests.unit.agents.console.chassis import assigned_at, desk

pytestmark = pytest.mark.conformance

SLOW = {"survives-a-cancelled-apply", "survives-a-cut-apply", "survives-a-cut-plan", "concludes-nothing-from-garbage"}
NOT_OF_IT = {"tells-facts", "shows-no-secret"}
# A power-on takes some seconds there, by lot; here it takes none.
RUN = """
import random, sys
random.randint = lambda low, high: 0
from sushy_tools.emulator.main import main
sys.exit(main())
"""
SYSTEM = "{{'uuid': '27946b59-9e44-4fa7-8e91-f3527a1ef09{0}', 'name': 'blade{0}', 'power_state': 'On', "
NICS = "'external_notifier': False, 'nics': [{{'mac': '52:54:00:00:00:0{0}', 'ip': '192.0.2.{0}'}}]}}"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("sushy")
    systems = ", ".join((SYSTEM + NICS).format(number) for number in (1, 2))
    config = folder / "emulator.conf"
    config.write_text(
        "SUSHY_EMULATOR_LISTEN_IP = '127.0.0.1'\n"
        f"SUSHY_EMULATOR_STATE_DIR = {str(folder)!r}\n"
        f"SUSHY_EMULATOR_FAKE_SYSTEMS = [{systems}]\n"
    )
    port = free_port()
    command = [sys.executable, "-c", RUN, "--config", str(config), "--fake", "-p", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(port, process, folder / "log")
        yield f"redfish+http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/redfish/v1/", timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the emulator does not answer: {log.read_text()}")


@pytest.mark.parametrize("promise", SUITE, ids=lambda promise: promise.name)
async def test_promise(url: str, promise: Promise) -> None:
    if promise.name in SLOW | NOT_OF_IT:
        return
    subject = reached(load_profiles()["sushy_tools"], parse_access(url), None, Ground(slots=("blade1", "blade2")))
    outcome = await judge(promise, subject)
    assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "") or outcome.verdict is Verdict.NOT_ASKED


def test_what_is_left_out_is_there() -> None:
    assert {promise.name for promise in SUITE} >= SLOW | NOT_OF_IT


async def test_a_slot_is_found_there_and_it_is_said_that_its_console_is_nowhere(url: str) -> None:
    address = url.replace("://", "://admin@") + "?auth=basic"
    node = replace(assigned_at(address), profile=load_profiles()["sushy_tools"])
    with pytest.raises(NoConsole, match="has no slot 9: it has blade1, blade2"):
        await source_of(node, desk(), slot="9")
    source = await source_of(node, desk(), slot="blade2")
    assert "27946b59-9e44-4fa7-8e91-f3527a1ef092" in source.access
    with pytest.raises(Unsupported, match="neither this system nor its manager tells of a serial console"):
        await source.open()
