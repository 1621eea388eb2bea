"""The driver: what is asked of the PDU, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final

from annotated_types import Gt
from pydantic import ConfigDict, TypeAdapter

from device_profiles.compare import Goal
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.profile import Profile
from device_profiles.state import EMPTY, Outlet, State
from drivers.contract import Connection, Step, Want
from drivers.errors import Garbled, Unsupported
from drivers.labels import labels
from drivers.quirks import checked
from drivers.selection import Selection
from drivers.snmp.facts import names_of
from drivers.snmp.managed import managed_of
from drivers.snmp.polling import Poll, Poller
from drivers.vendors.snmp_pdu import facts, steps
from drivers.vendors.snmp_pdu.seeing import Seen, Views
from drivers.vendors.snmp_pdu.writing import Writer

_SOURCE: Final = "SNMP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What a profile says beside its tables: how long an outlet may take to be switched."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    done_within_s: Annotated[float, Gt(0)] = 30.0


_QUIRKS: Final = TypeAdapter(Quirks)


class SnmpPdu:
    """A PDU that speaks SNMP (see :class:`drivers.contract.Driver`). What could not be read: :attr:`unread`."""

    capabilities: ClassVar[frozenset[str]] = frozenset(
        {"outlets.name", "outlets.power", "operation", "facts", "neighbours"}
    )

    def __init__(self, connection: Connection, profile: Profile) -> None:
        if profile.snmp is None:
            raise Unsupported(f"the profile {profile.name} says nothing about SNMP, which this driver speaks")
        self._profile = profile
        self._snmp = profile.snmp
        self._managed = managed_of(connection)
        self._poller = Poller(self._managed, profile.snmp)
        self._views = Views(profile.snmp)
        self._done_within_s = checked(profile, _QUIRKS).done_within_s
        self._switches = "outlets.power" in profile.capabilities
        self._seen = Seen()
        self._state = EMPTY
        self._selection = Selection()
        self._outlets = self._views.names(measured=False)
        self._measured = self._views.names(measured=True)
        self._tables: Mapping[str, object] | None = None
        """What the state was made of."""
        self._unread: dict[str, None] = {}

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read so far, a sentence each."""
        return tuple(self._unread)

    async def read(self, want: Want) -> State:
        """All outlets in one poll, and then what of them is wanted."""
        poll = await self._poll(self._outlets, steady=True)
        if self._tables is not poll.tables:
            await self._see(poll)
            self._tables = poll.tables
        return self._selection.of(self._state, want)

    async def _see(self, poll: Poll) -> None:
        """Make outlets of what was read."""
        seen = self._views.see(poll)
        if not seen.outlets:
            seen = await self._by_what_is_measured()
        state = State(
            outlets={
                key: Outlet(name=outlet.name or None, power=outlet.power if self._switches else None)
                for key, outlet in seen.outlets.items()
            }
        )
        self._seen = seen
        self._state = self._state if state == self._state else state

    async def _by_what_is_measured(self) -> Seen:
        """What shows in tables of measurements alone.

        A unit without outlets that can be told apart has inputs at least; else this is something else.
        """
        seen = self._views.see(await self._poll(self._measured))
        if seen.is_empty:
            tables = ", ".join(view.table for view in (*self._views.power.outlets, *self._views.power.inputs))
            raise Garbled(f"the device shows nothing of a PDU that {self._profile.name} describes ({tables[:500]})")
        return seen

    async def _poll(self, names: Iterable[str], *, steady: bool = False) -> Poll:
        poll = await self._poller.read(*names, steady=steady)
        self._unread.update(poll.problems)
        return poll

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps to ``goal``. How outlets are switched is remembered from the last reading."""
        return steps.plan(goal, observed, outlets=self._seen.outlets, profile=self._profile)

    async def apply(self, step: Step) -> None:
        """A step's commands in order; what is switched is awaited."""
        await self._writer.run(step.commands, doing=step.text)

    async def undo(self, step: Step) -> None:
        """A step's undo commands in order."""
        await self._writer.run(step.undo, doing=f"undo of {step.text}")

    @property
    def _writer(self) -> Writer:
        return Writer(self._managed, within_s=self._done_within_s)

    async def save(self) -> None:
        """Nothing to do: SNMP has no word for it, and a relay needs none."""

    async def operation(self, want: Want) -> Operation:
        """``outlets`` and ``inputs``, in one poll; nothing wanted is all."""
        at = datetime.now(UTC)
        seen = self._views.see(await self._poll(self._measured))
        outlets = {key: outlet.operation for key, outlet in seen.outlets.items()}
        return Operation(
            at=at,
            source=_SOURCE,
            outlets=outlets if not want or "outlets" in want else {},
            inputs=seen.inputs if not want or "inputs" in want else {},
        )

    async def facts(self) -> Facts:
        """What the PDU is and has."""
        names = dict.fromkeys((*facts.SCALARS, *names_of(self._snmp.facts), *self._measured))
        poll = await self._poll(names)
        return facts.facts(
            poll,
            self._views.see(poll),
            self._snmp.facts,
            platform=self._profile.name,
            vendor=self._profile.vendor,
        )

    async def links(self) -> tuple[Neighbour, ...]:
        """Whose names its outlets bear, by the last reading."""
        if not self._seen.outlets:
            await self.read(())
        return tuple(labels((key, outlet.name) for key, outlet in self._seen.outlets.items()))

    async def close(self) -> None:
        """Nothing of its own is open; the connection stays."""
