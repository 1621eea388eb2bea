"""The Junos-like twin over SSH: pages, and a candidate that is free again when its holder is gone."""

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import State, Vlan
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.errors import Busy
from drivers.transports import open_connection
from drivers.vendors.juniper_junos import DRIVER
from pointsman.subjects.juniper_junos import switch
from pointsman.twins.languages.junos_session import JunosSession
from pointsman.twins.languages.server import LanguageServer
from pointsman.twins.languages.terminal import Password, Terminal

pytestmark = pytest.mark.unit

PASSWORD = Password(user="admin", password="pointsman-twin")


async def connect(server):
    return await open_connection(
        parse_access(server.ssh_access),
        credential=Credential(name="file:twin", text=PASSWORD.password),
        pin=server.host_key,
        timeout_s=10.0,
    )


async def test_it_is_read_and_changed_over_ssh():
    device = switch()
    async with LanguageServer(lambda: JunosSession(device), password=PASSWORD) as server:
        connection = await connect(server)
        driver = DRIVER(connection, load_profiles()["juniper_junos"])
        (step,) = driver.plan(Goal(State(vlans={100: Vlan(name="blue")})), await driver.read(()))
        await driver.apply(step)
        assert (await driver.read(())).vlans[100].name == "blue"
        await driver.close()
        await connection.close()
    assert device.commits == 1


async def test_a_candidate_is_free_when_its_holder_hangs_up():
    device = switch()
    other = JunosSession(device, user="bob")
    line = Terminal(other)
    line.feed(b"configure exclusive\n")
    async with LanguageServer(lambda: JunosSession(device), password=PASSWORD) as server:
        connection = await connect(server)
        driver = DRIVER(connection, load_profiles()["juniper_junos"])
        (step,) = driver.plan(Goal(State(vlans={100: Vlan(name="blue")})), await driver.read(()))
        with pytest.raises(Busy, match="bob"):
            await driver.apply(step)
        line.hang_up()
        await driver.apply(step)
        await driver.close()
        await connection.close()


def test_long_answers_stop_at_the_pager_until_it_is_told_otherwise():
    line = Terminal(JunosSession(switch()))
    assert b"---(more)---" in line.feed(b"show interfaces\n")
    line.feed(b"q")
    line.feed(b"set cli screen-length 0\n")
    assert b"---(more)---" not in line.feed(b"show interfaces\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set interfaces ge-0/0/5 mtu nine", "syntax error"),
        ("delete interfaces ge-0/0/5 mtu", "warning: statement not found"),
        ("rename vlans nobody to somebody", "error: statement 'nobody' not found"),
        ("rollback 7", "error: could not open rollback file"),
        ("reboot", "unknown command"),
    ],
)
def test_what_it_refuses(line, said):
    terminal = Terminal(JunosSession(switch()))
    terminal.feed(b"configure exclusive\n")
    assert said in terminal.feed(f"{line}\n".encode()).decode()


def test_leaving_with_changes_asks_first():
    device = switch()
    terminal = Terminal(JunosSession(device))
    terminal.feed(b"configure exclusive\nset vlans blue vlan-id 100\n")
    assert b"Discard uncommitted changes? [yes,no] (yes)" in terminal.feed(b"exit\n")
    terminal.feed(b"yes\n")
    assert (device.held, device.commits) == (None, 0)
