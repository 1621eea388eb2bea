"""The driver: what is asked of a controller, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final

from annotated_types import Gt
from pydantic import ConfigDict, TypeAdapter

from device_profiles.compare import Goal
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.names import printable
from device_profiles.operation import Operation, SlotOperation
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, Slot, State
from drivers.contract import Connection, Step, Want
from drivers.errors import Garbled, Rejected
from drivers.ipmi import chassis, controller
from drivers.ipmi.guid import uuid_of
from drivers.ipmi.messages import LACKING, Code, Request, ask, commanded_of, refused, try_to_ask
from drivers.ipmi.sdr import Records, read_records
from drivers.ipmi.sensors import read_sensors
from drivers.quirks import checked
from drivers.selection import Selection
from drivers.vendors.ipmi import facts, steps
from drivers.vendors.ipmi.steps import SLOT

_SOURCE: Final = "IPMI"
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """How long power may take to follow a command, and for how long an operating system that was asked is looked at."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    done_within_s: Annotated[float, Gt(0)] = 15.0
    soft_look_s: Annotated[float, Gt(0)] = 2.0


_QUIRKS: Final = TypeAdapter(Quirks)


class Ipmi:
    """A management controller (see :class:`drivers.contract.Driver`). What could not be read: :attr:`unread`."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {"slots.power", "slots.boot_device", "slots.boot_once", "slots.identify", "operation", "facts", "neighbours"}
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        self._profile = profile
        self._bmc = commanded_of(connection)
        self._quirks = checked(profile, _QUIRKS)
        self._reads_boot = "slots.boot_device" in profile.capabilities
        self._records: Records | None = None
        self._reserving = asyncio.Lock()
        self._state = EMPTY
        self._selection = Selection()
        self._measures = True
        self._unread: dict[str, None] = {}

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read so far, a sentence each."""
        return tuple(self._unread)

    async def read(self, want: Want) -> State:
        """Power and identify light in one question, the boot device in another."""
        status = await self._status()
        boot = None
        if self._reads_boot and (not want or "slots.boot_device" in want):
            data = await try_to_ask(self._bmc, chassis.BOOT, least=chassis.BOOT_BYTES)
            boot = None if data is None else chassis.boot_device_of(data)
        able = self._profile.capabilities
        slot = Slot(
            power=status.power, boot_device=boot, identify=status.identify if "slots.identify" in able else None
        )
        state = State(slots={SLOT: slot})
        self._state = self._state if state == self._state else state
        return self._selection.of(self._state, want)

    async def _status(self) -> chassis.Status:
        return chassis.status_of(await ask(self._bmc, chassis.STATUS, least=chassis.STATUS_BYTES))

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """What is switched off first, what is switched on last."""
        return steps.plan(goal, observed, self._profile)

    async def apply(self, step: Step) -> None:
        """A step's commands in order; what they change is awaited."""
        await self._run(step.commands, doing=step.text)

    async def undo(self, step: Step) -> None:
        """A step's undo commands in order."""
        await self._run(step.undo, doing=f"undo of {step.text}")

    async def _run(self, commands: Sequence[str], *, doing: str) -> None:
        for command in commands:
            match command.split(" "):
                case ["power", ("on" | "off" | "soft") as word]:
                    await self._switch(word, doing)
                case ["identify", ("on" | "off") as word]:
                    await self._light(word == "on", doing)
                case ["boot", "once", device]:
                    await self._boot(chassis.boot_from(device, once=True))
                case ["boot", device]:
                    await self._boot(chassis.boot_from(device, once=False))
                    await self._until_boot(device, doing)
                case _:
                    raise Rejected(f"{doing}: '{printable(command, most=60)}' is no command that this driver made")

    async def _switch(self, word: str, doing: str) -> None:
        shown = (await self._status()).power
        wanted = "on" if word == "on" else "off"
        if shown == wanted:
            return  # told twice, a machine would be started twice by some controllers
        within_s = self._quirks.soft_look_s if word == "soft" else self._quirks.done_within_s
        await self._control(word, within_s)
        if not await self._until(lambda status: status.power == wanted, within_s) and word != "soft":
            sentence = f"{doing}: was accepted, and is not done after {within_s:g} s"
            raise Rejected(f"{sentence}: it shows {(await self._status()).power}")

    async def _control(self, word: str, within_s: float) -> None:
        """Give the command; right after the last one some controllers do not take the next, and are asked again.

        Who cannot ask an operating system has asked it in vain: that it does not shut down is seen, and said, anyway.
        """
        request, ends = chassis.control(word), asyncio.get_running_loop().time() + within_s
        while (answer := await self._bmc.exchange(request)).code != Code.OK:
            if word == "soft" and answer.code in LACKING:
                return
            if answer.code not in chassis.NOT_YET or asyncio.get_running_loop().time() >= ends:
                refused(request, answer.code)
            await asyncio.sleep(_LONGEST_PAUSE_S)

    async def _light(self, on: bool, doing: str) -> None:
        await ask(self._bmc, chassis.identify(on=on))
        if not await self._until(lambda status: status.identify in (None, on), self._quirks.done_within_s):
            raise Rejected(f"{doing}: was accepted, and the controller shows that it is not done")

    async def _until(self, is_done: Callable[[chassis.Status], bool], within_s: float) -> bool:
        """Whether the controller shows it in time."""
        loop, pause_s = asyncio.get_running_loop(), _FIRST_PAUSE_S
        ends = loop.time() + within_s
        while not is_done(await self._status()):
            if loop.time() >= ends:
                return False
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
        return True

    async def _boot(self, request: Request) -> None:
        keeping = chassis.keep_boot_flags()
        answer = await self._bmc.exchange(keeping)
        if answer.code != Code.OK and answer.code not in LACKING:
            refused(keeping, answer.code)
        await ask(self._bmc, request)

    async def _until_boot(self, device: str, doing: str) -> None:
        """Flags are set at once, or not at all."""
        data = await ask(self._bmc, chassis.BOOT, least=chassis.BOOT_BYTES)
        shown = chassis.boot_device_of(data)
        if shown != device:
            raise Rejected(f"{doing}: was accepted, and is not done: the controller shows {shown}")

    async def save(self) -> None:
        """Nothing to do: what is set is set for good."""

    async def operation(self, want: Want) -> Operation:
        """``slots`` and ``sensors``; nothing wanted is all."""
        at = datetime.now(UTC)
        slots, sensors = {}, {}
        if not want or "slots" in want:
            status = await self._status()
            watts = await self._watts()
            slots[SLOT] = SlotOperation(present=True, on=status.power == "on", health=status.health, watts=watts)
        if not want or "sensors" in want:
            records = await self._known_records()
            sensors = await read_sensors(self._bmc, records.sensors, slot=SLOT)
        return Operation(at=at, source=_SOURCE, slots=slots, sensors=sensors)

    async def _watts(self) -> float | None:
        """What is drawn; who does not measure is asked once."""
        found = await controller.watts(self._bmc) if self._measures else None
        self._measures = found is not None or (self._measures and self._state.slots != {})
        return found

    async def _known_records(self) -> Records:
        async with self._reserving:
            try:
                self._records = await read_records(self._bmc, self._records)
            except Garbled as error:
                self._unread[str(error)] = None
                return self._records or Records()
            return self._records

    async def facts(self) -> Facts:
        """What the controller and its machine are."""
        found = await facts.look(self._bmc, (await self._known_records()).parts, uuid=await self._uuid())
        self._unread.update(dict.fromkeys(found.unread))
        return facts.document(found, self._profile, slot=SLOT)

    async def links(self) -> tuple[Neighbour, ...]:
        """The machine in the slot, by what it shows of itself."""
        records = await self._known_records()
        found = await facts.machine(self._bmc, records.parts)
        uuid = await self._uuid()
        serial = found.machine.serial_number
        if not (serial or uuid or found.machine.macs):
            return ()
        return (Neighbour(kind="slot", medium="slot", port=SLOT, serial=serial, uuid=uuid, macs=found.machine.macs),)

    async def _uuid(self) -> str:
        """As the login proved it, else as the controller tells it."""
        return self._bmc.identity or uuid_of(await controller.guid(self._bmc))

    async def close(self) -> None:
        """Nothing to do: the session is the connection's."""
