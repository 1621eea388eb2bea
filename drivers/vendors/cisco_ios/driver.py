"""The driver: what is asked of the switch, and when. What an answer means stands in the modules beside this one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar, Final

from device_profiles.compare import Goal
from device_profiles.facts import Facts
from device_profiles.leaves import SHAPES
from device_profiles.links import Neighbour
from device_profiles.operation import Operation, PortOperation
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, State
from drivers.cli import asking
from drivers.cli.driver import Spoken
from drivers.contract import Connection, OwnPath, Step, Want
from drivers.errors import Rejected
from drivers.session import Reply
from drivers.switching import describing, own_path
from drivers.switching.operating import together
from drivers.vendors.cisco_ios import callers, facts, modules, neighbours, operating, reading, saving, steps, vlans
from drivers.vendors.cisco_ios.dialect import Dialect

CONFIG: Final = "config"
"""The mode of the profile's command line in which a switch is configured."""

_PORTS: Final = frozenset({"ports", "lags"})


class CiscoIos(Spoken):
    """An IOS-like command line (see :class:`drivers.contract.Driver`)."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {
            *("vlans", "vlans.name"),
            *("ports.description", "ports.enabled", "ports.mode", "ports.access_vlan", "ports.native_vlan"),
            *("ports.trunk_vlans", "ports.mtu", "ports.stp.edge", "ports.stp.bpdu_guard"),
            *("lags", "lags.members", "lags.lacp", "lags.fallback", "lags.min_links"),
            *("operation", "facts", "neighbours", "fdb", "own_path", "unsaved"),
        }
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        super().__init__(connection, profile)
        self._dialect = Dialect(profile)
        self._save = () if profile.cli is None else profile.cli.save
        self._answers: dict[tuple[str, ...], tuple[tuple[bytes, ...], State]] = {}
        self._own = callers.tables(self._dialect)
        self._domain = ""
        self._vtp = False
        self._declared = frozenset(profile.capabilities) & SHAPES

    async def read(self, want: Want) -> State:
        """The configuration, as far as it is wanted; nothing that was read before is read anew."""
        asked = frozenset(want) or self._declared
        return self._selection.of(await self._whole(asked), asked)

    async def _whole(self, want: Want) -> State:
        commands = tuple(self._reading(want))
        if not commands:
            return EMPTY
        replies = await self._session.run_all(commands)
        answers = tuple(
            self._dialect.steady(reply.data) if command == self._dialect.commands.running else reply.data
            for command, reply in zip(commands, replies, strict=True)
        )
        before = self._answers.get(commands)
        if before is not None and before[0] == answers:
            return before[1]
        state = self._parsed(dict(zip(commands, replies, strict=True)))
        if self._dialect.commands.vlans in commands:
            await self._ask_vtp()
        if before is not None and before[1] == state:
            state = before[1]
        self._answers[commands] = (answers, state)
        return state

    async def _ask_vtp(self) -> None:
        """Learn whether VLANs are shared with other switches; whoever changes that changes the VLANs as well."""
        command = self._dialect.commands.vtp
        if command:
            self._vtp = vlans.is_shared((await asking.answers(self._session.run, [command])).get(command, ""))

    def _reading(self, want: Want) -> Iterable[str]:
        """The commands that show what is wanted."""
        sections = {shape.partition(".")[0] for shape in want}
        apart = self._dialect.commands.vlans_apart
        if sections & _PORTS or ("vlans" in sections and not apart):
            yield self._dialect.commands.running
        if apart and "vlans" in sections:
            yield self._dialect.commands.vlans

    def _parsed(self, replies: dict[str, Reply]) -> State:
        commands = self._dialect.commands
        running = replies.get(commands.running)
        table = replies.get(commands.vlans)
        if running is not None:
            self._domain = reading.domain(running.text)
        return reading.parse(
            None if running is None else running.text, None if table is None else table.text, self._dialect
        )

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps to ``goal``. Whether VLANs are shared by VTP is remembered from the last reading."""
        return steps.plan(goal, observed, self._dialect, vtp=self._vtp)

    async def apply(self, step: Step) -> None:
        """A step's lines, in configuration mode, which is entered once for many steps."""
        await self._configure(step.commands)

    async def undo(self, step: Step) -> None:
        """A step's undo lines."""
        await self._configure(step.undo)

    async def _configure(self, lines: tuple[str, ...]) -> None:
        tolerated = set(self._dialect.words.tolerated)
        row: list[str] = []
        for line in lines:
            row.append(line)
            if line in tolerated:
                await self._tolerant(tuple(row))
                row.clear()
        if row:
            await self._session.run_all(row, mode=CONFIG)

    async def _tolerant(self, row: tuple[str, ...]) -> None:
        """A row whose last line the switch need not know."""
        if row[:-1]:
            await self._session.run_all(row[:-1], mode=CONFIG)
        try:
            await self._session.run(row[-1], mode=CONFIG)
        except Rejected:
            return

    async def save(self) -> None:
        """Make the running configuration that of the next start."""
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
        asked = [commands.vlans]
        if not want or "ports" in want:
            asked += [commands.status, commands.spanning_tree, commands.bundles]
        if not want or "macs" in want:
            asked.append(commands.macs)
        replies = await asking.answers(self._session.run, asked, some=True)
        return Operation(
            at=at,
            source=", ".join(replies),
            ports=self._ports(replies),
            macs=operating.macs(replies.get(commands.macs, ""), self._dialect),
            vlans_carried=tuple(vlans.parse_table(replies[commands.vlans], command=commands.vlans))
            if commands.vlans in replies
            else (),
        )

    def _ports(self, replies: dict[str, str]) -> dict[str, PortOperation]:
        commands = self._dialect.commands
        return together(
            operating.status(replies.get(commands.status, ""), self._dialect),
            operating.spanning_tree(replies.get(commands.spanning_tree, ""), self._dialect),
            operating.bundled(replies.get(commands.bundles, ""), self._dialect),
        )

    async def facts(self) -> Facts:
        """What the switch is and holds."""
        commands = self._dialect.commands
        state = await self._whole(self._declared)
        replies = await asking.answers(
            self._session.run, (commands.version, commands.inventory, commands.status), some=True
        )
        found = facts.parse(
            replies.get(commands.version, ""),
            replies.get(commands.inventory, ""),
            self._dialect,
            host=self._session.host,
            domain=self._domain,
        )
        up = operating.status(replies.get(commands.status, ""), self._dialect)
        found["network"] = {"interfaces": describing.interfaces(state, up)}
        if commands.inventory not in replies:
            text = await asking.answers(self._session.run, (commands.modules,))
            parts = list(modules.modules(text.get(commands.modules, "")))
            found |= {"inventory": parts} if parts else {}
        return found

    async def links(self) -> tuple[Neighbour, ...]:
        """What LLDP and CDP saw; a protocol that the switch does not run shows none."""
        commands = self._dialect.commands
        replies = await asking.answers(self._session.run, (commands.lldp, commands.cdp))
        seen = replies.get(commands.lldp, "")
        lacking = (commands.lldp_ports,) if neighbours.lacks_ports(seen) else ()
        table = await asking.answers(self._session.run, lacking)
        return (
            *neighbours.lldp(seen, self._dialect, table=table.get(commands.lldp_ports, "")),
            *neighbours.cdp(replies.get(commands.cdp, ""), self._dialect),
        )
