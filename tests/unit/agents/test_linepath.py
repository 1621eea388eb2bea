"""The way of a session over a serial line: through none of the device's ports, unless its console server is there."""

import datetime as dt

import pytest

from agents.linepath import is_line, line_path
from agents.nexthop import UNKNOWN, NextHop
from device_profiles.operation import MacEntry, Operation
from drivers.access import parse_access
from drivers.contract import OwnPath

pytestmark = pytest.mark.unit

SERVER = "02:00:00:00:00:fe"
URL = "rfc2217://10.8.0.254:2001"


class Switch:
    """A driver that has learned some addresses."""

    def __init__(self, *macs, fdb=True):
        self.macs = macs
        self.capabilities = frozenset({"fdb"} if fdb else ())

    async def operation(self, want):
        assert want == {"macs"}
        return Operation(at=dt.datetime.now(dt.UTC), source="test", macs=self.macs)


async def path(url, hop, switch):
    async def find_hop(host):
        assert host == "10.8.0.254"
        return hop

    return await line_path(parse_access(url), switch, find_hop=find_hop)


@pytest.mark.parametrize(
    ("url", "hop"), [("serial:/dev/ttyUSB0", UNKNOWN), (URL, NextHop(here=True)), (URL, NextHop(mac=SERVER))]
)
async def test_a_cable_crosses_no_port(url, hop):
    found = await path(url, hop, Switch(MacEntry(mac="02:00:00:00:00:01", vlan=1, port="1")))
    assert (found.ports, found.evidence != "") == ((), True)


async def test_a_console_server_behind_a_port_is_found():
    found = await path(URL, NextHop(mac=SERVER), Switch(MacEntry(mac=SERVER, vlan=99, port="24")))
    assert found == OwnPath(
        peer="10.8.0.254", ports=("24",), vlan=99, evidence=f"{SERVER}, the way to its console server"
    )


@pytest.mark.parametrize(("hop", "switch"), [(UNKNOWN, Switch()), (NextHop(mac=SERVER), Switch(fdb=False))])
async def test_where_nobody_can_tell_it_is_unknown(hop, switch):
    assert await path(URL, hop, switch) is None


@pytest.mark.parametrize(
    ("url", "line"), [("telnet://10.8.0.254:23", False), ("telnet://10.8.0.254:2001?server=ser2net", True), (URL, True)]
)
def test_telnet_is_a_line_where_a_console_server_is_named(url, line):
    assert is_line(parse_access(url)) is line
