"""The driver: what is asked of the switch, and when. What an answer means stands in the modules beside this one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, Final

from device_profiles.compare import Goal
from device_profiles.facts import FACTS_SCHEMA, Facts
from device_profiles.links import Neighbour
from device_profiles.operation import MacEntry, Operation, PortOperation
from device_profiles.profile import Profile
from device_profiles.state import State
from drivers.cli.driver import Spoken
from drivers.contract import Connection, Step, Want
from drivers.selection import Remembered
from drivers.switching import describing
from drivers.vendors.vde_switch import answers, reading, steps

SOURCE: Final = f"{reading.PORTS}, {reading.VLANS}"


class VdeSwitch(Spoken):
    """A vde_switch (see :class:`drivers.contract.Driver`)."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {
            *("vlans", "ports.mode", "ports.access_vlan", "ports.native_vlan", "ports.trunk_vlans"),
            *("operation", "facts", "fdb"),
        }
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        self._profile = profile
        self._remembered = Remembered()

    async def read(self, want: Want) -> State:
        """All ports and VLANs, in one row of commands."""
        found = await self._ask(reading.NUMBER, reading.PORTS, reading.VLANS)
        return self._selection.of(self._remembered.of(found, lambda: reading.parse(*found).state), want)

    async def _ask(self, *commands: str) -> tuple[tuple[str, ...], ...]:
        """The data of the answers. Raises ``Rejected``, ``Garbled``."""
        replies = await self._session.run_all(commands)
        return tuple(answers.lines(command, reply.text) for command, reply in zip(commands, replies, strict=True))

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps to ``goal``."""
        return steps.plan(goal, observed, self._profile)

    async def apply(self, step: Step) -> None:
        """A step's commands, one after the other; the first that is refused ends it."""
        await self._run(step.commands)

    async def undo(self, step: Step) -> None:
        """A step's undo commands."""
        await self._run(step.undo)

    async def _run(self, commands: tuple[str, ...]) -> None:
        for command in commands:
            await self._ask(command)

    async def save(self) -> None:
        """Nothing to do: the switch keeps nothing over a restart."""

    async def operation(self, want: Want) -> Operation:
        """``ports`` and ``macs``; nothing wanted is all."""
        at = datetime.now(UTC)
        ports: dict[str, PortOperation] = {}
        macs: tuple[MacEntry, ...] = ()
        carried: tuple[int, ...] = ()
        if not want or "ports" in want:
            found = reading.parse(*await self._ask(reading.NUMBER, reading.PORTS, reading.VLANS))
            ports, carried = found.operation, tuple(found.state.vlans)
        if not want or "macs" in want:
            macs = reading.macs(*await self._ask(reading.MACS))
        return Operation(at=at, source=SOURCE, ports=ports, macs=macs, vlans_carried=carried)

    async def facts(self) -> Facts:
        """Its version and its ports; a name or a number of its own it has none."""
        told, *tables = await self._ask(reading.INFO, reading.NUMBER, reading.PORTS, reading.VLANS)
        found = reading.parse(*tables)
        product = {"manufacturer": self._profile.vendor, "product_name": "vde_switch", "serial_number": ""}
        return {
            "schema": FACTS_SCHEMA,
            "platform": self._profile.name,
            "hostname": self._profile.name,
            "fqdn": self._profile.name,
            **reading.facts(told),
            "dmi": {"system": product},
            "network": {"interfaces": describing.interfaces(found.state, found.operation)},
        }

    async def links(self) -> tuple[Neighbour, ...]:
        """None: it passes LLDP on, and reads none of it."""
        return ()
