"""Recordings: what is kept of a session, what is taken out of it, and how it answers when it is played."""

import json

import pytest

from device_profiles.catalogue import known_profiles
from drivers.access import Access
from drivers.cli import CliSession
from drivers.errors import Rejected, Unsupported
from drivers.recording import Exchange, Recording, load, save
from drivers.scrubbing import Scrubber
from drivers.transports import open_connection
from drivers.transports.replay import Replay

pytestmark = pytest.mark.unit

WITH_A_COMMAND_LINE = [found for _, found in sorted(known_profiles().items()) if found.cli and not found.shell]

IOS = known_profiles()["cisco_ios"]


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("username admin privilege 15 secret 5 $1$mERr$hx5rVt7", "$1$mERr$hx5rVt7"),
        ("enable password 7 0822455D0A16", "0822455D0A16"),
        ("snmp-server community s3cr3t RO", "s3cr3t"),
        ("set snmp community s3cr3t authorization read-only", "s3cr3t"),
        ("snmp-agent community read cipher %^%#s3cr3t", "s3cr3t"),
        ("snmp-server host 192.0.2.1 version 2c s3cr3t", "s3cr3t"),
        ("snmp-server user ops grp v3 auth sha s3cr3t priv aes 128 h1dden", "s3cr3t"),
        ("tacacs-server host 192.0.2.1 key 7 s3cr3t", "s3cr3t"),
        (" key 7 s3cr3t99", "s3cr3t99"),
        ('set system root-authentication encrypted-password "$6$a$b"; ## SECRET-DATA', "$6$a$b"),
        ('pre-shared-key ascii-text "$9$abc"', "$9$abc"),
        (" password irreversible-cipher $1c$abc$", "$1c$abc$"),
        ("crypto isakmp key s3cr3t address 192.0.2.1", "s3cr3t"),
        ("ssh-rsa AAAAB3NzaC1yc2E joe@example.net", "joe@example.net"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabcd\n-----END RSA PRIVATE KEY-----", "MIIE"),
        ("the password is hunter2x, they say", "hunter2x"),
    ],
)
def test_secrets_are_taken_out(line, secret):
    assert secret not in Scrubber(known=["hunter2x"])(line)


@pytest.mark.parametrize(
    "line",
    [
        "service password-encryption",
        "interface GigabitEthernet1/0/1",
        "10   servers   active    Gi1/0/1, Gi1/0/2",
        "aaa authentication login default local",
        "   1    0200.0000.0001    DYNAMIC     Gi1/0/1",
        " switchport trunk allowed vlan 10,20,30-40",
    ],
)
def test_what_is_no_secret_stays(line):
    assert Scrubber()(line) == line


def test_what_a_profile_calls_secret_is_taken_out():
    scrub = Scrubber([r"^license (\S+)", "SERIAL-[0-9]+"])
    assert scrub("license ABC until 2027\nSERIAL-77") == "license removed until 2027\nremoved"


def test_a_recording_is_written_and_read(tmp_path):
    exchanges = (Exchange("", "sw1#"), Exchange("show version", "x\ny\n"), Exchange("ls", "no\n", 2))
    save(tmp_path / "made", exchanges, profile="cisco_ios")
    assert load(tmp_path / "made") == Recording(exchanges, "cisco_ios")
    lines = (tmp_path / "made" / "cli.jsonl").read_text().splitlines()
    assert json.loads(lines[1]) == {"send": "show version", "receive": "x\ny\n"}


@pytest.mark.parametrize("line", ["no json", "[]", '{"send": "a"}', '{"send": 1, "receive": ""}', '"text"'])
def test_a_line_that_is_none_is_named(line, tmp_path):
    (tmp_path / "cli.jsonl").write_text('{"send": "a", "receive": "b"}\n' + line + "\n")
    with pytest.raises(Unsupported, match="line 2"):
        load(tmp_path)


def test_a_folder_without_a_recording_is_told(tmp_path):
    with pytest.raises(Unsupported, match=r"has no cli\.jsonl"):
        load(tmp_path)


async def asked(command, *exchanges, profile=IOS):
    replay = Replay(Recording(exchanges), profile)
    session = CliSession(lambda: replay.stream(""), cli=profile.cli, timeout_s=5)
    try:
        return (await session.run(command)).text
    finally:
        await session.close()


@pytest.mark.parametrize("command", ["show vlan", "SHOW  vlan", "sh vl", "show vlans"])
async def test_a_command_is_found_however_it_is_spelled(command):
    assert await asked(command, Exchange("show vlan", "1 default\n"), Exchange("show version", "x\n")) == "1 default\n"


async def test_what_was_not_recorded_is_refused_as_the_device_would():
    with pytest.raises(Rejected, match="show inventory"):
        await asked("show inventory", Exchange("show vlan", "1 default\n"))


async def test_a_command_that_could_be_two_is_none():
    with pytest.raises(Rejected):
        await asked("show v", Exchange("show vlan", "1\n"), Exchange("show version", "2\n"))


async def test_echo_and_prompt_that_were_kept_are_no_part_of_the_answer():
    kept = "sw1#show vlan\r\n1 default\r\nsw1#"
    assert await asked("show vlan", Exchange("show vlan", kept)) == "1 default\n"


@pytest.mark.parametrize("profile", WITH_A_COMMAND_LINE, ids=lambda profile: profile.name)
async def test_every_profile_with_a_command_line_can_be_played(profile):
    shown = await asked("show vlan", Exchange("show vlan", "1 default\n"), profile=profile)
    assert shown.strip() == "1 default"
    with pytest.raises(Rejected):
        await asked("show nothing", Exchange("show vlan", "1 default\n"), profile=profile)


async def test_a_recording_is_opened_like_a_device(tmp_path):
    save(tmp_path, (Exchange("show vlan", "x\n"),), profile="cisco_ios")
    access = Access(scheme="replay", host=str(tmp_path), port=0)
    connection = await open_connection(access, credential=None, pin=None, timeout_s=5)
    assert not connection.closed
    await connection.close()
    assert connection.closed


async def test_a_recording_of_nobody_knows_what_wants_a_profile(tmp_path):
    (tmp_path / "cli.jsonl").write_text('{"send": "show vlan", "receive": ""}\n')
    with pytest.raises(Unsupported, match="name a profile"):
        await open_connection(
            Access(scheme="replay", host=str(tmp_path), port=0), credential=None, pin=None, timeout_s=5
        )
