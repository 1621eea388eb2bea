"""Attaching: the speed of a line and what is at its far end, found out with nothing but the Enter key."""

import asyncio
import contextlib
import dataclasses
import re

import pytest

from device_profiles.profile import load_profiles
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, Garbled, Unreachable, Unsupported
from pointsman.attach import hearing
from pointsman.attach.finding import Found, LoginNeeded, find
from pointsman.attach.hearing import hear
from pointsman.attach.joining import Joining, node_name, settings
from pointsman.lab.relay import Relay, TalkingFar
from pointsman.probe.detection import Fit
from pointsman.problems import WrongUsage
from pointsman.subjects.vde_switch import switch as vde
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.terminal import Password, Respawned, Terminal
from pointsman.twins.vde import Console

pytestmark = pytest.mark.unit

WHO = Password(user="admin", password="twin-pw")
KNOWN = load_profiles()


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    monkeypatch.setattr(hearing, "_FIRST_S", 0.02)
    monkeypatch.setattr(hearing, "_QUIET_S", 0.02)
    monkeypatch.setattr(hearing, "_SILENT_S", 0.05)
    monkeypatch.setattr("drivers.cli.login._QUIET_S", 0.02)


@contextlib.asynccontextmanager
async def cable(talk, *, speed=115200):
    """A device at a speed, and the port at the near end of its cable."""
    got = bytearray()

    def heard(data):
        got.extend(data)
        return talk(data)

    relay = Relay(TalkingFar(heard), speed=speed)
    running = asyncio.create_task(relay.run())
    try:
        yield parse_access(f"serial:{relay.path}"), got
    finally:
        running.cancel()
        await asyncio.wait({running})


def ios(*, password=None):
    switch = Switch("cisco_ios")
    return Respawned(lambda: Terminal(IosSession(switch), password=password)), switch


async def test_the_speed_of_a_line_is_found():
    talk, switch = ios()
    async with cable(talk, speed=115200) as (access, got):
        heard = await hear(access)
    assert (heard.speed, heard.last_line) == (115200, "sw1#")
    assert got[-1:] == b"\r"
    assert switch.writes == 0


async def test_a_speed_that_the_url_names_is_the_only_one_that_is_tried():
    talk, _ = ios()
    async with cable(talk, speed=115200) as (access, _):
        with pytest.raises(Garbled, match="cannot be read"):
            await hear(dataclasses.replace(access, options=(("baud", "9600"),)))


async def test_nobody_at_any_speed_says_where_to_look_and_in_which_order():
    async with cable(lambda data: b"") as (access, _):
        with pytest.raises(Unreachable, match=r"at any speed: look at the cable, .* power, .* null-modem"):
            await hear(access)


@pytest.mark.parametrize("last", ["rommon 1 > ", "switch: ", "=> "])
async def test_a_boot_loader_is_named_and_left_alone(last):
    async with cable(lambda data: b"\r\n" + last.encode(), speed=9600) as (access, got):
        with pytest.raises(Unreachable, match="stands at its boot loader"):
            await hear(access)
        assert got.strip(b"\r") == b""


async def test_a_switch_without_a_login_is_found_with_no_question():
    talk, switch = ios()
    async with cable(talk) as (access, _):
        found = await find(access, known=KNOWN, profile=None, credential=None)
    assert (found.profile.name, found.facts["hostname"]) == ("cisco_ios", "sw1")
    assert found.access == f"serial:{access.host}?baud=115200"
    assert found.identity == {}
    assert node_name(found, "") == "sw1"
    assert switch.writes == 0


async def test_a_vde_switch_is_known_by_its_prompt_and_its_line():
    device = vde()
    async with cable(Console(lambda: device).feed) as (access, _):
        found = await find(access, known=KNOWN, profile=None, credential=None)
    assert (found.profile.name, found.identity) == ("vde_switch", {"line": f"serial:{access.host}"})
    assert re.fullmatch(r"vde-switch-\d+", node_name(found, ""))
    assert device.writes == 0


async def test_a_login_is_needed_only_where_it_is_asked_for():
    talk, _ = ios(password=WHO)
    async with cable(talk) as (access, _):
        with pytest.raises(LoginNeeded, match="--credentials"):
            await find(access, known=KNOWN, profile=None, credential=None)
        secret = Credential(name="typed", text="twin-pw")
        named = dataclasses.replace(access, options=(("user", "admin"),))
        found = await find(named, known=KNOWN, profile=None, credential=secret)
        assert found.access == f"serial:{access.host}?user=admin&baud=115200"


async def test_enter_may_be_a_name_already():
    """login(1) takes Enter for an empty name, asks for its password, and says after a while that it was wrong."""
    async with cable(lambda data: b"\r\nPassword: ", speed=9600) as (access, got):
        heard = await hear(access)
        assert heard.asks_who
        with pytest.raises(LoginNeeded):
            await find(access, known=KNOWN, profile=None, credential=None)
        assert got.strip(b"\r") == b""


async def test_a_line_that_was_left_at_a_password_is_waited_for():
    left = [b"\r\n", b""]

    def talk(data):
        asyncio.get_running_loop().call_later(0.08, far.say, b"\r\nLogin incorrect\r\nsw1 login: ")
        return left.pop(0)

    far = TalkingFar(talk)
    relay = Relay(far, speed=9600)
    running = asyncio.create_task(relay.run())
    heard = await hear(parse_access(f"serial:{relay.path}"))
    running.cancel()
    await asyncio.wait({running})
    assert (heard.speed, heard.last_line) == (9600, "sw1 login:")


async def test_a_wrong_password_is_said_once():
    talk, _ = ios(password=WHO)
    async with cable(talk) as (access, got):
        named = dataclasses.replace(access, options=(("user", "admin"),))
        with pytest.raises(AuthFailed):
            await find(named, known=KNOWN, profile=None, credential=Credential(name="typed", text="wrong"))
        assert got.count(b"wrong") == 1


async def test_nobody_is_left_logged_in_on_a_device_that_no_profile_fits():
    talk, _ = ios(password=WHO)
    async with cable(talk) as (access, _):
        named = dataclasses.replace(access, options=(("user", "admin"),))
        with pytest.raises(Unsupported, match="no profile fits"):
            await find(named, known={}, profile=None, credential=Credential(name="typed", text="twin-pw"))
        assert (await hear(access)).asks_who


@pytest.fixture
def found():
    access = "rfc2217://10.8.0.254:2001?baud=9600"
    return Found(access=access, fit=Fit(KNOWN["vde_switch"], "it was named"), facts={"hostname": "vde_switch"})


def test_the_agent_keeps_a_typed_password_for_itself(found, tmp_path):
    joining = Joining(location="closet", service="http://127.0.0.1:1", data_dir=tmp_path / "agent", agent="edge")
    made, attached = settings(joining, found, "con1", Credential(name="typed", text="pw\nenable-pw"))
    file = tmp_path / "agent/secrets/line.login"
    assert made.secrets_dir == file.parent
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("pw\nenable-pw", 0o600)
    assert attached.credentials == made.secrets[0].name == "file:line.login"
    assert "pw" not in attached.body(location="closet").decode().replace("pw_", "")
    assert made.secrets[0].hosts == ("10.8.0.254",)


def test_without_a_login_the_agent_has_no_secret(found, tmp_path):
    joining = Joining(location="closet", service="http://127.0.0.1:1", data_dir=tmp_path / "agent", agent="edge")
    made, attached = settings(joining, found, "con1", None)
    assert (made.secrets, attached.credentials, attached.node) == ((), None, "con1")


def test_a_name_that_no_node_can_have_is_refused(found):
    with pytest.raises(WrongUsage, match="no name of a node"):
        node_name(found, "con 1;reload")
