"""Switches of other vendors made reachable over their lines: planned, done once, read back, saved, proved by SSH."""

import base64
import contextlib
import dataclasses
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from device_profiles.profile import load_profiles
from drivers.cli import login
from drivers.cli.line import VirtualClock
from drivers.conformance.memory import MemoryConnection
from drivers.credentials import Login
from drivers.line.connection import LineConnection
from pointsman.attach.bootstrapping import Wanted, carry_out, plan, steps
from pointsman.attach.commands import OnLine
from pointsman.attach.proving import prove
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.twins.languages import comware, ios_like, junos
from pointsman.twins.languages.comware_session import ComwareSession
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.junos_session import JunosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password, Terminal
from tests.conformance.lines import Kept, TwinPort, line_to
from tests.unit.pointsman.attach.test_bootstrapping import SECRET, key_of, names

pytestmark = pytest.mark.unit

KNOWN = load_profiles()
ED25519, RSA = key_of(ed25519.Ed25519PrivateKey.generate()), key_of(rsa.generate_private_key(65537, 1024))
RSA_2048 = key_of(rsa.generate_private_key(65537, 2048))
"""As long a line as one types."""


def is_as_wanted(switch: Any) -> bool:
    if not isinstance(switch, junos.Switch):
        found = switch.startup
        return (found.hostname, found.address, found.gateway) == ("closet-1", ADDRESSED[switch.profile], "10.0.0.1")
    said = {" ".join(words) for words in switch.config()}
    return {
        "system host-name closet-1",
        "interfaces me0 unit 0 family inet address 10.0.0.2/24",
        "routing-options static route 0.0.0.0/0 next-hop 10.0.0.1",
        "system services ssh",
    } <= said


REFUSALS = {
    "juniper_junos": "error: no room\n",
    "hp_comware": "Error: No room.\n",
    "huawei_vrp": "Error: No room.\n",
}
MASKED, COUNTED = ("10.0.0.2", "255.255.255.0"), ("10.0.0.2", "24")
ADDRESSED = {
    "cisco_xe": MASKED,
    "hp_comware": MASKED,
    "huawei_vrp": MASKED,
    "arista_eos": COUNTED,
    "cisco_nxos": COUNTED,
}


def knows(switch: Any, user: str, data: bytes) -> bool:
    """Whether a twin lets a user in by a key."""
    if isinstance(switch, junos.Switch):
        place = ("system", "login", "user", user, "authentication", "ssh-ed25519")
        return switch.value(*place) == public_key_text(data)
    held = getattr(switch.config, "user_keys", {}).get(user)
    return held in (
        public_key_text(data),
        public_key_text(data, "ssh-rsa"),
        hashlib.md5(data, usedforsecurity=False).hexdigest().upper(),
    )


def public_key_text(data: bytes, kind: str = "ssh-ed25519") -> str:
    return f"{kind} {base64.b64encode(data).decode()}"


@dataclasses.dataclass(frozen=True)
class Kind:
    profile: str
    switch: Callable[[], Any]
    session: Callable[[Any], Any]
    key: Any
    """None: its user has a password."""
    steps: tuple[str, ...]


def older_vrp() -> comware.Switch:
    """A version whose remote lines take telnet, and a password of their own."""
    switch = comware.Switch("huawei_vrp", name="HUAWEI")
    switch.config.remote = {"authentication-mode password", "protocol inbound telnet"}
    return switch


COMMON = ("hostname", "management-address", "gateway", "user", "ssh-key")
KINDS = (
    Kind(
        "cisco_xe",
        lambda: ios_like.Switch("cisco_xe", name="Switch"),
        IosSession,
        RSA,
        (*COMMON, "host-key", "ssh-version", "remote-lines"),
    ),
    Kind(
        "arista_eos",
        lambda: ios_like.Switch("arista_eos", name="localhost"),
        IosSession,
        ED25519,
        (*COMMON, "ssh-server"),
    ),
    Kind(
        "cisco_nxos",
        lambda: ios_like.Switch("cisco_nxos", name="switch"),
        IosSession,
        RSA_2048,
        (*COMMON, "ssh-server"),
    ),
    Kind(
        "hp_comware",
        lambda: comware.Switch("hp_comware", name="HPE"),
        ComwareSession,
        None,
        (*COMMON[:3], "user-with-password", "host-key", "ssh-server", "remote-lines"),
    ),
    Kind(
        "huawei_vrp",
        older_vrp,
        ComwareSession,
        None,
        (*COMMON[:3], "user-with-password", "host-key", "ssh-server", "remote-lines"),
    ),
    Kind("juniper_junos", lambda: junos.Switch(name="fresh"), JunosSession, ED25519, (*COMMON, "ssh-server")),
)


@pytest.fixture(autouse=True)
def quick_to_wake(monkeypatch) -> None:
    monkeypatch.setattr(login, "_QUIET_S", 0.005)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.profile)
def kind(request) -> Kind:
    return request.param


@contextlib.asynccontextmanager
async def a_line(kind, switch, refused=()):
    """The switch at the far end of a line; lines in ``refused`` it refuses."""

    def start(command, stream) -> None:
        session = kind.session(switch)
        run = session.run
        refusal = REFUSALS.get(kind.profile, "% Not enough memory\n")
        session.run = lambda line: refusal if line in refused else run(line)
        terminal = Terminal(session)
        stream.talk = terminal.feed
        stream.push(terminal.greet())

    async def open_twin():
        return MemoryConnection(start)

    async with line_to(TwinPort(open_twin, VirtualClock())) as line:

        async def again() -> Kept:
            return Kept(line)

        async def opened():
            return LineConnection(Login(asked=True, line=True), first=Kept(line), again=again, wait_s=3.0)

        yield OnLine(profile=KNOWN[kind.profile], open=opened)


def wanted(kind, **more) -> Wanted:
    asked = {"hostname": "closet-1", "management": "10.0.0.2/24", "gateway": "10.0.0.1", "user": "pointsman", **more}
    return Wanted(key=kind.key, line=SECRET if kind.key is None else None, **asked)


async def test_it_is_done_read_back_saved_and_not_done_again(kind) -> None:
    switch = kind.switch()
    todo = steps(KNOWN[kind.profile], wanted(kind))
    async with a_line(kind, switch) as device:
        planned = await plan(device, todo)
        assert (tuple(names(planned.todo)), switch.writes) == (kind.steps, 0)
        await carry_out(device, planned)
        assert is_as_wanted(switch)
        writes = switch.writes
        again = await plan(device, todo)
        assert (tuple(names(again.done)), again.is_empty) == (kind.steps, True)
        await carry_out(device, again)
    assert switch.writes == writes


async def test_ssh_is_proved_with_the_key_that_was_put_there(kind) -> None:
    switch = kind.switch()
    server = LanguageServer(
        lambda: kind.session(switch),
        password=Password(user="pointsman", password=SECRET.text),
        keys=lambda user, data: knows(switch, user, data),
    )
    async with a_line(kind, switch) as device, server:
        here = wanted(kind, management="127.0.0.2/8", ssh_port=int(server.ssh_access.rpartition(":")[2]))
        await carry_out(device, await plan(device, steps(device.profile, here)))
        proof = await prove(device, dataclasses.replace(here, management="127.0.0.1/8"))
    assert proof is not None
    assert (proof.host_key, proof.unreachable) == (server.host_key, "")


async def test_what_is_refused_stops_it_and_the_next_run_goes_on(kind) -> None:
    switch = kind.switch()
    todo = steps(KNOWN[kind.profile], wanted(kind))
    refused = [line for line in todo[2].send if "10.0.0.1" in line]
    async with a_line(kind, switch, refused=refused) as device:
        with pytest.raises(PointsmanError, match="gateway: the device refuses") as stopped:
            await carry_out(device, await plan(device, todo))
        assert "gateway" in stopped.value.details[1]
        assert getattr(switch, "saves", 0) == 0
    async with a_line(kind, switch) as device:
        await carry_out(device, await plan(device, todo))
    assert is_as_wanted(switch)


async def test_a_commit_that_is_refused_is_told_with_its_reason_and_leaves_nothing() -> None:
    kind = KINDS[-1]
    switch = kind.switch()
    switch.check = lambda: (_ for _ in ()).throw(junos.Refused("error: Missing mandatory statement: 'root-password'\n"))
    async with a_line(kind, switch) as device:
        with pytest.raises(PointsmanError, match="Missing mandatory statement") as told:
            await carry_out(device, await plan(device, steps(device.profile, wanted(kind))))
    assert told.value.details[0] == "done: nothing"
    assert (switch.commits, switch.candidate) == (0, None)


async def test_what_takes_ssh_by_itself_is_not_told_to() -> None:
    kind = next(kind for kind in KINDS if kind.profile == "huawei_vrp")
    async with a_line(kind, comware.Switch("huawei_vrp", name="HUAWEI")) as device:
        planned = await plan(device, steps(device.profile, wanted(kind)))
    assert tuple(names(planned.done)) == ("remote-lines",)


def test_an_interface_may_be_named_and_a_password_goes_only_where_users_have_one(kind) -> None:
    profile = KNOWN[kind.profile]
    (address,) = [each for each in steps(profile, wanted(kind, interface="Vlan7")) if each.name == "management-address"]
    assert "Vlan7" in " ".join(address.send)
    with pytest.raises(WrongUsage, match="give --management"):
        steps(profile, Wanted(hostname="closet-1", interface="Vlan7"))
    by_password = Wanted(user="pointsman", line=SECRET)
    if profile.bootstrap is not None and not profile.bootstrap.takes_passwords:
        with pytest.raises(WrongUsage, match="give --ssh-key"):
            steps(profile, by_password)
    else:
        assert "user-with-password" in names(steps(profile, by_password))
