"""Recordings: read line by line, played as a device, and made without secrets."""

import pytest

from drivers.access import Access
from drivers.errors import Unreachable, Unsupported
from drivers.snmp import records
from drivers.snmp.pdu import Kind, Request, asking
from drivers.snmp.recorder import RecordingManager
from drivers.snmp.values import Counter64, Gauge, Integer, IpAddress, Missing, ObjectId, Octets, Ticks, oid
from drivers.transports import open_connection
from pointsman.subjects.snmp_bridge import bridge
from pointsman.twins.snmp.agent import Direct

pytestmark = pytest.mark.unit

LINES = {
    "1.3.6.1.2.1.1.1.0|4|A switch": Octets(b"A switch"),
    "1.3.6.1.2.1.1.1.1|4x|00ff0a": Octets(b"\x00\xff\n"),
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9": ObjectId((1, 3, 6, 1, 4, 1, 9)),
    "1.3.6.1.2.1.1.3.0|67|5": Ticks(5),
    "1.3.6.1.2.1.1.7.0|2|-7": Integer(-7),
    "1.3.6.1.2.1.2.1.0|66|7": Gauge(7),
    "1.3.6.1.2.1.2.2.0|70|18446744073709551615": Counter64(2**64 - 1),
    "1.3.6.1.2.1.4.20.0|64|192.0.2.1": IpAddress(bytes((192, 0, 2, 1))),
}


def replay(path):
    return open_connection(Access(scheme="replay", host=str(path), port=0), credential=None, pin=None, timeout_s=1)


@pytest.mark.parametrize("line", LINES)
def test_each_kind_of_value_is_read_and_written_the_same(line):
    tree = records.parse([line])
    ((name, value),) = tree.values.items()
    assert (value, type(value)) == (LINES[line], type(LINES[line]))
    assert records.line(name, value) == line


@pytest.mark.parametrize("line", ["nonsense", "1.3|99|x", "1.3.6|2|seven", "1.3.6|4x|0g", "1.x|2|7", "1.3.6|64|1.2"])
def test_a_line_that_cannot_be_read_is_left_out_and_told(line):
    tree = records.parse([line, "1.3.6.1|2|7"], origin="sw1.snmprec")
    assert tree.values == {(1, 3, 6, 1): 7}
    assert tree.problems[0].startswith("sw1.snmprec, line 1: cannot be read")


def test_what_is_not_there_is_told_as_an_agent_tells_it():
    tree = records.parse(LINES)
    assert tree.get(oid("1.3.6.1.2.1.1.1.9")) is Missing.INSTANCE
    assert tree.get(oid("1.3.6.1.9.9.9.9")) is Missing.OBJECT
    assert tree.after((1, 3, 7)) == ((1, 3, 7), Missing.END)
    assert tree.answer(Request(kind=Kind.SET, bindings=[((1, 3, 6), Integer(1))])).status == 17


async def test_a_recording_plays_with_those_of_its_vlans(tmp_path):
    (tmp_path / "sw1.snmprec").write_text("1.3.6.1.2.1.1.5.0|4|sw1\n")
    (tmp_path / "sw1@10.snmprec").write_text("1.3.6.1.2.1.1.5.0|4|ten\n")
    for path in (tmp_path, tmp_path / "sw1.snmprec"):
        connection = await replay(path)
        name = oid("1.3.6.1.2.1.1.5.0")
        assert (await connection.get([name]), await connection.get([name], vlan=10)) == ((b"sw1",), (b"ten",))
        with pytest.raises(Unreachable, match="VLAN 11 was not recorded"):
            await connection.get([name], vlan=11)
        await connection.close()


async def test_a_recording_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Unsupported):
        await replay(tmp_path / "nobody.snmprec")


async def test_what_was_heard_is_kept_without_secrets(tmp_path):
    device = bridge()
    device.ports[3].alias = b"call hush-hush"
    heard = RecordingManager(Direct(device), secrets=("hush-hush",))
    await heard.walk([oid("1.3.6.1.2.1.31.1.1.1.18")])
    await heard.get([oid("1.3.6.1.2.1.1.5.0")])
    await heard.save(tmp_path / "made")
    text = (tmp_path / "made" / "device.snmprec").read_text()
    assert "hush" not in text
    assert "|4|call removed\n" in text
    again = await replay(tmp_path / "made")
    assert await again.get([oid("1.3.6.1.2.1.1.5.0")]) == (b"sw1.example.net",)
    assert heard.count == len(text.splitlines())


async def test_tables_of_communities_and_users_are_never_kept(tmp_path):
    class Leaky(Direct):
        async def exchange(self, request):
            return records.parse(["1.3.6.1.6.3.18.1.1.1.2.1|4|topsecret"]).answer(request)

    heard = RecordingManager(Leaky(bridge()))
    await heard.exchange(asking(Kind.GET, [oid("1.3.6.1.6.3.18.1.1.1.2.1")]))
    assert heard.count == 0
