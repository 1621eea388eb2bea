"""Console servers: the way to a port, their refusals, their keys, and a switch behind each of them."""

import contextlib
import dataclasses
from contextlib import nullcontext

import pytest

from device_profiles.console_server import Escape, console_servers, load_console_servers
from device_profiles.profile import ProfileError, load_profiles
from drivers.access import parse_access
from drivers.contract import login_of
from drivers.credentials import Credential
from drivers.errors import AuthFailed, LineBusy, Unreachable, Unsupported, WrongDevice
from drivers.line.holding import Holder
from drivers.line.served_access import ServerRefused
from drivers.line.served_port import Keys
from drivers.line.shared import borrow
from drivers.registry import make_driver
from drivers.transports import open_connection
from tests.unit.drivers.line import served
from tests.unit.drivers.line.served import PASSWORD, USER, Port, hurry, serving, serving_ssh

pytestmark = pytest.mark.unit

FAMILIES = {
    "ser2net": (served.Ser2net, "telnet://127.0.0.1:{}?server=ser2net"),
    "cisco_terminal_server": (served.Cisco, "telnet://ops@127.0.0.1:{}?server=cisco_terminal_server"),
    "opengear": (served.Opengear, "telnet://ops@127.0.0.1:{}?server=opengear"),
    "digi_cm": (served.Digi, "telnet://ops@127.0.0.1:{}?server=digi_cm"),
    "lantronix_slc": (served.Slc, "telnet://ops@127.0.0.1:{}/3?server=lantronix_slc"),
    "conserver": (served.Conserver, "tcp://ops@127.0.0.1:{}/sw1?server=conserver"),
    "avocent_acs": (served.Acs, "line+ssh://ops@127.0.0.1:{}/sw1?server=avocent_acs"),
}
LOST = {"lantronix_slc": (b"\x1bA\x1bB", b"\x1b\x1b"), "avocent_acs": (b"\x1a", b"")}
"""What has no way to be typed at a device behind a server, and what of it gets there."""
ASKING = sorted(FAMILIES.keys() - {"ser2net"})
ANA = Holder("ana", person=True)


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    hurry(monkeypatch)


def access_of(name, tcp_port, *, password=PASSWORD):
    access = parse_access(FAMILIES[name][1].format(tcp_port))
    return dataclasses.replace(access, secret=Credential(name="file:cs", text=password) if name in ASKING else None)


@contextlib.asynccontextmanager
async def reached(name, port, *, password=PASSWORD):
    """A server of a family, with this port; the access to it."""
    kind, url = FAMILIES[name]
    if url.startswith("line+ssh:"):
        async with serving_ssh(kind, port) as (tcp_port, _):
            yield access_of(name, tcp_port, password=password)
    else:
        async with serving(kind, port) as tcp_port:
            yield access_of(name, tcp_port, password=password)


async def all_of(held):
    while True:
        await held.receive()


def test_each_family_has_a_server_to_be_proven_on():
    assert FAMILIES.keys() == console_servers().keys()


@pytest.mark.parametrize("name", FAMILIES)
async def test_a_pass_through_a_server_finds_the_switch_as_it_is_and_leaves_the_port(name):
    port = Port()
    async with reached(name, port) as access:
        connection = await open_connection(access, credential=None, pin=None, timeout_s=2)
        driver = make_driver(connection, load_profiles()["cisco_ios"])
        assert (await driver.facts())["hostname"] == "sw1"
        assert (await driver.read(())).ports
        await driver.close()
        await connection.close()
        if console_servers()[name].leave:
            await port.until(lambda: port.left == 1)
    assert port.logins == ([(USER, PASSWORD)] if name in ASKING else [])
    assert PASSWORD.encode() not in port.got
    assert port.switch.writes == 0


@pytest.mark.parametrize("name", sorted(FAMILIES.keys() - {"avocent_acs"}))
async def test_a_break_goes_the_way_of_the_family(name):
    port = Port()
    async with reached(name, port) as access:
        has = await borrow(access, timeout_s=2)
        await has.line.send_break()
        await port.until(lambda: port.breaks == 1)
        await has.give_back()
    assert not port.got


@pytest.mark.parametrize("name", FAMILIES)
async def test_keys_of_the_server_are_not_taken_from_what_is_sent_to_the_device(name):
    keys = b"~.\r~b\r~~\r\x1ax\x1ab\x1a\x1bA\x1bB\x05c.\x05cl0\x1d\r"
    port = Port()
    async with reached(name, port) as access:
        has = await borrow(access, timeout_s=2)
        async with has.line.hold(ANA, wait_s=1) as held:
            await held.send(b"\r")
            for at in range(len(keys)):
                await held.send(keys[at : at + 1])
            await port.until(lambda: port.got.count(b"\r") == 5)
        assert (port.left, port.breaks) == (0, 0)
        await has.give_back()
    assert bytes(port.got) == b"\r" + keys.replace(*LOST.get(name, (b"", b"")))


async def test_a_break_whose_keys_nobody_could_read_is_refused():
    async with reached("avocent_acs", Port()) as access:
        has = await borrow(access, timeout_s=2)
        with pytest.raises(Unsupported, match="has no key for a break"):
            await has.line.send_break()
        await has.give_back()


async def test_in_the_middle_of_a_line_nothing_is_typed_at_the_device_to_leave_it():
    port = Port()
    async with serving(served.Opengear, port) as tcp_port:
        has = await borrow(access_of("opengear", tcp_port), timeout_s=2)
        async with has.line.hold(ANA, wait_s=1) as held:
            await held.send(b"half a command")
            with pytest.raises(Unsupported, match="press Enter before"):
                await has.line.send_break()
        await has.give_back()
    assert port.got == b"half a command"


@pytest.mark.parametrize("name", ASKING)
async def test_a_login_that_is_refused_is_tried_once(name):
    port = Port()
    async with reached(name, port, password="wrong-one") as access:
        with pytest.raises(
            AuthFailed, match=r"console server 127\.0\.0\.1 refuses the login( \(.*\))?, which was tried"
        ):
            await borrow(access, timeout_s=2)
    assert port.logins == [(USER, "wrong-one")]
    assert not port.got


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ser2net", r"TCP port \d+ of the console server 127\.0\.0\.1 is in use \(it says 'Port already in use'\)"),
        ("digi_cm", "is in use .*Port escape menu"),
        ("lantronix_slc", "port 3 of .* is not given to us: it says 'Port 3 is used by ana@ws1'"),
        ("conserver", "port sw1 of .* is in use by ana@ws1: wait, or ask them"),
        ("avocent_acs", "port sw1 of .* is in use by ana@ws1: wait, or ask them"),
    ],
)
async def test_a_port_that_is_somebody_elses_is_left_to_them_and_they_are_named(name, says):
    port = Port(held="ana@ws1")
    async with reached(name, port) as access:
        with pytest.raises(LineBusy, match=says):
            await borrow(access, timeout_s=2)
    assert not port.got


@pytest.mark.parametrize(("right", "error"), [(PASSWORD, None), ("another", ServerRefused)])
async def test_a_port_behind_ssh_may_ask_for_the_password_once_more_and_is_told_it_once(right, error):
    port = Port(asks_again=right)
    async with reached("avocent_acs", port) as access:
        with pytest.raises(error, match=r"refuses the login .*, which was tried once") if error else nullcontext():
            await (await borrow(access, timeout_s=2)).give_back()
    assert port.logins == [(USER, PASSWORD), ("", PASSWORD)]
    assert port.called == ["cd access", "connect sw1"]


async def test_a_cisco_line_in_use_refuses_the_connection():
    async with serving(served.Cisco, Port()) as tcp_port:
        pass
    with pytest.raises(LineBusy, match="somebody has that line, or it takes nobody: see `show line` there"):
        await borrow(access_of("cisco_terminal_server", tcp_port), timeout_s=2)


async def test_the_master_of_conserver_sends_us_to_the_group_of_a_console():
    port = Port()
    async with serving(served.Conserver, port) as group, serving(served.Master, port) as tcp_port:
        port.group = group
        has = await borrow(access_of("conserver", tcp_port), timeout_s=2)
        await has.give_back()
        await port.until(lambda: port.left == 1)
    assert port.called == ["call sw1"]


async def test_a_server_whose_own_prompt_comes_back_is_not_typed_at():
    port = Port()
    async with serving(served.Slc, port) as tcp_port:
        has = await borrow(access_of("lantronix_slc", tcp_port), timeout_s=2)
        async with has.line.hold(ANA, wait_s=1) as held:
            port.session.say("\r\nYour session was ended\r\n[slc30ef]> ")
            with pytest.raises(Unreachable, match="the server's own prompt came back"):
                await all_of(held)
        await has.give_back()


async def test_a_port_that_is_taken_from_us_is_told_with_the_servers_words():
    port = Port()
    async with serving(served.Ser2net, port) as tcp_port:
        has = await borrow(access_of("ser2net", tcp_port), timeout_s=2)
        async with has.line.hold(ANA, wait_s=1) as held:
            port.session.say("kicked off, new user is coming\r\n")
            port.session.writer.close()
            with pytest.raises(Unreachable, match="was lost: the server says 'kicked off, new user is coming'"):
                await all_of(held)
        await has.give_back()


async def test_what_shows_something_else_is_told_with_what_it_shows():
    port = Port()
    async with serving(served.Ser2net, port) as tcp_port:
        access = access_of("digi_cm", tcp_port)
        with pytest.raises(Unreachable, match=r"shows '.*', and not what a digi_cm shows: look at server= and login="):
            await borrow(access, timeout_s=0.1)
    assert not port.logins


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("telnet://cs1/7", Unsupported, "names a port in its path, and no console server that has it"),
        ("telnet://ops@cs1?login=file:x", Unsupported, "who we are at a console server, and none is named"),
        ("line+ssh://ops@cs1/port07", Unsupported, "server= is none of"),
        ("line+ssh://ops@cs1/7?server=opengear", Unsupported, "name the port in the path"),
        ("line+ssh://ops@cs1?server=conserver", Unsupported, "is reached by tcp://"),
        ("telnet://cs1?server=nobody", Unsupported, "server= is none of avocent_acs, cisco_terminal_server"),
        ("tcp://cs1:23/3?server=lantronix_slc", Unsupported, "is reached by telnet://"),
        ("telnet://ops@cs1?server=lantronix_slc", Unsupported, "name the port in the path"),
        ("telnet://ops@cs1/3%0dreboot?server=lantronix_slc", Unsupported, "name the port in the path"),
        ("telnet://ops@cs1/\u0663?server=lantronix_slc", Unsupported, "name the port in the path"),
        ("telnet://cs1:2001/3?server=ser2net", Unsupported, "has a TCP port of its own, and no path"),
        ("telnet://ops@cs1/3?server=lantronix_slc", AuthFailed, "asks who is there: name the user .* by login="),
    ],
)
async def test_what_a_url_asks_is_checked_before_anybody_is_called(url, error, says):
    with pytest.raises(error, match=says):
        await borrow(parse_access(url), timeout_s=1)


@pytest.mark.parametrize("user", ["", "ops:7", "a b", "x\ny"])
async def test_a_user_that_could_say_more_than_a_name_is_refused(user):
    access = dataclasses.replace(access_of("lantronix_slc", 23), user=user)
    with pytest.raises(Unsupported, match="name the user of the console server"):
        await borrow(access, timeout_s=1)


async def test_a_device_behind_a_server_is_told_its_own_user_and_not_the_servers():
    async with serving(served.Opengear, Port()) as tcp_port:
        access = access_of("opengear", tcp_port)
        for options, user in (((), ""), ((("user", "admin"),), "admin")):
            named = dataclasses.replace(access, options=(*access.options, *options))
            connection = await open_connection(named, credential=None, pin=None, timeout_s=2)
            assert login_of(connection).user == user
            await connection.close()


@pytest.mark.parametrize(
    ("name", "path", "user"),
    [
        ("opengear", "/port07", "ops:port07"),
        ("opengear", "", "ops"),
        ("digi_cm", "", "ops"),
        ("lantronix_slc", "/3", "ops"),
    ],
)
async def test_a_port_is_reached_by_ssh_and_its_servers_key_is_pinned(name, path, user):
    port = Port()
    async with serving_ssh(FAMILIES[name][0], port) as (tcp_port, key):
        url = f"line+ssh://ops@127.0.0.1:{tcp_port}{path}?server={name}"
        access = dataclasses.replace(parse_access(url), secret=Credential(name="file:cs", text=PASSWORD))
        with pytest.raises(WrongDevice, match="nothing was sent"):
            await open_connection(access, credential=None, pin="SHA256:" + 43 * "A", timeout_s=2)
        assert port.logins == []
        connection = await open_connection(access, credential=None, pin=key, timeout_s=2)
        driver = make_driver(connection, load_profiles()["cisco_ios"])
        assert (await driver.facts())["hostname"] == "sw1"
        has = await borrow(access, timeout_s=2)
        await has.line.send_break()
        await port.until(lambda: port.breaks == 1)
        await has.give_back()
        await driver.close()
        assert connection.identity == key
        await connection.close()
        await port.until(lambda: port.left == 1)
    assert port.logins == [(user, PASSWORD)]


async def test_a_login_by_ssh_that_is_refused_is_the_servers():
    port = Port()
    async with serving_ssh(served.Slc, port) as (tcp_port, _):
        access = parse_access(f"line+ssh://ops@127.0.0.1:{tcp_port}/3?server=lantronix_slc")
        with pytest.raises(ServerRefused, match=r"console server .* tried once"):
            await borrow(dataclasses.replace(access, secret=Credential(name="x", text="wrong")), timeout_s=2)
    assert len(port.logins) == 1


def test_keys_are_found_over_the_edges_of_what_is_sent():
    keys = Keys([Escape(keys="\x05c", instead="c\\005c"), Escape(keys="~", instead="~~", after_enter=True)])
    assert [keys.kept(data) for data in (b"a\x05", b"c", b"c~", b"\r", b"~")] == [
        b"a\x05",
        b"c\\005c",
        b"c~",
        b"\r",
        b"~~",
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('over = []\nsources = ["x"]', "over: say how it is reached"),
        ('over = ["telnet"]\nsource = "x"', "source"),
        ('over = ["ssh"]\nsources = ["x"]', "over"),
        ('over = ["telnet"]\nsources = []', "where the facts are from"),
        ('over = ["telnet"]\nsources = ["x"]\nlogin = "always"', "no step says"),
        ('over = ["telnet"]\nsources = ["x"]\nsteps = [{shows = ">", say = "{port}"}]', "nothing says what that may"),
        ('over = ["telnet"]\nsources = ["x"]\nbusy = ["("]', "not a regular expression"),
    ],
)
def test_a_file_of_a_family_is_loaded_strictly(tmp_path, line, says):
    (tmp_path / "acme.toml").write_text(f'name = "acme"\ntitle = "x"\n{line}\n')
    with pytest.raises(ProfileError, match=f"acme.toml: .*{says}"):
        load_console_servers(tmp_path)


def test_a_site_has_families_of_its_own_and_no_second_one_of_a_name(tmp_path, monkeypatch):
    monkeypatch.setenv("POINTSMAN_PLUGINS", str(tmp_path))
    folder = tmp_path / "console_servers"
    folder.mkdir()
    (folder / "acme.toml").write_text('name = "acme"\ntitle = "x"\nsources = ["x"]\nover = ["telnet"]\n')
    assert console_servers()["acme"].over == ("telnet",)
    load_console_servers.cache_clear()
    (folder / "ser2net.toml").write_text('name = "ser2net"\ntitle = "x"\nsources = ["x"]\nover = ["tcp"]\n')
    with pytest.raises(ProfileError, match=r"ser2net\.toml: there is another console server of this name"):
        console_servers()
