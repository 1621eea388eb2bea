"""The serial ports of a machine, under names that stay."""

import pytest

from drivers.access import parse_access
from drivers.errors import WrongDevice
from drivers.line.ports import Port, line_name, ports, stable
from drivers.transports import open_connection

pytestmark = pytest.mark.unit


@pytest.fixture
def machine(tmp_path):
    """A /dev and a /sys with two adapters, of which udev has linked one, a built-in port and three that are empty."""
    dev, system = tmp_path / "dev", tmp_path / "sys"
    (dev / "serial/by-id").mkdir(parents=True)
    for name in ("ttyUSB0", "ttyUSB10", "ttyACM0", "ttyS0", "ttyS1", "tty1"):
        (dev / name).touch()
        (system / name).mkdir(parents=True)
    (dev / "serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0").symlink_to("../../ttyUSB0")
    for name, kind in (("ttyS0", "4"), ("ttyS1", "0")):
        (system / name / "device").mkdir()
        (system / name / "type").write_text(f"{kind}\n")
    usb = tmp_path / "usb/1-2/1-2:1.0"
    usb.mkdir(parents=True)
    (usb.parent / "manufacturer").write_text("Prolific\n")
    (usb.parent / "product").write_text("PL2303\n")
    (system / "ttyUSB10/device").symlink_to(usb)
    return dev, system


def test_ports_have_the_names_of_their_adapters(machine):
    dev, system = machine
    link = dev / "serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"
    assert ports(devices=dev, system=system) == (
        Port(dev / "ttyACM0", dev / "ttyACM0", "adapter"),
        Port(link, dev / "ttyUSB0", "FTDI FT232R USB UART A50285BI"),
        Port(dev / "ttyUSB10", dev / "ttyUSB10", "Prolific PL2303"),
        Port(dev / "ttyS0", dev / "ttyS0", "built-in port"),
    )


def test_an_adapter_that_is_numbered_anew_keeps_its_name(machine):
    dev, _ = machine
    link = dev / "serial/by-id/usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0"
    assert stable(dev / "ttyUSB0", devices=dev) == link
    link.unlink()
    link.symlink_to("../../ttyUSB10")
    assert stable(dev / "ttyUSB10", devices=dev) == link
    assert stable(dev / "ttyUSB0", devices=dev) == dev / "ttyUSB0"


def test_a_line_is_known_by_its_address():
    assert line_name(parse_access("rfc2217://admin@[2001:db8::1]:2001?baud=9600")) == "rfc2217://[2001:db8::1]:2001"
    assert line_name(parse_access("serial:/dev/ttyUSB97?baud=300")) == "serial:/dev/ttyUSB97"


async def test_another_line_than_the_pinned_one_is_not_even_opened():
    with pytest.raises(WrongDevice, match=r"shall be rfc2217://10\.8\.0\.254:2001") as wrong:
        await open_connection(
            parse_access("rfc2217://127.0.0.1:1"), credential=None, pin="rfc2217://10.8.0.254:2001", timeout_s=1
        )
    assert wrong.value.shown == "rfc2217://127.0.0.1:1"
