"""The console of the machine in a slot: found by what the controller says is in the slot now."""

import asyncio
from dataclasses import replace

import asyncssh
import pytest

from agents.console.slots import NoConsole
from agents.console.sources import source_of
from drivers.errors import Unsupported
from drivers.line.holding import Holder
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.service import ROOT, USER
from tests.unit.agents.console.chassis import assigned_at, desk
from tests.unit.drivers.line.sol_manager import COMMAND, Manager, serving

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("drivers.line.sol_shell._QUIET_S", 0.05)


@pytest.fixture
async def chassis():
    """Three places, two blades; the second one's console is behind a command of the manager."""
    manager = Manager(shared=True, service=Enclosure(blades=2, places=3, needs_login=True))
    async with serving(manager, asyncssh.generate_private_key("ssh-ed25519")) as found:
        ssh = {"ServiceEnabled": True, "Port": found.port, "SharedWithManagerCLI": True}
        manager.tell(system="TW1-B2", SSH={**ssh, "ConsoleEntryCommand": COMMAND})
        yield found


def assigned(chassis):
    return assigned_at(f"redfish+https://{USER}@127.0.0.1:{chassis.access.port}")


async def test_the_machine_in_the_slot_answers_and_no_other(chassis):
    here = desk()
    source = await source_of(assigned(chassis), here, slot="2")
    has = await source.open()
    async with has.line.hold(Holder("ana", person=True), wait_s=1) as stream:
        await stream.send(b"\r")
        said = b""
        async with asyncio.timeout(5):
            while b"vde$" not in said:
                said += await stream.receive()
    await has.give_back()
    assert (source.kind, source.slot) == ("line", "2")
    assert chassis.manager.typed == COMMAND.encode() + b"\r"
    assert here.pins.members["controller"] == chassis.proof
    with pytest.raises(Unsupported, match="neither this system nor its manager tells of a serial console"):
        await (await source_of(assigned(chassis), here, slot="1")).open()


async def test_a_blade_that_was_moved_is_found_in_its_new_slot(chassis):
    service, here = chassis.manager.service, desk()
    before = await source_of(assigned(chassis), here, slot="2")
    systems = service.resources
    systems[f"{ROOT}/Systems/TW1-B1"]["UUID"], systems[f"{ROOT}/Systems/TW1-B2"]["UUID"] = (
        systems[f"{ROOT}/Systems/TW1-B2"]["UUID"],
        systems[f"{ROOT}/Systems/TW1-B1"]["UUID"],
    )
    assert (await source_of(assigned(chassis), here, slot="1")).access == before.access


@pytest.mark.parametrize(
    ("slot", "says"),
    [
        ("7", r"chassis1 has no slot 7: it has 1, 2, 3$"),
        ("3", r"the slot 3 of chassis1 is empty$"),
    ],
)
async def test_a_slot_that_is_not_there_or_empty_has_no_console(chassis, slot, says):
    with pytest.raises(NoConsole, match=says):
        await source_of(assigned(chassis), desk(), slot=slot)


async def test_a_machine_that_shows_nothing_of_itself_is_not_guessed_at(chassis):
    for place in (f"{ROOT}/Systems/TW1-B2", f"{ROOT}/Chassis/Bay2"):
        for word in ("UUID", "SerialNumber"):
            chassis.manager.service.resources[place].pop(word, None)
    with pytest.raises(NoConsole, match="slot 2 of chassis1 shows neither UUID nor serial number"):
        await source_of(assigned(chassis), desk(), slot="2")


async def test_a_node_that_is_reached_by_no_controller_has_no_slots(chassis):
    switch = replace(assigned(chassis), access=("ssh://admin@127.0.0.1",))
    with pytest.raises(NoConsole, match="has no consoles of slots: it is reached by ssh, and by no controller"):
        await source_of(switch, desk(), slot="2")
