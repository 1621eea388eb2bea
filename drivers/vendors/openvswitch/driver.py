"""The driver: what is asked of the switch, and when. What an answer means stands in the modules beside this one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import ClassVar, Final

from device_profiles.compare import Goal
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation, PortOperation
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, State
from drivers.cli.login import shell_stream
from drivers.contract import Connection, OwnPath, Step, Want, login_of
from drivers.errors import Garbled, Rejected, Unreachable, Unsupported
from drivers.selection import Selection
from drivers.session import Reply, ShellSession
from drivers.vendors.openvswitch import facts, neighbours, operating, own_path, reading, steps, watching
from drivers.vendors.openvswitch.tables import Made

_NOT_FOUND: Final = 127
_ROUNDS: Final = 3
_ALARM: Final = 128 + 14
"""ovs-vsctl ends itself by SIGALRM when its --timeout is over."""


class OpenVSwitch:
    """Open vSwitch over a shell (see :class:`drivers.contract.Driver`)."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {
            *("ports.description", "ports.enabled", "ports.mode", "ports.access_vlan", "ports.native_vlan"),
            *("ports.trunk_vlans", "ports.mtu", "ports.stp.edge", "lags", "lags.members", "lags.lacp", "lags.fallback"),
            *("operation", "facts", "neighbours", "fdb", "watch", "own_path"),
        }
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        if profile.shell is None:
            raise Unsupported(f"the profile {profile.name} says nothing about the shell, which this driver speaks")
        self._connection = connection
        self._timeout_s = profile.connect_timeout_s
        self._session = ShellSession(
            lambda: shell_stream(connection, profile),
            shell=profile.shell,
            timeout_s=profile.command_timeout_s,
            bytes_per_s=login_of(connection).bytes_per_s,
        )
        self._answer = b""
        self._last = reading.Reading(EMPTY)
        self._read_before, self._asked_before = Made(), Made()
        self._selection = Selection()
        self._shown = EMPTY

    @property
    def waited_s(self) -> float:
        """All the time that commands took on the switch and the way to it."""
        return self._session.waited_s

    async def read(self, want: Want) -> State:
        """All ports and LAGs in one exchange, whatever of them is wanted, and then what is."""
        reply = await self._run(reading.COMMAND)
        if reply.data != self._answer:
            found = reading.parse(reply.data, self._read_before)
            if found.state == self._last.state:  # a carrier came or went, say
                found = reading.Reading(self._last.state, found.bridge_of)
            self._answer, self._last = reply.data, found
        self._shown = self._selection.of(self._last.state, want)
        return self._shown

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps to ``goal``. Which bridge a port is in is remembered from the last reading."""
        # Of the last reading all is known, whatever of it was shown: an undo must bring all of it back.
        current = self._last if observed is self._shown else reading.Reading(observed, self._last.bridge_of)
        return steps.plan(goal, current, capabilities=self.capabilities)

    async def apply(self, step: Step) -> None:
        """All of a step's commands in one exchange; the first that is refused ends it."""
        await self._run(" && ".join(step.commands), doing=step.text)

    async def undo(self, step: Step) -> None:
        """All of a step's undo commands in one exchange."""
        if step.undo:
            await self._run(" && ".join(step.undo), doing=f"undo of {step.text}")

    async def save(self) -> None:
        """Nothing to do: the database was on disk when each transaction was answered."""

    async def operation(self, want: Want) -> Operation:
        """``ports`` and ``macs``; nothing wanted is all."""
        at = datetime.now(UTC)
        tables = await self._tables()
        return Operation(
            at=at,
            source=operating.SOURCE,
            ports=await self._ports(tables) if not want or "ports" in want else {},
            macs=tuple(operating.macs(tables)) if not want or "macs" in want else (),
            vlans_carried=operating.vlans_carried(tables),
        )

    async def facts(self) -> Facts:
        """What the switch is, with its neighbours where it runs lldpd."""
        system = (await self._run(facts.SYSTEM)).strict_text()
        found = facts.parse(system, (await self._run(facts.TABLES)).data)
        reply = await self._session.run(neighbours.COMMAND)
        if reply.status == 0:
            found["lldp"] = neighbours.as_facts(neighbours.parse(reply.data))
        return found

    async def links(self) -> tuple[Neighbour, ...]:
        """What lldpd saw."""
        return neighbours.parse((await self._run(neighbours.COMMAND, doing="asking lldpd for neighbours")).data)

    async def own_path(self) -> OwnPath | None:
        """The way of our session (see :class:`drivers.contract.Placed`); None on a line that knows no peer."""
        reply = await self._session.run(own_path.PEER)
        peer = own_path.peer_of(reply.text) if reply.status == 0 else ""
        if not peer:
            return None
        hop = own_path.hop((await self._run(own_path.command(peer), doing="asking for our route")).data, peer=peer)
        bridge_of = self._last.bridge_of
        switched = {*bridge_of, *bridge_of.values()}
        tables = operating.macs(await self._tables()) if hop.device in switched else ()
        return own_path.own_path(peer, hop, switched=switched, macs=tables)

    def changes(self) -> AsyncIterator[None]:
        """Yields when the configuration may have changed (see :class:`drivers.contract.Watching`)."""
        return watching.changes(self._connection, timeout_s=self._timeout_s)

    async def close(self) -> None:
        """Close the session; the connection stays."""
        await self._session.close()

    async def _ports(self, tables: operating.Tables) -> dict[str, PortOperation]:
        bonds = (await self._run(operating.BONDS)).text if tables.lags else ""
        return operating.ports(tables, operating.bonded(bonds))

    async def _tables(self) -> operating.Tables:
        """The tables with the forwarding databases of all bridges: of those that are known, in the same exchange."""
        asked: tuple[str, ...] = tuple(sorted(set(self._last.bridge_of.values())))
        for _ in range(_ROUNDS):
            reply = await self._run(operating.command(asked))
            tables = operating.Tables.parse(reply.data, bridges=asked, made=self._asked_before)
            if tables.bridges == asked:
                return tables
            asked = tables.bridges
        raise Garbled("bridges of the switch come and go while it is asked about them: nothing was concluded")

    async def _run(self, command: str, *, doing: str = "reading") -> Reply:
        """Run a command that must succeed; what the switch says otherwise becomes an error."""
        reply = await self._session.run(command)
        if reply.status == 0:
            return reply
        if reply.status == _ALARM or "database connection failed" in reply.text:
            raise Unreachable(f"{doing}: Open vSwitch does not answer on the switch; are its daemons running?")
        if reply.status == _NOT_FOUND:
            raise Unsupported(f"{doing}: the switch lacks a command: {reply.line}")
        raise Rejected(f"{doing}: the switch says: {reply.line or f'exit status {reply.status}'}")
