"""What answers mean: boot flags, GUIDs, inventory, sensor records; and what cannot be believed."""

import asyncio
import math
from collections.abc import Callable
from uuid import UUID

import pytest

from drivers.errors import AuthFailed, Busy, DeviceError, Garbled, Rejected, Unreachable, Unsupported
from drivers.ipmi import sdr
from drivers.ipmi.chassis import boot_device_of, boot_from, status_of
from drivers.ipmi.fru import Area, Fru, parse_fru, read_fru
from drivers.ipmi.guid import bytes_of, uuid_of
from drivers.ipmi.inventory import machine_of
from drivers.ipmi.messages import Answer, NetFn, Request, ask, try_to_ask
from drivers.ipmi.sdr import Sensor, read_records
from pointsman.fru import fru_bytes
from pointsman.twins.ipmi.controller import Controller
from pointsman.twins.ipmi.direct import Direct

pytestmark = pytest.mark.unit

SERVER = "4c4c4544-0042-4a10-8053-b4c04f4e3132"


@pytest.mark.parametrize("order", ["smbios", "rfc4122", "ipmi"])
def test_a_guid_is_one_uuid_in_whatever_order(order):
    uuid = "12345678-9abc-4def-8123-456789abcdef"
    (guid,) = bytes_of(uuid, order)
    assert uuid_of(guid, order) == uuid
    assert uuid_of(guid) == uuid
    assert guid in bytes_of(uuid)


def test_a_guid_without_a_known_version_is_read_as_it_is_written():
    guid = bytes.fromhex("a123456789abcdefa123456789000001")
    assert uuid_of(guid) == str(UUID(bytes=guid))


@pytest.mark.parametrize("guid", [b"", bytes(16), b"\xff" * 16, b"\x01" * 4])
def test_no_guid_is_no_identity(guid):
    assert uuid_of(guid) == ""


def test_what_is_no_uuid_is_no_pin():
    assert bytes_of("not one") == ()


@pytest.mark.parametrize(
    ("flags", "selector", "device"),
    [(0xC0, 1, "pxe"), (0xC0, 2, "disk"), (0xE0, 5, "cdrom"), (0x80, 1, "none"), (0x40, 1, "none"), (0, 0, "none")],
)
def test_a_boot_device_is_one_that_stays(flags, selector, device):
    assert boot_device_of(bytes((1, 5, flags, selector << 2))) == device


def test_a_selector_that_nobody_knows_is_not_guessed():
    with pytest.raises(Garbled, match="selector 12"):
        boot_device_of(bytes((1, 5, 0xC0, 12 << 2)))
    with pytest.raises(Garbled, match="another parameter"):
        boot_device_of(bytes((1, 4, 0xC0, 0)))


def test_boot_flags_say_for_how_long():
    assert boot_from("pxe", once=True).data == bytes((5, 0x80, 1 << 2, 0, 0, 0))
    assert boot_from("pxe", once=False).data == bytes((5, 0xC0, 1 << 2, 0, 0, 0))
    assert boot_from("none", once=False).data == bytes((5, 0, 0, 0, 0, 0))
    with pytest.raises(Unsupported):
        boot_from("tape", once=True)


def test_a_status_of_three_bytes_or_more_is_read():
    assert status_of(bytes((0x61, 0, 0x40))).identify is False
    assert status_of(bytes((0x61, 0, 0x60))).identify is True
    assert status_of(bytes((0, 0, 0))).identify is None
    assert status_of(bytes((0x01, 0, 0x08))).health == "critical"
    assert status_of(bytes((0x09, 0, 0))).health == "critical"


def test_an_inventory_is_read_in_small_pieces():
    found = parse_fru(fru_bytes("blade1", serial="SN-1"), 0)
    assert found.product == Area(
        manufacturer="Lab", name="Blade", part="PN-1", version="1.0", serial="SN-1", asset="blade1"
    )
    assert found.board.name == "Blade board"


async def test_an_inventory_is_read_from_a_controller_that_refuses_more_than_sixteen_bytes():
    assert (await read_fru(Direct(Controller()), 0)).product.serial == "TWIN-B1"
    assert await read_fru(Direct(Controller()), 7) is None


def damaged(at: int) -> bytes:
    data = bytearray(fru_bytes("blade1", serial="SN-1"))
    data[at] ^= 0x55
    return bytes(data)


def test_an_area_with_a_wrong_checksum_is_not_believed_and_the_others_are():
    found = parse_fru(damaged(20), 0)
    assert (found.board, found.product.serial) == (None, "SN-1")
    assert found.wrong == ("FRU 0: the board area has a wrong checksum",)


@pytest.mark.parametrize("data", [b"", b"\xff" * 64, bytes(64)])
def test_a_memory_without_anything_in_it_is_none(data):
    assert parse_fru(data, 0).is_empty
    assert parse_fru(data, 0).wrong == ()


@pytest.mark.parametrize("data", [damaged(0), damaged(7), b"\x01\x00"])
def test_a_header_that_is_wrong_is_said(data):
    assert parse_fru(data, 0).wrong == ("FRU 0 has no header that can be read",)


def test_no_bytes_make_it_raise():
    data = fru_bytes("blade1", serial="SN-1")
    for size in range(len(data)):
        parse_fru(data[:size], 0)
        parse_fru(data[:size] + b"\xff" * 8, 0)


def part(number, label, **areas) -> Fru:
    return Fru(number=number, label=label, **{name: Area(**area) for name, area in areas.items()})


def test_the_machine_is_the_part_that_is_called_so_and_not_the_controller():
    found = machine_of(
        [
            part(0, "Builtin FRU Device", product={"name": "ILOM INTEGRATED SP", "serial": "00:11:22:33:44:55"}),
            part(3, "/SYS", product={"name": "SERVER", "serial": "S1"}, board={"serial": "B1"}),
            part(43, "MB/NET0", product={"name": "GIGABIT CONTROLLERS", "serial": "00:11:4F:E7:92:69"}),
            part(1, "SP/NET0", product={"name": "ETHERNET CONTROLLER", "serial": "00:11:4f:00:00:01"}),
        ]
    )
    assert (found.product_name, found.serial_number, found.board_serial) == ("SERVER", "S1", "B1")
    assert found.macs == ("00:11:4f:e7:92:69",)


def test_a_machine_of_a_board_alone_has_its_names():
    found = machine_of([part(0, "Builtin FRU Device", board={"manufacturer": "M", "name": "X11", "serial": "B1"})])
    assert (found.manufacturer, found.product_name, found.serial_number) == ("M", "X11", "B1")
    assert machine_of([]).serial_number == ""


def sensor(**more) -> Sensor:
    told = {"number": 1, "owner": 0x20, "lun": 0, "name": "T", "type": 1, "unit": 1, "is_percent": False}
    told |= {"is_signed": 0, "m": 1, "b": 0, "b_exponent": 0, "r_exponent": 0, "linearization": 0}
    return Sensor(**{**told, **more})


@pytest.mark.parametrize(
    ("more", "raw", "value"),
    [
        ({}, 42, 42.0),
        ({"m": 12, "r_exponent": -2}, 100, 12.0),
        ({"b": 5, "b_exponent": 1}, 1, 51.0),
        ({"is_signed": 2}, 0xFE, -2.0),
        ({"is_signed": 1}, 0xFE, -1.0),
        ({"linearization": 7}, 4, 0.25),
        ({"linearization": 10}, 16, 4.0),
        ({"linearization": 1}, 1, 0.0),
    ],
)
def test_raw_readings_become_values(more, raw, value):
    assert math.isclose(sensor(**more).value(raw), value, abs_tol=1e-9)


@pytest.mark.parametrize("more", [{"linearization": 7}, {"linearization": 1}, {"linearization": 0x70}])
def test_a_reading_without_a_value_is_said(more):
    with pytest.raises(Garbled):
        sensor(**more).value(0)


class Answering:
    """A controller that gives one answer to everything."""

    identity = ""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)

    async def exchange(self, request: Request) -> Answer:
        return self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)


@pytest.mark.parametrize(
    ("code", "error"),
    [(0xC0, Busy), (0xC3, Unreachable), (0xD2, Busy), (0xD4, AuthFailed), (0xCC, Rejected), (0x81, Rejected)],
)
async def test_completion_codes_are_our_errors(code, error):
    with pytest.raises(error, match=f"0x{code:02x}"):
        await ask(Answering(Answer(code)), Request(0, 1, doing="reading power"))


async def test_what_a_controller_does_not_have_is_none_and_half_an_answer_is_garbled():
    assert await try_to_ask(Answering(Answer(0xC1)), Request(0, 1)) is None
    with pytest.raises(Garbled):
        await ask(Answering(Answer(0, b"\x01")), Request(0, 1), least=3)


class Alternating(Direct):
    """A controller that does something else after each answer."""

    def __init__(self, controller: Controller, then: Callable[[Request], None] = lambda request: None) -> None:
        super().__init__(controller)
        self._then = then

    async def exchange(self, request: Request) -> Answer:
        answer = await super().exchange(request)
        self._then(request)
        await asyncio.sleep(0)
        return answer


async def test_two_that_read_the_records_at_once_both_have_them(monkeypatch):
    monkeypatch.setattr(sdr, "_MOMENT_S", 0.001)
    controller = Controller()
    both = await asyncio.gather(*(read_records(Alternating(controller), None) for _ in range(2)))
    assert both[0] == both[1] == await read_records(Direct(controller), None)


async def test_records_that_somebody_else_reads_all_the_time_are_given_up(monkeypatch):
    monkeypatch.setattr(sdr, "_MOMENT_S", 0.0)
    controller = Controller()
    with pytest.raises(Busy, match="somebody else"):
        await read_records(Alternating(controller, lambda _: controller.answer(Request(NetFn.STORAGE, 0x22))), None)


async def test_records_that_change_again_and_again_are_given_up():
    empty = [Answer(0, bytes((0x51, 1, 0)) + bytes(9) + bytes([number, 0])) for number in range(6)]
    whole = [Answer(0, b"\x01\x00"), Answer(0, bytes((0xFF, 0xFF, 0, 0, 0x51, 0xC0, 0)))]
    with pytest.raises(Busy, match="change again"):
        await read_records(Answering(empty[0], *(each for info in empty[1:] for each in (*whole, info))), None)


async def test_records_without_an_end_are_given_up():
    info, header = Answer(0, bytes((0x51, 1, 0)) + bytes(11)), bytes((0, 0, 0, 0, 0x51, 0xC0, 0))
    with pytest.raises(Garbled, match="no end"):
        await read_records(Answering(info, Answer(0, b"\x01\x00"), Answer(0, header)), None)


async def test_records_are_read_again_only_when_they_changed():
    controller = Direct(Controller())
    records = await read_records(controller, None)
    assert [each.name for each in records.sensors] == ["CPU Temp", "Inlet Temp", "Fan 1"]
    assert await read_records(controller, records) is records


@pytest.mark.parametrize("size", range(8))
async def test_a_record_that_is_cut_off_is_no_record(size):
    info = Answer(0, bytes((0x51, 1, 0)) + bytes(11))
    answers = [info, Answer(0, b"\x01\x00"), Answer(0, bytes((0xFF, 0xFF, 0, 0, 0x51, 1, 40))[:size]), Answer(0, b"")]
    with pytest.raises(DeviceError):
        await read_records(Answering(*answers), None)
