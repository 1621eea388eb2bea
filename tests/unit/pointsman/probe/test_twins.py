"""A probe of each twin: its profile is found out, it is read and recorded, and the recording reads as the twin does."""

import asyncio
import json

import pytest

from device_profiles.catalogue import known_profiles
from drivers.recording import Recorder, Recording, RecordingConnection, load, save
from drivers.transports.replay import Replay
from pointsman.cli.app import run
from pointsman.probe.detection import detect, detect_recording
from pointsman.probe.document import document
from pointsman.probe.reading import examine
from pointsman.subjects import factory
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password

pytestmark = pytest.mark.unit

KNOWN = known_profiles()
WITH_TWIN = sorted(
    name
    for name, profile in KNOWN.items()
    if profile.kind == "switch" and profile.snmp is None and factory(profile.driver) is not None
)


def steady(shown):
    """A document without what the clock writes into it."""
    operation = {key: value for key, value in shown["operation"].items() if key != "at"}
    facts = {key: value for key, value in shown["facts"].items() if key != "uptime_seconds"}
    links = [{key: link[key] for key in ("a", "b", "medium")} for link in shown["links"]]
    return shown | {"operation": operation, "facts": facts, "links": links}


@pytest.mark.parametrize("name", WITH_TWIN)
async def test_a_recording_of_a_twin_reads_as_the_twin(name, tmp_path):
    profile = KNOWN[name]
    async with factory(profile.driver)(profile) as subject:
        connection = await subject.open()
        recorder = Recorder(profile)
        shown = document(profile, await examine(RecordingConnection(connection, recorder), profile))
        await connection.close()
    save(tmp_path / "sw", recorder.exchanges, profile=name)
    replay = Replay(load(tmp_path / "sw"), profile)
    again = document(profile, await examine(replay, profile))
    assert shown["observed"]["ports"]
    assert shown["fdb"]
    assert steady(again) == steady(shown)


@pytest.mark.parametrize("name", [name for name in WITH_TWIN if KNOWN[name].shell is None])
async def test_the_profile_of_a_twin_is_found_out(name):
    profile = KNOWN[name]
    async with factory(profile.driver)(profile) as subject:
        connection = await subject.open()
        fit = await detect(connection, KNOWN)
        await connection.close()
    # The IOS-like twin says of itself that it is IOS, whichever of the two it plays.
    assert fit.profile.name == ("cisco_ios" if name == "cisco_xe" else name)


async def test_a_recording_says_what_it_was_made_with(tmp_path):
    save(tmp_path, (), profile="hp_procurve")
    fit = await detect_recording(load(tmp_path), tmp_path, KNOWN)
    assert fit.profile.name == "hp_procurve"


@pytest.fixture
def password(tmp_path):
    file = tmp_path / "password"
    file.write_text("pointsman-twin\n")
    return file


async def probed(words):
    """Run the command in a thread of its own, as it has its own loop."""
    return await asyncio.to_thread(run, ["probe", *words])


@pytest.mark.parametrize("scheme", ["ssh", "telnet"])
async def test_a_device_is_probed_and_recorded_over_the_network(scheme, tmp_path, password, capsys):
    switch = Switch("cisco_ios")
    switch.config.vlans |= {10: "servers"}
    user = Password(user="admin", password="pointsman-twin")
    async with LanguageServer(lambda: IosSession(switch), password=user) as server:
        url = server.ssh_access if scheme == "ssh" else server.telnet_access
        words = [url, "--credentials", f"file:{password}", "--json", "--record", str(tmp_path / "rec")]
        assert await probed(words) == 0
    told = capsys.readouterr()
    shown = json.loads(told.out)
    assert shown["profile"] == "cisco_ios"
    assert shown["observed"]["vlans"]["10"] == {"name": "servers"}
    assert list(shown) == ["profile", "facts", "observed", "operation", "links", "fdb", "warnings"]
    kept = (tmp_path / "rec" / "cli.jsonl").read_text()
    assert "pointsman-twin" not in kept + told.out + told.err
    assert await probed([f"replay:{tmp_path / 'rec'}", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert steady(again) == steady(shown)


async def test_a_wrong_password_is_told(tmp_path, capsys):
    wrong = tmp_path / "wrong"
    wrong.write_text("not-this-one")
    user = Password(user="admin", password="pointsman-twin")
    async with LanguageServer(lambda: IosSession(Switch("cisco_ios")), password=user) as server:
        assert await probed([server.ssh_access, "--credentials", f"file:{wrong}"]) == 1
    told = capsys.readouterr()
    assert "refuses the login" in told.err
    assert "not-this-one" not in told.out + told.err


async def test_an_empty_recording_tells_that_nothing_fits(tmp_path):
    with pytest.raises(Exception, match="no profile fits"):
        await detect_recording(Recording(()), tmp_path, KNOWN)
