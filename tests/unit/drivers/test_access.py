"""URLs of devices, taken apart."""

import pytest

from drivers.access import parse_access
from drivers.errors import Unsupported

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("url", "scheme", "user", "host", "port"),
    [
        ("ssh://root@10.8.0.11", "ssh", "root", "10.8.0.11", 22),
        ("ssh://sw1.example:2222", "ssh", "", "sw1.example", 2222),
        ("ssh://admin@[2001:db8::1]", "ssh", "admin", "2001:db8::1", 22),
        ("telnet://10.8.0.1", "telnet", "", "10.8.0.1", 23),
        ("rfc2217://10.8.0.254:2003", "rfc2217", "", "10.8.0.254", 2003),
    ],
)
def test_the_parts_of_an_access(url, scheme, user, host, port):
    access = parse_access(url)
    assert (access.scheme, access.user, access.host, access.port) == (scheme, user, host, port)


def test_options_are_kept():
    assert parse_access("snmpv3://agent@10.8.0.52?context=pdu").options == (("context", "pdu"),)


def test_a_password_has_no_place_in_a_url_and_is_not_repeated():
    with pytest.raises(Unsupported, match="credentials") as refused:
        parse_access("ssh://root:hunter2@10.8.0.11")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "10.8.0.11", "ssh://", "ssh://h:99999", "ssh://h:port", "://x", "ssh://[::1"])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(Unsupported):
        parse_access(url)


def test_a_serial_port_is_a_path_with_options():
    access = parse_access("serial:/dev/serial/by-id/usb-FTDI_1-if00?baud=9600")
    assert (access.scheme, access.option("baud")) == ("serial", "9600")
    assert access.host == "/dev/serial/by-id/usb-FTDI_1-if00"
    assert str(access) == "serial:/dev/serial/by-id/usb-FTDI_1-if00"
    assert access.option("flow", "none") == "none"


@pytest.mark.parametrize("url", ["serial:ttyUSB0", "serial://dev/ttyUSB0", "serial:"])
def test_a_serial_port_without_its_path_is_refused(url):
    with pytest.raises(Unsupported, match="serial:/dev/ttyUSB0"):
        parse_access(url)
