"""A shell as the command line at a far end: what refuses is an exit status, and steps are seen in what tools print."""

import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from device_profiles.profile import load_profiles
from drivers.credentials import Login
from drivers.errors import Rejected
from pointsman.attach.bootstrapping import Wanted, carry_out, plan, steps
from pointsman.attach.commands import OnLine, commands
from pointsman.problems import PointsmanError, WrongUsage
from tests.unit.pointsman.attach.test_bootstrapping import SECRET, key_of, names

pytestmark = pytest.mark.unit

PROFILE = load_profiles()["openvswitch"]
KEY = key_of(ed25519.Ed25519PrivateKey.generate())
FRAME = re.compile(r"\{ (?P<command>.*?)\n\} </dev/null 2>&1; printf '\\n#%s %d\\n' (?P<nonce>\w+) \$\?\n", re.DOTALL)


class Shell:
    """A shell that answers whole command lines: what is printed, and the exit status."""

    login = Login()
    identity = "SHA256:one"
    closed = False

    def __init__(self, answer) -> None:
        self._answer = answer
        self._said = b""

    async def stream(self, command):
        assert command == PROFILE.shell.start
        return self

    async def send(self, data):
        for match in FRAME.finditer(data.decode()):
            text, status = self._answer(match["command"])
            self._said += f"{text}\n#{match['nonce']} {status}\n".encode()

    async def receive(self):
        said, self._said = self._said, b""
        return said

    async def close(self):
        return None


class Debian:
    """As much of a host with Open vSwitch as the steps are seen in. Lines in ``refused`` it refuses."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.refused = ""

    def answer(self, line):
        if line in self._shown():
            return self._shown()[line]
        if self.refused and self.refused in line:
            return "RTNETLINK answers: Operation not permitted\n", 2
        if line != ":":
            self.done.append(line)
        return "", 0

    def has(self, *words) -> bool:
        return any(all(word in line for word in words) for line in self.done)

    def _shown(self):
        named = "closet-1" if self.has("hostname closet-1") else "sw1"
        file = "auto br0\niface br0 inet static\n  address 10.0.0.2/24\n  ovs_type OVSBridge\n"
        file = file if self.has("iface %s inet static") else "cat: pointsman: No such file or directory\n"
        file += "  gateway 10.0.0.1\n" if self.has("gateway %s") else ""
        address = (
            "7: br0    inet 10.0.0.2/24 scope global br0\\       valid_lft forever\n" if self.has("replace 10") else ""
        )
        route = "default via 10.0.0.1 dev br0 \n" if self.has("default via") else ""
        ops = "ops:x:0:1001::/srv/ops:/bin/sh\n" if self.has("useradd", "ops") else ""
        key = next((line.split("'")[3] for line in self.done if "authorized_keys" in line), "")
        port = "   0: 00000000:0016 00000000:0000 0A 00000000:00000000\n" if self.has("/usr/sbin/sshd") else ""
        asks = {step.name: step.asks for step in PROFILE.bootstrap.steps}
        return {
            asks["hostname"]: (f'{named}\n{named}\n"{named}"\n', 0),
            asks["management-address"]: (address + file, 0 if "auto" in file else 1),
            asks["gateway"]: (route + file, 0),
            asks["user"]: (f"root:x:0:0:root:/root:/bin/bash\n{ops}", 0),
            asks["ssh-key"]: (f"ops {key} agent@laptop\n" if key else "", 0),
            asks["ssh-server"]: (f"  sl  local_address rem_address   st\n{port}", 0),
        }

    @property
    def line(self) -> OnLine:
        async def opened():
            return Shell(self.answer)

        return OnLine(profile=PROFILE, open=opened)


WANTED = Wanted(hostname="closet-1", management="10.0.0.2/24", gateway="10.0.0.1", user="ops", key=KEY)
ALL = ["hostname", "management-address", "gateway", "user", "ssh-key", "ssh-server"]


async def test_a_host_is_made_reachable_once() -> None:
    host = Debian()
    planned = await plan(host.line, steps(PROFILE, WANTED))
    assert (names(planned.todo), host.done) == (ALL, [])
    await carry_out(host.line, planned)
    done = list(host.done)
    again = await plan(host.line, steps(PROFILE, WANTED))
    assert (names(again.done), again.is_empty) == (ALL, True)
    await carry_out(host.line, again)
    assert host.done == done


async def test_what_an_exit_status_refuses_stops_it() -> None:
    host = Debian()
    host.refused = "ip route replace"
    with pytest.raises(PointsmanError, match="gateway: the device refuses it: RTNETLINK answers") as stopped:
        await carry_out(host.line, await plan(host.line, steps(PROFILE, WANTED)))
    assert stopped.value.details[:2] == (
        "done: hostname, management-address",
        "not done: gateway, user, ssh-key, ssh-server",
    )


async def test_a_question_may_end_with_any_status_and_a_refusal_never_shows_the_command() -> None:
    cli = commands(Shell(lambda line: ("", 1)), PROFILE)
    assert (await cli.run("cat nothing")).status == 1
    with pytest.raises(Rejected) as refused:
        await cli.run_all((f"printf {SECRET.text}",))
    assert SECRET.text not in str(refused.value)
    await cli.close()


def test_a_user_there_has_a_key() -> None:
    with pytest.raises(WrongUsage, match="logs in by a key"):
        steps(PROFILE, Wanted(user="ops", line=SECRET))
