"""A machine in memory behind a management controller: an operating system that obeys or does not, and boots that count.

Its commands are words: ``soft`` asks the operating system, ``off`` and ``on`` switch, ``cycle`` does both, ``boot
DEVICE`` is for the next boot only, and used up by it.
"""

from __future__ import annotations

from dataclasses import replace

from device_profiles.compare import Change, Goal, compare
from device_profiles.state import Slot, State
from drivers.access import Access
from drivers.contract import Connection, Driver, Step
from drivers.credentials import Credential
from drivers.errors import Rejected, Unreachable
from drivers.sending import may_send
from tests.unit.agents.devices import PDU, FakeConnection, FakeDriver, FakeSwitch, Rack

BMC = replace(PDU, name="toy_bmc", kind="chassis", capabilities=("slots.power", "slots.boot_once", "slots.identify"))
ONE_SHOT = replace(PDU, name="toy_blind", kind="chassis", capabilities=("slots.cycled_at", "slots.boot_once"))


class Machine(FakeSwitch):
    """The machine in slot 1."""

    def __init__(self, power: str = "on", *, shows_power: bool = True) -> None:
        super().__init__(State(slots={"1": Slot(power=power if shows_power else None)}))
        self.power = power
        self.shows_power = shows_power
        self.is_deaf = False
        """Its operating system hears nothing."""
        self.booting_from = ""
        self.boots: list[str] = []
        self.told: list[str] = []
        self.refuses: set[str] = set()
        self.lost_answers: set[str] = set()
        """Commands that are done, and whose answer never comes."""

    def run(self, command: str) -> None:
        """Run one command."""
        may_send()
        if self.cut_after_commands is not None:
            if self.cut_after_commands == 0:
                self.cut_after_commands = None
                raise Unreachable("the connection was cut")
            self.cut_after_commands -= 1
        word, _, rest = command.partition(" ")
        if word in self.refuses:
            raise Rejected(f"{word}: refused")
        self.writes += 1
        self.told.append(command)
        if word == "boot":
            self.booting_from = rest
        elif word != "soft" or not self.is_deaf:
            self.switch("off" if word == "soft" else word)
        if word in self.lost_answers:
            self.lost_answers.discard(word)
            raise Unreachable("no answer")

    def switch(self, word: str) -> None:
        """Somebody or something switches it."""
        if word == "cycle" or (word == "on" and self.power == "off"):
            self.boots.append(self.booting_from or "disk")
            self.booting_from = ""
        self.power = "on" if word == "cycle" else word
        if self.shows_power:
            self.by_hand("slots", "1", power=self.power)


class MachineDriver(FakeDriver):
    """A driver for :class:`Machine`."""

    capabilities = frozenset({"slots.power", "slots.boot_once", "slots.cycled_at", "slots.identify"})

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        return tuple(_step(change, goal) for change in compare(goal, observed))


def _step(change: Change, goal: Goal) -> Step:
    slot, field = goal.state.slots[change.path[1]], change.path[2]
    words = {
        "power": "soft" if change.after == "off" and slot.off != "hard" else str(change.after),
        "boot_once": f"boot {slot.boot_once.device}" if slot.boot_once is not None else "",
        "cycled_at": "cycle",
    }
    return Step(
        capability=f"slots.{field}", text=words[field], commands=(words[field],), undo=(), impact="none",
        touches=(change.path,),
    )  # fmt: skip


class Racked(Rack):
    """Machines by host name."""

    async def open_driver(
        self, access: Access, *, profile: object, credential: Credential | None, pin: str | None
    ) -> tuple[Driver, Connection]:
        machine = self.switches[access.host]
        await machine.at("open", access.host)
        connection = FakeConnection(machine, access.host)
        return MachineDriver(connection, profile), connection
