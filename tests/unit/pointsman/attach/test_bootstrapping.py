"""A switch made reachable over its line: planned, done once, read back, saved, and proved by SSH."""

import contextlib
import dataclasses
import hashlib

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from device_profiles.profile import load_profiles
from drivers.cli import login
from drivers.cli.line import VirtualClock
from drivers.conformance.memory import MemoryConnection
from drivers.credentials import Credential
from drivers.credentials import Login as LineLogin
from drivers.errors import AuthFailed, WrongDevice
from drivers.line.connection import LineConnection
from drivers.line.line import Line
from drivers.transports.ssh import public_key
from pointsman.attach.bootstrapping import Wanted, carry_out, plan, steps
from pointsman.attach.commands import OnLine
from pointsman.attach.finding import Found
from pointsman.attach.joining import Joining, settings
from pointsman.attach.proving import bootstrapped, prove
from pointsman.cli import bootstrap as command
from pointsman.probe.detection import Fit
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.twins.languages.ios_like import Switch
from pointsman.twins.languages.ios_like_session import IosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password, Terminal
from tests.conformance.lines import Kept, TwinPort, line_to

pytestmark = pytest.mark.unit

PROFILE = load_profiles()["cisco_ios"]
SECRET = Credential(name="typed", text="Pass-word-1")


def key_of(made) -> Credential:
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    return Credential(name="file:key", text=pem.decode())


@pytest.fixture(scope="module")
def key() -> Credential:
    return key_of(rsa.generate_private_key(65537, 1024))


@pytest.fixture(autouse=True)
def quick_to_wake(monkeypatch) -> None:
    monkeypatch.setattr(login, "_QUIET_S", 0.005)


@pytest.fixture
def wanted(key) -> Wanted:
    return Wanted(hostname="closet-1", management="10.0.0.2/24", gateway="10.0.0.1", user="pointsman", key=key)


class Bench:
    """A new switch at the far end of a line. Lines in ``refused`` it refuses."""

    def __init__(self) -> None:
        self.switch = Switch("cisco_ios", name="Switch")
        self.switch.erased = True
        self.refused: set[str] = set()
        self.typed: list[str] = []

    def session(self) -> IosSession:
        session = IosSession(self.switch)
        run = session.run

        def typed(line):
            self.typed.append(line)
            return "% Not enough memory\n" if line in self.refused else run(line)

        session.run = typed
        return session

    def start(self, command, stream) -> None:
        terminal = Terminal(self.session())
        stream.talk = terminal.feed
        stream.push(terminal.greet())

    @contextlib.asynccontextmanager
    async def line(self, credential=None):
        async def open_twin():
            return MemoryConnection(self.start)

        async with line_to(TwinPort(open_twin, VirtualClock())) as line:

            async def again() -> Kept:
                return Kept(line)

            async def opened():
                who = LineLogin(secret=credential, asked=True, line=True)
                return LineConnection(who, first=Kept(line), again=again, wait_s=3.0)

            yield OnLine(profile=PROFILE, open=opened)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def names(which) -> list[str]:
    return [step.name for step in which]


ALL = ["hostname", "management-address", "gateway", "user", "ssh-key", "host-key", "ssh-version", "remote-lines"]


async def test_a_plan_shows_the_commands_and_sends_none(bench, wanted) -> None:
    async with bench.line() as device:
        planned = await plan(device, steps(PROFILE, wanted))
    assert (names(planned.todo), planned.done, bench.switch.writes) == (ALL, (), 0)
    digest = hashlib.md5(public_key(wanted.key)[1], usedforsecurity=False).hexdigest().upper()
    assert f"key-hash ssh-rsa {digest}" in planned.todo[4].shown
    assert planned.todo[1].shown[1] == "ip address 10.0.0.2 255.255.255.0"


async def test_it_is_done_read_back_and_saved_and_a_second_run_does_nothing(bench, wanted) -> None:
    async with bench.line() as device:
        await carry_out(device, await plan(device, steps(PROFILE, wanted)))
        config = bench.switch.startup
        assert (config.hostname, config.address, config.gateway) == (
            "closet-1",
            ("10.0.0.2", "255.255.255.0"),
            "10.0.0.1",
        )
        assert not config.interfaces["Vlan1"].shut
        assert (list(config.user_keys), config.ssh_version, bench.switch.saves) == (["pointsman"], "2.0", 1)
        writes = bench.switch.writes
        again = await plan(device, steps(PROFILE, wanted))
        assert (names(again.done), again.is_empty) == (ALL, True)
        await carry_out(device, again)
    assert bench.switch.writes == writes


async def test_what_shows_already_is_not_sent_again(bench, wanted) -> None:
    bench.switch.config.hostname = "closet-1"
    bench.switch.config.gateway = "10.0.0.1"
    async with bench.line() as device:
        planned = await plan(device, steps(PROFILE, wanted))
        await carry_out(device, planned)
    assert names(planned.done) == ["hostname", "gateway"]
    assert not [line for line in bench.typed if line.startswith(("hostname", "ip default-gateway"))]


@pytest.mark.parametrize("refused", ["ip address 10.0.0.2 255.255.255.0", "hostname closet-1"])
async def test_a_refused_command_stops_with_what_was_done_and_what_was_not(bench, wanted, refused) -> None:
    bench.refused = {refused}
    async with bench.line() as device:
        with pytest.raises(PointsmanError, match=r"refuses.*Not enough memory") as stopped:
            await carry_out(device, await plan(device, steps(PROFILE, wanted)))
        before = ALL.index(next(step.name for step in steps(PROFILE, wanted) if refused in step.send))
        assert stopped.value.details[:2] == (
            f"done: {', '.join(ALL[:before]) or 'nothing'}",
            f"not done: {', '.join(ALL[before:])}",
        )
        assert (bench.switch.saves, bench.switch.config.gateway) == (0, "")

        bench.refused = set()
        await carry_out(device, await plan(device, steps(PROFILE, wanted)))
    assert (bench.switch.startup.hostname, bench.switch.startup.gateway) == ("closet-1", "10.0.0.1")


async def test_what_was_taken_and_does_not_show_is_told(bench, wanted) -> None:
    bench.switch.config.interfaces["Vlan1"].shut = True
    async with bench.line() as device:
        planned = await plan(device, steps(PROFILE, wanted))
        silent = dataclasses.replace(planned.todo[1], send=("interface Vlan1", "shutdown", "exit"))
        with pytest.raises(PointsmanError, match="not all that was sent is shown") as told:
            await carry_out(device, dataclasses.replace(planned, todo=(planned.todo[0], silent, *planned.todo[2:])))
    assert told.value.details[1] == "not done: management-address"
    assert bench.switch.saves == 0


async def test_what_could_not_be_saved_is_saved_by_the_next_run(bench, wanted) -> None:
    bench.refused = {"write memory"}
    async with bench.line() as device:
        with pytest.raises(PointsmanError, match="could not be saved"):
            await carry_out(device, await plan(device, steps(PROFILE, wanted)))
        bench.refused = set()
        again = await plan(device, steps(PROFILE, wanted))
        assert (again.todo, again.unsaved) == ((), True)
        await carry_out(device, again)
    assert bench.switch.startup.hostname == "closet-1"


async def test_a_password_is_given_to_the_user_and_shown_nowhere(bench) -> None:
    wanted = Wanted(user="pointsman", line=SECRET)
    bench.refused = {f"username pointsman privilege 15 secret {SECRET.text}"}
    async with bench.line(SECRET) as device:
        planned = await plan(device, steps(PROFILE, wanted))
        assert planned.todo[0].shown == ("username pointsman privilege 15 secret ***",)
        with pytest.raises(PointsmanError) as stopped:
            await carry_out(device, planned)
        assert SECRET.text not in str((stopped.value, stopped.value.details))
        bench.refused = set()
        await carry_out(device, planned)
    assert "secret" in bench.switch.startup.users["pointsman"]


@contextlib.asynccontextmanager
async def reachable(bench, *, knows_key=True):
    """The switch's SSH server, at an address of its own."""

    def has(user, data) -> bool:
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest().upper()
        return knows_key and bench.switch.config.user_keys.get(user) == digest

    password = Password(user="pointsman", password=SECRET.text)
    async with LanguageServer(lambda: IosSession(bench.switch), password=password, keys=has) as server:
        bench.switch.host_key = server.public_key
        yield server, int(server.ssh_access.rpartition(":")[2])


async def prepared(bench, device, wanted, port) -> Wanted:
    here = dataclasses.replace(wanted, management="127.0.0.2/8", ssh_port=port)
    await carry_out(device, await plan(device, steps(PROFILE, here)))
    return dataclasses.replace(here, management="127.0.0.1/8")


async def test_ssh_is_proved_by_the_key_that_the_line_showed_and_the_node_has_both_ways(
    bench, wanted, tmp_path
) -> None:
    async with bench.line() as device, reachable(bench) as (server, port):
        here = await prepared(bench, device, wanted, port)
        proof = await prove(device, here)
    assert (proof.host_key, proof.from_line, proof.unreachable) == (server.host_key, True, "")
    found = Found(access="serial:/dev/ttyUSB0?baud=9600", fit=Fit(PROFILE, "it was named"), facts={"hostname": "S"})
    now = bootstrapped(found, here, proof)
    assert now.facts["hostname"] == "closet-1"
    joining = Joining(location="closet", service="https://example.org", data_dir=tmp_path)
    made, attached = settings(joining, now, "closet-1", here.credential)
    assert attached.access == (f"ssh://pointsman@127.0.0.1:{port}", "serial:/dev/ttyUSB0?baud=9600")
    assert attached.identity == {"ssh_host_key": server.host_key}
    assert "127.0.0.1" in made.secrets[0].hosts


async def test_another_device_at_the_address_is_seen_before_a_secret_is_sent(bench, wanted) -> None:
    async with bench.line() as device, reachable(bench) as (_, port):
        here = await prepared(bench, device, wanted, port)
        bench.switch.host_key = "ssh-rsa " + "AAAA" * 20
        with pytest.raises(WrongDevice):
            await prove(device, here)
        bench.switch.host_key = ""  # IOS 12 does not show its own: the first that answers is pinned
        proof = await prove(device, here)
    assert (bool(proof.host_key), proof.from_line) == (True, False)


async def test_a_login_that_is_refused_and_a_network_that_does_not_lead_there(bench, wanted) -> None:
    async with bench.line() as device:
        async with reachable(bench, knows_key=False) as (_, port):
            here = await prepared(bench, device, wanted, port)
            with pytest.raises(AuthFailed):
                await prove(device, here)
        proof = await prove(device, here)
    assert (bool(proof.unreachable), bool(proof.host_key)) == (True, True)
    assert await prove(device, Wanted(hostname="closet-1")) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hostname": "a b"}, "hostname"),
        ({"hostname": "x\nreload"}, "hostname"),
        ({"management": "10.0.0.2"}, "management"),
        ({"management": "10.0.0.0/24"}, "management"),
        ({"gateway": "10.0.0.1; reload"}, "gateway"),
        ({"user": "admin secret"}, "user"),
        ({"user": ""}, "--user"),
        ({"key": None}, "--ssh-key"),
        ({"line": SECRET}, "one credential"),
        ({"key": None, "line": Credential(name="typed", text="pass word?")}, r"password \*\*\*"),
        ({"key": SECRET}, "no private key"),
        ({"key": key_of(ed25519.Ed25519PrivateKey.generate())}, "ssh-ed25519"),
    ],
)
def test_what_may_not_reach_a_device_is_refused(wanted, change, said) -> None:
    with pytest.raises(WrongUsage, match=said):
        steps(PROFILE, dataclasses.replace(wanted, **change))


@dataclasses.dataclass
class Plugged:
    """A line that is pulled when it is given back."""

    line: Line

    async def give_back(self) -> None:
        await self.line.close()


@pytest.fixture
def on_cable(bench, monkeypatch) -> Found:
    """The switch as the command finds it, by a line that is opened anew each time."""

    async def opened(found, credential):
        async def again() -> Plugged:
            async def open_twin():
                return MemoryConnection(bench.start)

            line = Line(TwinPort(open_twin, VirtualClock()), name="con1")
            line.start()
            return Plugged(line)

        who = LineLogin(secret=credential, asked=True, line=True)
        return LineConnection(who, first=await again(), again=again, wait_s=3.0)

    monkeypatch.setattr(command, "_open", opened)
    return Found(access="serial:/dev/ttyUSB0", fit=Fit(PROFILE, "it was named"), facts={})


def test_nothing_is_sent_without_consent(bench, on_cable, capsys) -> None:
    want = Wanted(hostname="closet-1", user="pointsman", line=SECRET)
    with pytest.raises(WrongUsage, match="--yes"):
        command.bootstrap(on_cable, want, yes=False, look=False)
    shown = capsys.readouterr().out
    assert "  hostname closet-1\n" in shown
    assert "secret ***" in shown
    assert SECRET.text not in shown
    assert command.bootstrap(on_cable, want, yes=True, look=True) == on_cable
    assert bench.switch.writes == 0


def test_with_consent_it_is_done_and_told(bench, on_cable, capsys) -> None:
    want = Wanted(hostname="closet-1")
    now = command.bootstrap(on_cable, want, yes=True, look=False)
    assert (now.facts["hostname"], now.accesses) == ("closet-1", ("serial:/dev/ttyUSB0",))
    assert (bench.switch.startup.hostname, bench.switch.saves) == ("closet-1", 1)
    command.bootstrap(on_cable, want, yes=False, look=False)
    assert "hostname: is so already" in capsys.readouterr().out
    assert bench.switch.saves == 1


def test_a_profile_without_steps_says_so(wanted) -> None:
    with pytest.raises(WrongUsage, match="no bootstrap steps"):
        steps(load_profiles()["vde_switch"], wanted)
