"""`pointsman probe` of devices that speak SNMP: which profile fits, what they tell, and that no community is shown."""

import asyncio
import json

import pytest

from device_profiles.catalogue import all_profiles
from drivers.errors import Blocked, Unsupported
from drivers.snmp.playing import Played
from drivers.snmp.records import parse, write
from pointsman.cli.app import run
from pointsman.probe.detection import detect_managed
from pointsman.probe.reaching import shown, speaks_snmp
from pointsman.subjects.snmp_bridge import bridge
from pointsman.twins.snmp.agent import Server, serving

pytestmark = pytest.mark.unit


def device(*lines):
    return Played({None: parse(lines)})


@pytest.fixture
def recording(tmp_path):
    file = tmp_path / "sw1.snmprec"
    write(file, bridge().variables())
    return file


def test_a_recording_is_probed_as_a_device(recording, capsys):
    assert run(["probe", f"replay:{recording}", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["profile"] == "snmp_switch"
    assert found["facts"]["hostname"] == "sw1"
    assert set(found["observed"]["vlans"]) == {"1", "10", "20"}
    assert [link["b"]["name"] for link in found["links"]] == ["sw2.example.net"]
    assert {entry["vlan"] for entry in found["fdb"]} == {10, 20}


def test_a_recording_is_made_of_what_was_probed(recording, tmp_path, capsys):
    assert run(["probe", f"replay:{recording}", "--record", str(tmp_path / "again"), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(["probe", f"replay:{tmp_path / 'again'}", "--json"]) == 0
    second = json.loads(capsys.readouterr().out)
    assert (first["observed"], first["fdb"], first["facts"]) == (second["observed"], second["fdb"], second["facts"])


async def test_a_device_is_probed_and_recorded_over_the_network(tmp_path, capsys):
    secret = tmp_path / "community"
    secret.write_text("hush-hush\n")
    made = tmp_path / "made"
    async with serving(Server(bridge(), reads="hush-hush")) as address:
        words = ["probe", f"snmp://{address}", "--credentials", f"file:{secret}", "--record", str(made), "--json"]
        assert await asyncio.to_thread(run, words) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert (found["profile"], len(found["observed"]["ports"])) == ("snmp_switch", 12)
    assert "hush" not in told.out + told.err + (made / "device.snmprec").read_text()


async def test_the_sign_that_says_most_decides():
    bridging = "1.3.6.1.2.1.17.1.2.0|2|4"
    fit = await detect_managed(device("1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.8072.3.2.10"), all_profiles())
    assert fit.profile.name == "snmp_interfaces"
    fit = await detect_managed(device("1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999", bridging), all_profiles())
    assert fit.profile.name == "snmp_switch"
    assert "1.3.6.1.4.1.99999" in fit.why


async def test_what_nobody_knows_is_said_to_be_unknown():
    with pytest.raises((Unsupported, Blocked), match="name one by --profile"):
        await detect_managed(device("1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999"), all_profiles())


def test_a_community_in_the_address_is_never_printed(capsys):
    assert run(["probe", "snmp://hush-hush@127.0.0.1:9"]) != 0
    printed = capsys.readouterr()
    assert "hush" not in printed.out + printed.err
    assert "127.0.0.1:9" in printed.err


def test_addresses_as_they_may_be_shown():
    assert shown("snmp://hush@192.0.2.1:161") == "snmp://192.0.2.1:161"
    assert shown("snmpv3://agent@192.0.2.1") == "snmpv3://agent@192.0.2.1"
    assert speaks_snmp("snmpv3://agent@192.0.2.1")
    assert not speaks_snmp("ssh://agent@192.0.2.1")
