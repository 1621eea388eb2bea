"""Attaching to a switch behind a console server: its login is the server's own, and goes to nobody else."""

import dataclasses

import pytest

from device_profiles.profile import load_profiles
from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.line.served_access import ServerRefused
from pointsman.attach import hearing
from pointsman.attach.finding import Found, find
from pointsman.attach.joining import Joining, settings
from pointsman.probe.detection import Fit
from tests.unit.drivers.line.served import PASSWORD, USER, Port, Slc, hurry, serving

pytestmark = pytest.mark.unit

KNOWN = load_profiles()


@pytest.fixture(autouse=True)
def brisk(monkeypatch):
    for name in ("_FIRST_S", "_QUIET_S", "_SILENT_S"):
        monkeypatch.setattr(hearing, name, 0.02)
    hurry(monkeypatch)


def access_of(tcp_port, password=PASSWORD):
    access = parse_access(f"telnet://{USER}@127.0.0.1:{tcp_port}/3?server=lantronix_slc&login=file:/home/me/slc")
    return dataclasses.replace(access, secret=Credential(name="file:/home/me/slc", text=password))


async def test_a_switch_is_found_and_its_agent_knows_the_servers_login(tmp_path):
    port = Port()
    async with serving(Slc, port) as tcp_port:
        access = access_of(tcp_port)
        found = await find(access, known=KNOWN, profile=None, credential=None)
    made, attached = settings(Joining(location="x", service="", data_dir=tmp_path), found, "sw1", None)
    assert attached.access == (f"telnet://{USER}@127.0.0.1:{tcp_port}/3?server=lantronix_slc&login=file:line.server",)
    assert attached.credentials is None
    assert [(rule.name, rule.hosts) for rule in made.secrets] == [("file:line.server", ("127.0.0.1",))]
    assert (tmp_path / "secrets/line.server").read_text() == PASSWORD
    assert PASSWORD.encode() not in port.got
    assert port.logins == [(USER, PASSWORD)]


async def test_a_server_that_refuses_the_login_is_not_asked_again():
    port = Port()
    async with serving(Slc, port) as tcp_port:
        with pytest.raises(ServerRefused):
            await find(access_of(tcp_port, "wrong"), known=KNOWN, profile=None, credential=None)
    assert len(port.logins) == 1


def test_a_device_that_shows_nothing_of_itself_is_known_by_the_port_and_not_by_who_logs_in():
    access = f"telnet://{USER}@cs1:23/3?server=lantronix_slc"
    found = Found(access=access, fit=Fit(KNOWN["vde_switch"], "it was named"), facts={})
    assert found.identity == {"line": "telnet://cs1:23/3"}
