"""The suite on a device that cannot be reset: it is brought back step by step, or the suite stops and says so."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from device_profiles.catalogue import all_profiles
from drivers.access import parse_access
from drivers.conformance import SUITE, Ground, Subject, Verdict, judge, run
from drivers.conformance.reached import reached
from drivers.credentials import Credential
from drivers.vendors.openvswitch.driver import OpenVSwitch
from pointsman.twins import Twin, TwinRack
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password

pytestmark = pytest.mark.unit

PROFILE = all_profiles()["openvswitch"]
GROUND = Ground(ports=("p5", "p6", "p7", "p8"), lag="lag9")
PROMISES = {promise.name: promise for promise in SUITE}


@pytest.fixture
async def rack() -> AsyncIterator[TwinRack]:
    async with TwinRack(1) as rack:
        yield rack


def subject_of(rack: TwinRack, ground: Ground = GROUND) -> Subject:
    credential = Credential(name="file:lab.key", text=rack.key_text)
    return reached(PROFILE, parse_access(rack["sw1"].access), credential, ground)


def configuration(twin: Twin) -> list[str]:
    """All ports as the twin's own shell shows them, without the names of rows, which are new for a new port."""
    shown, _ = twin.run("ovs-vsctl --columns=name,tag,trunks,vlan_mode,external_ids,lacp list Port && ip -j link")
    return sorted(shown.splitlines())


@pytest.mark.parametrize("name", ["leaves-the-undeclared-alone", "survives-a-cut-plan", "survives-a-cut-apply"])
async def test_it_is_left_as_it_was(rack: TwinRack, name: str) -> None:
    before = configuration(rack["sw1"])
    outcome = await judge(PROMISES[name], subject_of(rack))
    assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "")
    assert rack["sw1"].writes > 0
    assert configuration(rack["sw1"]) == before


async def test_logins_that_must_fail_do(rack: TwinRack) -> None:
    for name in ("tells-a-wrong-password", "tells-a-wrong-device"):
        outcome = await judge(PROMISES[name], subject_of(rack))
        assert (outcome.verdict, outcome.why) == (Verdict.KEPT, "")


async def test_without_ground_nothing_is_written(rack: TwinRack) -> None:
    names = ["reads-only-what-is-asked", "converges-and-stays-quiet", "tells-facts", "survives-a-cut-reading"]
    outcomes = [outcome async for outcome in run(subject_of(rack, Ground()), [PROMISES[name] for name in names])]
    verdicts = [outcome.verdict for outcome in outcomes]
    assert verdicts == [Verdict.KEPT, Verdict.NOT_ASKED, Verdict.KEPT, Verdict.KEPT]
    assert rack["sw1"].writes == 0


@pytest.mark.parametrize(
    ("ground", "why"),
    [
        (replace(GROUND, ports=("p5", "p6", "p7", "p99")), "the device has no port p99"),
        (replace(GROUND, lag="bond0"), "the LAG bond0 is on the device already"),
    ],
)
async def test_what_is_in_use_or_not_there_is_not_touched(rack: TwinRack, ground: Ground, why: str) -> None:
    rack["sw1"].run("ovs-vsctl del-port p3 -- del-port p4 -- add-bond br0 bond0 p3 p4")
    written = rack["sw1"].writes
    first, second = [outcome async for outcome in run(subject_of(rack, ground), SUITE[:2])]
    assert first.verdict is Verdict.BROKEN
    assert why in first.why
    assert second.verdict is Verdict.NOT_TRIED
    assert rack["sw1"].writes == written


async def test_a_device_that_is_not_brought_back_ends_the_suite(rack: TwinRack) -> None:
    class UndoesNothing(OpenVSwitch):
        async def undo(self, step):
            await self.read(())

    subject = replace(subject_of(rack), driver=UndoesNothing)
    promises = [PROMISES["survives-a-step-twice"], PROMISES["tells-facts"]]
    first, second = [outcome async for outcome in run(subject, promises)]
    assert "is not what it was, although all was undone" in first.why
    assert second.verdict is Verdict.NOT_TRIED


@pytest.mark.parametrize("scheme", ["ssh", "telnet"])
async def test_a_line_that_asks_twice_is_told_both_passwords_and_neither_is_shown(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Over telnet each session of the suite waits for the one before to make way.
    monkeypatch.setattr("drivers.giving_way.QUIET_S", 0.01)
    monkeypatch.setattr("drivers.line.line._HANGS_UP_S", 0.01)
    switch = Switch("cisco_ios")
    switch.enable_secret = "en-of-a-twin"
    who = Password(user="admin", password="pw-of-a-twin")
    ports = tuple(name for name in switch.config.interfaces if "Ethernet" in name)[-4:]
    async with LanguageServer(lambda: IosSession(switch), password=who) as server:
        subject = reached(
            all_profiles()["cisco_ios"],
            parse_access(server.ssh_access if scheme == "ssh" else server.telnet_access),
            Credential(name="file:sw", text="pw-of-a-twin\nen-of-a-twin\n"),
            Ground(ports=ports, lag="Port-channel9"),
        )
        assert subject.secrets == ("pw-of-a-twin", "en-of-a-twin")
        names = ["survives-a-step-twice", "tells-a-wrong-password", "tells-a-wrong-device", "shows-no-secret"]
        outcomes = [outcome async for outcome in run(subject, [PROMISES[name] for name in names])]
    proved = Verdict.KEPT if scheme == "ssh" else Verdict.NOT_ASKED
    assert [(outcome.verdict, outcome.promise.name) for outcome in outcomes] == list(
        zip([Verdict.KEPT, Verdict.KEPT, proved, Verdict.KEPT], names, strict=True)
    )
