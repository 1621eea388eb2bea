"""What a controller of an enclosure tells and does, in both languages."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import BootOnce, Slot, State
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.registry import make_driver
from drivers.vendors.blade_enclosure import dell_cmc, hp_oa
from pointsman.subjects.blade_enclosure import SESSIONS
from pointsman.twins.languages.bench import Bench
from pointsman.twins.languages.enclosure import TwinEnclosure

pytestmark = pytest.mark.unit

T = datetime(2026, 11, 20, 10, tzinfo=UTC)


class Rack:
    """An enclosure, and a driver at its controller."""

    def __init__(self, name: str) -> None:
        self.bench = Bench(TwinEnclosure, SESSIONS[name])
        self.profile = load_profiles()[name]

    @property
    def blade(self):
        return self.bench.device.slots["1"]

    async def open(self, **quirks: float) -> None:
        profile = replace(self.profile, quirks={**self.profile.quirks, **quirks})
        self.driver = make_driver(await self.bench.open(), profile)

    async def change(self, slot: str, wanted: Slot) -> None:
        for step in self.driver.plan(Goal(State(slots={slot: wanted})), await self.driver.read(())):
            await self.driver.apply(step)


@pytest.fixture(params=SESSIONS)
async def rack(request):
    made = Rack(request.param)
    await made.open()
    yield made
    await made.driver.close()


async def test_every_slot_is_told_and_what_is_in_it(rack):
    facts, links = await rack.driver.facts(), await rack.driver.links()
    slots = facts["chassis"]["slots"]
    assert [slot for slot, held in slots.items() if held["present"]] == ["1", "2", "4"]
    assert slots["2"]["serial_number"] == "TWINB2"
    assert slots["2"]["macs"] == ["02:00:00:00:0b:02"]
    assert next((link.port, link.serial, link.macs) for link in links) == ("1", "TWINB1", ("02:00:00:00:0b:01",))
    assert facts["dmi"]["system"]["serial_number"] == "TWIN-ENC-1"
    operation = await rack.driver.operation(("slots",))
    assert operation.slots["3"].present is False
    assert operation.slots["1"].on is True


async def test_a_blade_is_cut_off_and_switched_on_and_shows_it_when_the_step_is_done(rack):
    await rack.change("1", Slot(power="off", off="hard"))
    assert rack.blade.on is False
    await rack.change("1", Slot(power="on"))
    assert (rack.blade.on, rack.blade.boots) == (True, ["disk"])


async def test_an_operating_system_is_asked_and_not_awaited(rack):
    await rack.change("1", Slot(power="off", off="soft"))
    assert rack.blade.on is True
    while (await rack.driver.read(())).slots["1"].power == "on":
        pass
    assert rack.blade.on is False


async def test_what_is_booted_once_is_booted_once(rack):
    await rack.change("1", Slot(power="off", off="hard"))
    await rack.change("1", Slot(boot_once=BootOnce(device="pxe", at=T)))
    for _ in range(2):
        await rack.change("1", Slot(power="on"))
        await rack.change("1", Slot(power="off", off="hard"))
    assert rack.blade.boots == ["pxe", "disk"]


@pytest.mark.parametrize(("slot", "why"), [("3", "empty"), ("17", "no such slot")])
async def test_where_nothing_is_nothing_is_planned(rack, slot, why):
    with pytest.raises(Unsupported, match=why):
        await rack.change(slot, Slot(power="on"))
    assert await rack.bench.writes() == 0


async def test_a_blade_that_stays_on_is_said_to(rack):
    await rack.driver.close()
    await rack.open(done_within_s=0.2)
    rack.blade.stuck = True
    with pytest.raises(Rejected, match=r"was accepted, and is not done after 0\.2 s: the slot shows on"):
        async with asyncio.timeout(5):
            await rack.change("1", Slot(power="off", off="hard"))


@pytest.mark.parametrize("language", [hp_oa.HpOa, dell_cmc.DellCmc])
def test_an_answer_without_slots_is_no_enclosure(language):
    with pytest.raises(Garbled, match="tells no"):
        language.read({language.LIST: "The system is busy, try again later.\n"})


def test_double_density_bays_and_half_slots_are_slots_of_their_own():
    hp = "  1A ILO1    10.0.0.1        OK       On      Off\n  1B ILO2    10.0.0.2        Degraded Off     On\n"
    found = hp_oa.HpOa.read({hp_oa.LIST: hp}).slots
    assert [(slot, blade.power, blade.lit, blade.health) for slot, blade in found.items()] == [
        ("1A", "on", False, "ok"),
        ("1B", "off", True, "warning"),
    ]
    dell = "Server-1a      Present      ON     OK      AAA1111\nServer-2       Extension(1) N/A    N/A     N/A\n"
    slots = dell_cmc.DellCmc.read({dell_cmc.LIST: dell}).slots
    assert slots["1a"].serial == "AAA1111"
    assert slots["2"] is None
