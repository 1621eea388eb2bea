"""SNMP over UDP: what is asked comes back, in time, from the right device, and no secret is ever shown."""

import asyncio

import pytest

from drivers.access import parse_access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, Garbled, Rejected, SecretRefused, Unreachable, Unsupported, WrongDevice
from drivers.snmp.managed import managed_of
from drivers.snmp.values import Integer, Missing, Octets, oid
from drivers.transports import open_connection
from pointsman.subjects.snmp_bridge import bridge
from pointsman.twins.snmp.agent import Server, serving
from pointsman.twins.snmp.engine import Engine, User

pytestmark = pytest.mark.unit

COMMUNITIES = Credential(name="file:snmp", text="public\nprivate")
USER = User(name="agent", auth="authpass12", priv="privpass12")
PASSPHRASES = Credential(name="file:snmp", text="authpass12\nprivpass12")
NAME = oid("1.3.6.1.2.1.1.5.0")
ADMIN = oid("1.3.6.1.2.1.2.2.1.7.103")
ALIAS = oid("1.3.6.1.2.1.31.1.1.1.18.103")
COLUMNS = [oid("1.3.6.1.2.1.2.2.1.2"), oid("1.3.6.1.2.1.2.2.1.8"), oid("1.3.6.1.2.1.17.7.1.4.3.1.2")]


def connect(url, credential=COMMUNITIES, pin=None):
    return open_connection(parse_access(url), credential=credential, pin=pin, timeout_s=5)


@pytest.fixture(params=["2c", "1"])
async def versioned(request):
    async with serving(Server(bridge())) as address:
        connection = await connect(f"snmp://{address}?version={request.param}")
        yield connection
        await connection.close()


async def test_variables_are_read_and_written(versioned):
    assert await versioned.get([NAME, (*NAME, 7)]) in (
        (b"sw1.example.net", Missing.INSTANCE),
        (b"sw1.example.net", Missing.OBJECT),
    )
    await versioned.set([(ADMIN, Integer(2)), (ALIAS, Octets(b"web-07"))])
    assert await versioned.get([ADMIN, ALIAS]) == (2, b"web-07")


async def test_tables_are_walked(versioned):
    found = await versioned.walk(COLUMNS)
    assert [len(found[column]) for column in COLUMNS] == [12, 12, 3]
    assert found[COLUMNS[0]][(103,)] == b"Twin port 3"


async def test_a_set_is_done_whole_or_not_at_all(versioned):
    with pytest.raises(Rejected, match=r"1\.3\.6\.1\.2\.1\.1\.5\.0"):
        await versioned.set([(ADMIN, Integer(2)), (NAME, Octets(b"mine"))])
    assert await versioned.get([ADMIN]) == (1,)


@pytest.mark.parametrize(
    ("name", "value"),
    [(ADMIN, Octets(b"down")), (ADMIN, Integer(9)), (oid("1.3.6.1.2.1.17.7.1.4.5.1.1.3"), Integer(1))],
)
async def test_a_wrong_type_and_a_wrong_value_are_rejected(versioned, name, value):
    with pytest.raises(Rejected):
        await versioned.set([(name, value)])


async def test_a_wrong_community_is_told_without_showing_it():
    async with serving(Server(bridge())) as address:
        with pytest.raises(Unreachable, match="wrong community") as caught:
            await connect(f"snmp://{address}?timeout=0.02&tries=2", Credential(name="file:x", text="hush-hush"))
    assert "hush" not in f"{caught.value!r}{caught.value}"


async def test_a_community_in_the_address_is_used_and_not_shown():
    async with serving(Server(bridge(), reads="hush-hush")) as address:
        access = parse_access(f"snmp://hush-hush@{address}")
        connection = await open_connection(access, credential=None, pin=None, timeout_s=5)
        assert await managed_of(connection).get([NAME]) == (b"sw1.example.net",)
        await connection.close()
    assert "hush" not in f"{access} {access!r} {connection!r} {connection.__dict__}"


async def test_a_device_that_is_too_old_for_version_2_is_asked_by_version_1():
    server = Server(bridge())
    answer = server.datagram_received
    server.datagram_received = lambda data, addr: answer(data, addr) if data[4] == 0 else None
    async with serving(server) as address:
        connection = await connect(f"snmp://{address}?timeout=0.02&tries=2")
        assert await connection.get([NAME]) == (b"sw1.example.net",)
        assert len((await connection.walk(COLUMNS))[COLUMNS[0]]) == 12
        await connection.close()


async def test_a_lost_request_is_sent_again():
    server = Server(bridge())
    async with serving(server) as address:
        connection = await connect(f"snmp://{address}?timeout=0.05&tries=3")
        heard, answer = server.heard, server.datagram_received
        server.datagram_received = lambda data, addr: setattr(server, "datagram_received", answer)
        assert await connection.get([NAME]) == (b"sw1.example.net",)
        assert server.heard == heard + 1
        await connection.close()


async def test_requests_come_no_faster_than_allowed():
    async with serving(Server(bridge())) as address:
        connection = await connect(f"snmp://{address}?rate=100")
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(connection.get([NAME]) for _ in range(6)))
        assert asyncio.get_running_loop().time() - began >= 0.05
        await connection.close()


async def test_what_is_no_message_is_garbled():
    server = Server(bridge())
    async with serving(server) as address:
        connection = await connect(f"snmp://{address}?timeout=1")
        server.datagram_received = lambda data, addr: server._transport.sendto(b"<html>503</html>", addr)
        with pytest.raises(Garbled, match="no SNMP message"):
            await connection.get([NAME])
        await connection.close()


async def test_nobody_there_is_unreachable_at_once():
    with pytest.raises(Unreachable, match="refused"):
        await connect("snmp://127.0.0.1:9")


async def test_there_is_no_command_line(versioned):
    with pytest.raises(Unsupported, match="no command line"):
        await versioned.stream("")
    assert managed_of(versioned) is versioned


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("snmp://127.0.0.1:9?version=3", Unsupported),
        ("snmp://127.0.0.1:9?colour=red", Unsupported),
        ("snmp://127.0.0.1:9?rate=fast", Unsupported),
        ("snmpv3://127.0.0.1:9", Unsupported),
        ("snmpv3://agent@127.0.0.1:9?auth=md5", Unsupported),
    ],
)
async def test_an_address_that_means_nothing_is_refused(url, error):
    with pytest.raises(error):
        await connect(url)


async def test_a_community_must_be_named():
    with pytest.raises(SecretRefused):
        await connect("snmp://127.0.0.1:9", None)


# Version 3.


@pytest.fixture
async def engine():
    async with Engine(bridge(), USER) as made:
        yield made


async def test_version_3_reads_writes_and_walks(engine):
    connection = await connect(f"snmpv3://agent@{engine.address}", PASSPHRASES)
    assert connection.identity == engine.identity
    assert await connection.get([NAME, (1, 3, 9, 9)]) == (b"sw1.example.net", Missing.OBJECT)
    await connection.set([(ADMIN, Integer(2))])
    assert await connection.get([ADMIN]) == (2,)
    found = await connection.walk(COLUMNS)
    assert [len(found[column]) for column in COLUMNS] == [12, 12, 3]
    with pytest.raises(Rejected, match=r"1\.3\.6\.1\.2\.1\.1\.5\.0: writing it, the device says notWritable"):
        await connection.set([(NAME, Octets(b"mine"))])
    await connection.close()


async def test_version_3_comes_no_faster_than_allowed(engine):
    connection = await connect(f"snmpv3://agent@{engine.address}?rate=50", PASSPHRASES)
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(connection.get([NAME]) for _ in range(5)))
    assert asyncio.get_running_loop().time() - began >= 0.08
    await connection.close()


async def test_a_pinned_engine_is_known_and_another_gets_no_key(engine):
    await (await connect(f"snmpv3://agent@{engine.address}", PASSPHRASES, pin=engine.identity)).close()
    await (await connect(f"snmpv3://agent@{engine.address}", PASSPHRASES, pin=f"0x{engine.identity.upper()}")).close()
    with pytest.raises(WrongDevice, match="nothing was sent to it"):
        await connect(f"snmpv3://agent@{engine.address}", PASSPHRASES, pin="80001f8804ffffffffff")


async def test_a_pin_of_another_access_is_none_of_ours(engine):
    await (await connect(f"snmpv3://agent@{engine.address}", PASSPHRASES, pin="SHA256:abc")).close()


@pytest.mark.parametrize("boots", [4, 3, 1])
async def test_an_engine_that_was_restarted_is_asked_on(engine, boots):
    connection = await connect(f"snmpv3://agent@{engine.address}?timeout=2&tries=1", PASSPHRASES)
    engine.restart(boots=boots)
    assert await connection.get([NAME]) == (b"sw1.example.net",)
    await connection.close()


async def test_another_engine_at_the_same_address_is_refused(engine):
    connection = await connect(f"snmpv3://agent@{engine.address}?timeout=0.3&tries=1", PASSPHRASES)
    engine.restart(engine_id="80001f88040a0b0c0d0e")
    with pytest.raises(WrongDevice, match="80001f88040a0b0c0d0e"):
        await connection.get([NAME])
    await connection.close()


@pytest.mark.parametrize("text", ["wrongpass12\nprivpass12", "authpass12\nwrongpass12"])
async def test_wrong_passphrases_are_refused_and_never_shown(engine, text):
    with pytest.raises((AuthFailed, Unreachable)) as caught:
        await connect(f"snmpv3://agent@{engine.address}?timeout=0.1&tries=1", Credential(name="file:x", text=text))
    assert "pass12" not in f"{caught.value!r}{caught.value.__context__!r}"


async def test_a_wrong_user_is_refused(engine):
    with pytest.raises(AuthFailed):
        await connect(f"snmpv3://nobody@{engine.address}", PASSPHRASES)


async def test_a_passphrase_that_is_too_short_is_refused_before_anything_is_sent():
    with pytest.raises(SecretRefused, match="8 characters"):
        await connect("snmpv3://agent@127.0.0.1:9", Credential(name="file:x", text="short"))
