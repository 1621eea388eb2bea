"""Our own messages are those that pysnmp makes and reads; what is no message is refused."""

import random

import pytest
from pysnmp.proto import api, rfc1902
from pysnmp.proto.secmod.rfc3414.service import decoder, encoder

from drivers.snmp import ber, discovery
from drivers.snmp.ber import Malformed
from drivers.snmp.pdu import RESPONSE, Kind, Request, asking
from drivers.snmp.values import (
    Counter,
    Counter64,
    Gauge,
    Integer,
    IpAddress,
    Missing,
    ObjectId,
    Octets,
    Opaque,
    Ticks,
    oid,
)

pytestmark = pytest.mark.unit

P2 = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
VALUES = [
    (Integer(0), rfc1902.Integer32(0)),
    (Integer(-1), rfc1902.Integer32(-1)),
    (Integer(-129), rfc1902.Integer32(-129)),
    (Integer(2**31 - 1), rfc1902.Integer32(2**31 - 1)),
    (Octets(b""), rfc1902.OctetString(b"")),
    (Octets(bytes(range(256)) * 3), rfc1902.OctetString(bytes(range(256)) * 3)),
    (ObjectId(oid("1.3.6.1.4.1.8072.3.2.10")), rfc1902.ObjectIdentifier("1.3.6.1.4.1.8072.3.2.10")),
    (ObjectId(oid("2.100.4294967295")), rfc1902.ObjectIdentifier("2.100.4294967295")),
    (IpAddress(bytes((192, 0, 2, 1))), rfc1902.IpAddress("192.0.2.1")),
    (Counter(2**32 - 1), rfc1902.Counter32(2**32 - 1)),
    (Gauge(2**31), rfc1902.Gauge32(2**31)),
    (Ticks(12345678), rfc1902.TimeTicks(12345678)),
    (Opaque(b"\x9f\x78\x04"), rfc1902.Opaque(b"\x9f\x78\x04")),
    (Counter64(2**64 - 1), rfc1902.Counter64(2**64 - 1)),
]
NAMES = [
    "1.3.6.1.2.1.1.1.0",
    "1.0.8802.1.1.2.1.4.1.1.9.0.130.4294967295",
    "1.3.6.1.2.1.17.7.1.2.2.1.2.4094.0.255.128.127.1.2",
    "1.3.6.1.4.1.318.1.1.12.3.5.1.1.4.24",
    "1.3.6.1.4.1.4294967295.1",
    "1.3.6.1.4.1.13742",
    "1.3.6.1.4.1.9.2.300.127",
]


def theirs(values):
    message, pdu = P2.Message(), P2.ResponsePDU()
    P2.apiPDU.set_defaults(pdu)
    P2.apiPDU.set_request_id(pdu, 77)
    P2.apiPDU.set_varbinds(pdu, values)
    P2.apiMessage.set_defaults(message)
    P2.apiMessage.set_community(message, "public")
    P2.apiMessage.set_pdu(message, pdu)
    return encoder.encode(message)


@pytest.mark.parametrize("name", NAMES)
def test_what_pysnmp_writes_is_read(name):
    found = ber.decode(theirs([(rfc1902.ObjectName(name), value) for _, value in VALUES]))
    assert (found.version, found.community, found.tag, found.number) == (1, b"public", RESPONSE, 77)
    assert found.bindings == [(oid(name), ours) for ours, _ in VALUES]
    assert [type(value) for _, value in found.bindings] == [type(ours) for ours, _ in VALUES]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_read_by_pysnmp(name):
    request = Request(kind=Kind.SET, bindings=[(oid(name), ours) for ours, _ in VALUES])
    message, rest = decoder.decode(
        ber.encode(request, version=1, community=b"private", number=2**31 - 1), asn1Spec=P2.Message()
    )
    assert not rest
    pdu = P2.apiMessage.get_pdu(message)
    assert int(P2.apiPDU.get_request_id(pdu)) == 2**31 - 1
    found = P2.apiPDU.get_varbinds(pdu)
    assert [(tuple(at), value) for at, value in found] == [(oid(name), value) for _, value in VALUES]


def test_a_bulk_request_is_pysnmps():
    data = ber.encode(asking(Kind.BULK, [oid("1.3.6.1.2.1")], repetitions=25), version=1, community=b"c", number=5)
    pdu = P2.apiMessage.get_pdu(decoder.decode(data, asn1Spec=P2.Message())[0])
    assert isinstance(pdu, P2.GetBulkRequestPDU)
    assert int(P2.apiBulkPDU.get_max_repetitions(pdu)) == 25


@pytest.mark.parametrize(("tag", "missing"), [(0x80, Missing.OBJECT), (0x81, Missing.INSTANCE), (0x82, Missing.END)])
def test_the_three_answers_that_there_is_nothing(tag, missing):
    data = ber.encode_message(RESPONSE, ber.Message(1, b"c", RESPONSE, 1, 0, 0, [((1, 3, 6), missing)]))
    assert tag in data
    assert ber.decode(data).bindings == [((1, 3, 6), missing)]


def test_whatever_is_no_message_is_refused_and_nothing_else_is_raised():
    whole = theirs([(rfc1902.ObjectName(NAMES[2]), value) for _, value in VALUES])
    source = random.Random(5)
    for size in range(len(whole)):
        with pytest.raises(Malformed):
            ber.decode(whole[:size])
    for _ in range(3000):
        spoilt = bytearray(whole)
        for _ in range(source.randint(1, 8)):
            spoilt[source.randrange(len(spoilt))] = source.randrange(256)
        try:
            ber.decode(bytes(spoilt))
        except Malformed:
            continue
    for size in range(200):
        with pytest.raises(Malformed):
            ber.decode(source.randbytes(size))


def test_an_engine_is_known_by_its_report_only():
    with pytest.raises(Malformed):
        discovery.answer(b"")
    with pytest.raises(Malformed):
        discovery.answer(discovery.question(5))
