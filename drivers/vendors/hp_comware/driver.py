"""The driver: what is asked of the switch, and when. What an answer means stands in the modules beside this one."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar, Final

from device_profiles.compare import Goal
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.profile import Profile
from device_profiles.state import State
from drivers.cli import asking
from drivers.cli.driver import Spoken
from drivers.contract import Connection, OwnPath, Step, Want
from drivers.errors import Rejected
from drivers.selection import Remembered
from drivers.switching import describing, own_path
from drivers.switching.operating import operation, together
from drivers.vendors.hp_comware import callers, facts, neighbours, operating, reading, saving, steps
from drivers.vendors.hp_comware.dialect import Dialect

SYSTEM: Final = "system"
"""The mode of the profile's command line in which a switch is configured (the system view and those below it)."""


class HpComware(Spoken):
    """A Comware-like command line (see :class:`drivers.contract.Driver`)."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {
            *("vlans", "vlans.name"),
            *("ports.description", "ports.enabled", "ports.mode", "ports.access_vlan", "ports.native_vlan"),
            *("ports.trunk_vlans", "ports.mtu", "ports.stp.edge"),
            *("lags", "lags.members", "lags.lacp", "lags.min_links"),
            *("operation", "facts", "neighbours", "fdb", "own_path", "unsaved"),
        }
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        self._dialect = Dialect(profile)
        self._save = () if profile.cli is None else profile.cli.save
        self._own = callers.tables(self._dialect)
        self._remembered = Remembered()

    async def read(self, want: Want) -> State:
        """The configuration, as far as it is wanted; nothing that was read before is read anew."""
        return self._selection.of(await self._whole(), want)

    async def _whole(self) -> State:
        reply = await self._session.run(self._dialect.commands.running)
        answer = self._dialect.steady(reply.data)
        return self._remembered.of(answer, lambda: reading.parse(reply.text, self._dialect))

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps to ``goal``."""
        return steps.plan(goal, observed, self._dialect)

    async def apply(self, step: Step) -> None:
        """A step's lines, in the system view, which is entered once for many steps."""
        await self._configure(step.commands)

    async def undo(self, step: Step) -> None:
        """A step's undo lines."""
        await self._configure(step.undo)

    async def _configure(self, lines: tuple[str, ...]) -> None:
        try:
            for tolerated, row in itertools.groupby(lines, self._dialect.is_tolerated):
                if tolerated:
                    await self._tolerant(row)
                else:
                    await self._session.run_all(tuple(row), mode=SYSTEM)
        except Rejected:
            # The view of the object that it was about is left; the next step begins at the top.
            await self._session.run_all(())
            raise

    async def _tolerant(self, row: Iterable[str]) -> None:
        for line in row:
            with contextlib.suppress(Rejected):
                await self._session.run(line, mode=SYSTEM)

    async def save(self) -> None:
        """Make the current configuration that of the next start."""
        await self._session.run_all(self._save)

    async def unsaved(self) -> bool:
        """Whether a restart would lose something (see :class:`drivers.contract.Keeping`)."""
        return await saving.unsaved(self._session.run, self._dialect)

    async def own_path(self) -> OwnPath | None:
        """The way of our session (see :class:`drivers.contract.Placed`)."""
        return await own_path.own_path(self._own, self._session.run)

    async def operation(self, want: Want) -> Operation:
        """``ports`` and ``macs``; nothing wanted is all."""
        at = datetime.now(UTC)
        commands = self._dialect.commands
        state = await asking.permitted(self._whole)
        asked = [commands.status, commands.spanning_tree, commands.bundles] if not want or "ports" in want else []
        asked += [commands.macs] if not want or "macs" in want else []
        replies = await asking.answers(self._session.run, asked, needed=asked[:1])
        ports = together(
            operating.status(replies.get(commands.status, ""), self._dialect),
            operating.spanning_tree(replies.get(commands.spanning_tree, ""), self._dialect),
            operating.bundled(replies.get(commands.bundles, ""), self._dialect),
        )
        macs = operating.macs(replies.get(commands.macs, ""), self._dialect)
        return operation(state, ports, macs, at=at, source=", ".join((commands.running, *replies)))

    async def facts(self) -> Facts:
        """What the switch is and holds."""
        commands = self._dialect.commands
        state = await asking.permitted(self._whole)
        replies = await asking.answers(
            self._session.run, (commands.version, commands.inventory, commands.status), needed=(commands.version,)
        )
        found = facts.parse(
            replies[commands.version], replies.get(commands.inventory, ""), self._dialect, host=self._session.host
        )
        up = operating.status(replies.get(commands.status, ""), self._dialect)
        found["network"] = {"interfaces": describing.interfaces(state, up)}
        return found

    async def links(self) -> tuple[Neighbour, ...]:
        """What LLDP saw; a switch that does not run it shows none."""
        commands = self._dialect.commands
        replies = await asking.answers(self._session.run, (commands.lldp,))
        replies = replies or await asking.answers(self._session.run, (commands.older_lldp,))
        found = neighbours.lldp("".join(replies.values()), self._dialect)
        return tuple(each for each in found if self._dialect.names.is_port(each.port))
