"""The driver: what is asked of the switch, and when. What an answer means stands in the modules beside this one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
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
from drivers.errors import Unsupported
from drivers.selection import Remembered
from drivers.session import Reply
from drivers.switching import own_path
from drivers.switching.operating import operation, together
from drivers.vendors.juniper_junos import callers, facts, neighbours, operating, reading, steps
from drivers.vendors.juniper_junos.committing import Committer
from drivers.vendors.juniper_junos.dialect import Dialect

CONFIGURATION: Final = "show configuration | display set"
TERSE: Final = "show interfaces terse"
INTERFACES: Final = "show interfaces"
SPANNING_TREE: Final = "show spanning-tree interface"
LACP: Final = "show lacp interfaces"
MACS: Final = "show ethernet-switching table"
LLDP: Final = "show lldp neighbors"
VERSION: Final = "show version"
HARDWARE: Final = "show chassis hardware"
UPTIME: Final = "show system uptime"


class JuniperJunos(Spoken):
    """A Junos-like command line (see :class:`drivers.contract.Driver` and ``Confirming``)."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {
            *("vlans", "vlans.name"),
            *("ports.description", "ports.enabled", "ports.mode", "ports.access_vlan", "ports.native_vlan"),
            *("ports.trunk_vlans", "ports.mtu", "ports.stp.edge", "ports.stp.bpdu_guard"),
            *("lags", "lags.members", "lags.lacp", "lags.min_links"),
            *("operation", "facts", "neighbours", "fdb", "confirmed_commit", "own_path"),
        }
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        if profile.cli is None or profile.cli.candidate is None:
            raise Unsupported(f"the profile {profile.name} says nothing about the command line that this driver speaks")
        super().__init__(connection, profile)
        self._dialect = Dialect(profile)
        self._committer = Committer(
            self._session, candidate=profile.cli.candidate, commit_s=self._dialect.quirks.commit_s
        )
        self._turn = asyncio.Lock()
        """A change holds the session from its first line to its commit."""
        self._remembered = Remembered()

    async def read(self, want: Want) -> State:
        """The configuration, as far as it is wanted; nothing that was read before is read anew."""
        return self._selection.of(await self._whole(), want)

    async def _whole(self) -> State:
        async with self._turn:
            configuration, terse = await self._session.run_all((CONFIGURATION, TERSE))
        listed = reading.names(terse.data)
        names = [name.decode("utf-8", "replace") for name in listed]
        return self._remembered.of(
            (configuration.data, listed),
            lambda: reading.parse_state(configuration.strict_text(), names, self._dialect),
        )

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps to ``goal``."""
        return steps.plan(goal, observed, self._dialect)

    async def apply(self, step: Step) -> None:
        """A step's lines as one commit."""
        await self._change(step.commands)

    async def apply_all(self, steps: Sequence[Step], *, within_s: float | None = None) -> None:
        """The lines of all steps as one commit; ``within_s``: one that has to be confirmed."""
        await self._change((line for step in steps for line in step.commands), within_s=within_s)

    async def undo(self, step: Step) -> None:
        """A step's undo lines as one commit."""
        await self._change(step.undo)

    async def _change(self, lines: Iterable[str], *, within_s: float | None = None) -> None:
        async with self._turn:
            await self._committer.change(lines, within_s=within_s)

    async def confirm(self) -> None:
        """Keep a change that waits to be confirmed."""
        async with self._turn:
            await self._committer.confirm()

    async def revert(self) -> None:
        """Take a change back that waits to be confirmed."""
        async with self._turn:
            await self._committer.revert()

    async def save(self) -> None:
        """Nothing: what is committed outlives a restart."""

    async def own_path(self) -> OwnPath | None:
        """The way of our session (see :class:`drivers.contract.Placed`)."""
        state = await asking.permitted(self._whole)
        numbers = {vlan.name: number for number, vlan in state.vlans.items() if vlan.name is not None}
        shown = (await asking.answers(self._run, [CONFIGURATION])).get(CONFIGURATION, "")
        tables = callers.tables(self._dialect, vlans=callers.vlan_interfaces(shown), numbers=numbers)
        return await own_path.own_path(tables, self._run)

    async def operation(self, want: Want) -> Operation:
        """``ports`` and ``macs``; nothing wanted is all."""
        at = datetime.now(UTC)
        state = await asking.permitted(self._whole)
        numbers = {vlan.name: number for number, vlan in state.vlans.items() if vlan.name is not None}
        asked = [INTERFACES, SPANNING_TREE, LACP] if not want or "ports" in want else []
        asked += [MACS] if not want or "macs" in want else []
        replies = await asking.answers(self._run, asked, needed=asked[:1])
        ports = together(
            operating.status(replies.get(INTERFACES, ""), self._dialect),
            operating.spanning_tree(replies.get(SPANNING_TREE, ""), self._dialect),
            operating.bundled(replies.get(LACP, ""), self._dialect),
        )
        macs = operating.macs(replies.get(MACS, ""), numbers, self._dialect)
        return operation(state, ports, macs, at=at, source=", ".join((CONFIGURATION, *replies)))

    async def facts(self) -> Facts:
        """What the switch is and holds."""
        replies = await asking.answers(self._run, (VERSION, HARDWARE, UPTIME, INTERFACES), needed=(VERSION,))
        found = facts.parse(
            replies[VERSION],
            replies.get(HARDWARE, ""),
            replies.get(UPTIME, ""),
            dialect=self._dialect,
            host=self._session.host,
        )
        found["network"] = {"interfaces": facts.network(replies.get(INTERFACES, ""), self._dialect)}
        return found

    async def links(self) -> tuple[Neighbour, ...]:
        """What LLDP saw; a switch that does not run it shows none."""
        replies = await asking.answers(self._run, (LLDP,))
        return neighbours.lldp(replies.get(LLDP, ""), self._dialect)

    async def _run(self, command: str) -> Reply:
        async with self._turn:
            return await self._session.run(command)
