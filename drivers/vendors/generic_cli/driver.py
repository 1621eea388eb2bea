"""The driver: which tables are asked, and when. What a table means stands in the modules beside this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import ClassVar, Final

from device_profiles.compare import Goal, compare
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.names import printable
from device_profiles.operation import MacEntry, Operation
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, State
from drivers.contract import Connection, Step, Want
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.selection import Selection
from drivers.vendors.generic_cli import facts, lags, macs, neighbours, ports, values, vlans
from drivers.vendors.generic_cli.dialect import Dialect
from drivers.vendors.generic_cli.findings import Findings
from drivers.vendors.generic_cli.line import session_of
from drivers.vendors.generic_cli.names import Names
from drivers.vendors.generic_cli.tables import Kind, Table
from drivers.vendors.generic_cli.words import MAC, VLAN, Reading, Words

_STATE: Final[tuple[Kind, ...]] = ("vlans", "ports", "lags")
_WHAT: Final[dict[Kind, str]] = {
    "facts": "what the device is",
    "vlans": "its VLANs",
    "ports": "its ports",
    "lags": "its LAGs",
    "lldp": "its LLDP neighbours",
    "cdp": "its CDP neighbours",
    "macs": "its MAC addresses",
}
_ROWS: Final[dict[Kind, tuple[Callable[[str], str | None], Words, str]]] = {
    "macs": (values.mac_in, MAC, "mac"),
    "vlans": (values.vlan_at_start, VLAN, "id"),
}
"""How a line shows that it is a row of a table, and what the row would say."""
_NEVER_EMPTY: Final[frozenset[Kind]] = frozenset({"facts", "vlans", "ports"})
Readings = tuple[tuple[Table, Reading], ...]


class GenericCli:
    """A read-only driver (see :class:`drivers.contract.Driver`). What could not be read stands in :attr:`unread`."""

    capabilities: ClassVar[frozenset[str]] = frozenset({"operation", "facts", "neighbours", "fdb"})

    def __init__(self, connection: Connection, profile: Profile) -> None:
        self._dialect = Dialect(profile)
        self._profile = profile
        self._session = session_of(connection, profile, device_type=self._dialect.quirks.netmiko)
        self._parsed: dict[Table, tuple[bytes, tuple[Reading, ...]]] = {}
        self._refused: dict[Table, str] = {}
        self._unread: dict[str, None] = {}
        self._names = Names(profile.port_names)
        self._basis: tuple[Reading, ...] | None = None
        self._findings = Findings()
        self._state = EMPTY
        self._selection = Selection()

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read or told so far, a sentence each."""
        return tuple(self._unread)

    @property
    def waited_s(self) -> float:
        """All the time that commands took on the device and the way to it."""
        return self._session.waited_s

    async def read(self, want: Want) -> State:
        """All that tables say of VLANs, ports and LAGs, and then what of it is wanted."""
        await self._look()
        return self._selection.of(self._state, want)

    async def _look(self) -> Findings:
        found = await self._tables(_STATE)
        basis = tuple(reading for _, reading in found)
        if self._basis is None or not _same(basis, self._basis):
            self._findings = self._put_together(found)
            state = self._findings.state()
            self._state = self._state if state == self._state else state
            self._basis = basis
        return self._findings

    def _put_together(self, readings: Readings) -> Findings:
        found = Findings()
        by_kind: dict[Kind, list[Reading]] = {kind: [] for kind in _STATE}
        for table, reading in readings:
            by_kind[table.kind].append(reading)
        for reading in by_kind["ports"]:
            self._names.learn(ports.names_in(reading))
        for reading in by_kind["lags"]:
            lags.note_lags(reading, found, self._names)
        for reading in by_kind["vlans"]:
            vlans.note_vlans(reading, found, self._names)
        for reading in by_kind["ports"]:
            ports.note_ports(reading, found, self._names)
        self._unread.update(found.told())
        return found

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """Nothing, or a refusal: this driver changes nothing."""
        if compare(goal, observed):
            raise Unsupported(f"{self._profile.title} is only read here: nothing of it can be changed")
        return ()

    async def apply(self, step: Step) -> None:
        """Refused: this driver changes nothing."""
        raise Unsupported(f"{step.text}: {self._profile.title} is only read here")

    async def undo(self, step: Step) -> None:
        """Refused: this driver changes nothing."""
        raise Unsupported(f"undo of {step.text}: {self._profile.title} is only read here")

    async def save(self) -> None:
        """Nothing to do, since nothing was changed."""

    async def operation(self, want: Want) -> Operation:
        """``ports`` and ``macs``; nothing wanted is all."""
        at = datetime.now(UTC)
        found = await self._look()
        return Operation(
            at=at,
            source=", ".join(table.command for table in self._parsed),
            ports=found.operation() if not want or "ports" in want else {},
            macs=await self._macs() if not want or "macs" in want else (),
            vlans_carried=tuple(sorted(found.vlans)),
        )

    async def _macs(self) -> tuple[MacEntry, ...]:
        return macs.macs([reading for _, reading in await self._tables(("macs",))], self._names)

    async def facts(self) -> Facts:
        """What the device is and holds."""
        found = await self._look()
        readings = [reading for _, reading in await self._tables(("facts",))]
        told = facts.facts(readings, self._profile, host=self._session.host, describes=self._dialect.quirks.describes)
        told["network"] = {"interfaces": facts.interfaces(self._state, found.operation())}
        return told

    async def links(self) -> tuple[Neighbour, ...]:
        """What LLDP and the protocols like CDP saw."""
        await self._look()  # the spellings of the ports
        found = await self._tables(("lldp", "cdp"))
        return neighbours.neighbours(((table.kind, reading) for table, reading in found), self._names)

    async def close(self) -> None:
        """Close the session; the connection stays."""
        await self._session.close()

    async def _tables(self, kinds: Sequence[Kind]) -> Readings:
        """The tables of some kinds, as far as the device answers them."""
        found: list[tuple[Table, Reading]] = []
        said: set[str] = set()
        for table in self._dialect.tables:
            if table.kind not in kinds or (table.instead and table.instead in said):
                continue
            readings = await self._table(table)
            found += [(table, reading) for reading in readings if reading.rows]
            if table.instead and _is_enough(table, readings):
                said.add(table.instead)
        self._tell(kinds)
        return tuple(found)

    async def _table(self, table: Table) -> tuple[Reading, ...]:
        """One table; a device that refused a command once is not asked for it again."""
        if table in self._refused:
            return ()
        try:
            data = (await self._session.run(table.command)).data
        except Rejected as error:
            self._refused[table] = str(error)
            return ()
        known = self._parsed.get(table)
        if known is None or known[0] != data:
            try:
                known = (data, self._dialect.parse(table, data.decode("utf-8", "replace")))
                self._unread.update(_lost(table, known[1]))
            except Garbled as error:
                self._unread[str(error)] = None
                known = (data, ())
            self._parsed[table] = known
        return known[1]

    def _tell(self, kinds: Iterable[Kind]) -> None:
        """Say plainly what nothing told."""
        for kind in kinds:
            asked = [table for table in self._dialect.tables if table.kind == kind]
            refused = [self._refused[table] for table in asked if table in self._refused]
            if not asked:
                self._unread[f"nothing here reads {_WHAT[kind]} on {self._profile.title}"] = None
            elif len(refused) == len(asked):
                self._unread[f"{_WHAT[kind]} could not be read: {refused[0]}"] = None


def _lost(table: Table, readings: tuple[Reading, ...]) -> dict[str, None]:
    """What is said of lines that a template passed over, though they look like rows of the table."""
    if table.kind in _NEVER_EMPTY and readings and not any(reading.rows or not reading.is_said for reading in readings):
        return {f"the answer to '{table.command}' has nothing in it that could be read": None}
    if table.kind not in _ROWS:
        return {}
    looks, words, meaning = _ROWS[table.kind]
    kept = [set(reading.lost(looks, words, meaning)) for reading in readings]
    lines = sorted(set.intersection(*kept)) if kept else []
    if not lines:
        return {}
    first = printable(lines[0], most=80)
    return {f"{len(lines)} lines of the answer to '{table.command}' were not understood, first '{first}'": None}


def _is_enough(table: Table, readings: tuple[Reading, ...]) -> bool:
    """Whether the tables that say the same need not be asked any more."""
    return neighbours.has_ports(readings) if table.kind == "lldp" else any(reading.rows for reading in readings)


def _same(one: tuple[Reading, ...], other: tuple[Reading, ...]) -> bool:
    return len(one) == len(other) and all(left is right for left, right in zip(one, other, strict=True))
