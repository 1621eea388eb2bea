"""The outlets of an APC switched rack PDU as its MIB shows them: pure tables, no network.

Written from the vendor's PowerNet-MIB (enterprise 318): the older `sPDU` tables, whose control column also is the
state, and the `rPDU` tables, whose control column (12.3.3.1.1.4) takes commands while their status column
(12.3.5.1.1.4) shows what came of them. A simulator that replays a recording keeps those as two unrelated cells; here a
command moves the outlet, and every column shows the outlet.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

Oid = tuple[int, ...]
_SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
_APC: Oid = (1, 3, 6, 1, 4, 1, 318)
_SPDU: Oid = (*_APC, 1, 1, 4)
_RPDU: Oid = (*_APC, 1, 1, 12)

SPDU_CONTROL: Oid = (*_SPDU, 4, 2, 1, 3)
RPDU_CONTROL: Oid = (*_RPDU, 3, 3, 1, 1, 4)
RPDU_STATUS: Oid = (*_RPDU, 3, 5, 1, 1, 4)
MASTER_SWITCH_RPDU: Oid = (*_APC, 1, 3, 4, 5)
"""sysObjectID of a switched rack PDU."""

MODEL = "AP7900"
FIRMWARE = "v3.9.2"
ON, OFF = 1, 2
PENDING, NOT_PENDING = 1, 2


class Command(Enum):
    """What an outlet can be told. The numbers are rPDUOutletControlOutletCommand's."""

    ON = 1
    OFF = 2
    REBOOT = 3
    ON_LATER = 4
    OFF_LATER = 5
    REBOOT_LATER = 6
    CANCEL = 7


_SPDU_COMMANDS = {
    1: Command.ON,
    2: Command.OFF,
    3: Command.REBOOT,
    5: Command.ON_LATER,
    6: Command.OFF_LATER,
    7: Command.REBOOT_LATER,
}
"""sPDUOutletCtl counts otherwise: 4 is its word for "unknown", and it cannot cancel."""


class WrongValue(Exception):
    """The value is none that the column takes."""


class NotWritable(Exception):
    """There is such a cell, or none, but it takes no value."""


@dataclass(slots=True)
class Outlet:
    """One outlet; a name can be written, as on the device."""

    number: int
    name: str
    on: bool = True
    pending: bool = False


Value = int | str | Oid
"""An INTEGER, a DisplayString or an OBJECT IDENTIFIER; `Ticks` apart."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """A TimeTicks value: hundredths of a second."""

    hundredths: int


@dataclass(slots=True)
class Tables:
    """The MIB of one PDU: read, walk and write its cells. `act` is called with every accepted outlet command."""

    name: str
    serial: str
    outlets: list[Outlet]
    act: Callable[[Outlet, Command], None]
    uptime: Callable[[], int]
    """Hundredths of a second since start."""
    _cells: dict[Oid, Callable[[], Value | Ticks]] = field(default_factory=dict)
    _order: list[Oid] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._system_cells()
        self._device_cells()
        for outlet in self.outlets:
            self._outlet_cells(outlet)
        self._order = sorted(self._cells)

    def get(self, oid: Oid) -> Value | Ticks | None:
        """The value of a cell; None if there is no such cell."""
        cell = self._cells.get(oid)
        return cell() if cell else None

    def after(self, oid: Oid) -> Oid | None:
        """The first cell behind that OID, as a walk asks for it; None at the end."""
        place = bisect_right(self._order, oid)
        return self._order[place] if place < len(self._order) else None

    def set(self, oid: Oid, value: int | str) -> None:
        """Write a cell. Raises NotWritable or WrongValue; nothing has happened then."""
        column, outlet = oid[:-1], self._outlet(oid[-1])
        if outlet is None:
            raise NotWritable
        if column in (SPDU_CONTROL, RPDU_CONTROL):
            self.act(outlet, _command(column, value))
        elif column in ((*_SPDU, 5, 2, 1, 3), (*_RPDU, 3, 4, 1, 1, 2)):
            if not isinstance(value, str) or not 0 < len(value) <= 23:
                raise WrongValue
            outlet.name = value
        else:
            raise NotWritable

    def _outlet(self, number: int) -> Outlet | None:
        return next((outlet for outlet in self.outlets if outlet.number == number), None)

    def _system_cells(self) -> None:
        description = f"APC Web/SNMP Management Card (MN:{MODEL} AN1:{FIRMWARE} SN: {self.serial})"
        for number, value in ((1, description), (4, "lab"), (5, self.name), (6, "lab")):
            self._cells[(*_SYSTEM, number, 0)] = _constant(value)
        self._cells[(*_SYSTEM, 2, 0)] = _constant(MASTER_SWITCH_RPDU)
        self._cells[(*_SYSTEM, 3, 0)] = lambda: Ticks(self.uptime())
        self._cells[(*_SYSTEM, 7, 0)] = _constant(72)

    def _device_cells(self) -> None:
        count = len(self.outlets)
        cells: dict[Oid, int | str] = {
            (*_SPDU, 1, 1): "B2",
            (*_SPDU, 1, 2): FIRMWARE,
            (*_SPDU, 1, 4): MODEL,
            (*_SPDU, 1, 5): self.serial,
            (*_SPDU, 4, 1): count,
            (*_RPDU, 1, 1): self.name,
            (*_RPDU, 1, 2): "B2",
            (*_RPDU, 1, 3): FIRMWARE,
            (*_RPDU, 1, 5): MODEL,
            (*_RPDU, 1, 6): self.serial,
            (*_RPDU, 1, 7): 12,
            (*_RPDU, 1, 8): count,
            (*_RPDU, 1, 9): 1,
            (*_RPDU, 3, 5, 2): count,
        }
        for oid, value in cells.items():
            self._cells[(*oid, 0)] = _constant(value)

    def _outlet_cells(self, outlet: Outlet) -> None:
        cells: dict[Oid, Callable[[], Value | Ticks]] = {
            (*_SPDU, 4, 2, 1, 1): _constant(outlet.number),
            (*_SPDU, 4, 2, 1, 2): lambda: PENDING if outlet.pending else NOT_PENDING,
            SPDU_CONTROL: lambda: ON if outlet.on else OFF,
            (*_SPDU, 4, 2, 1, 4): lambda: outlet.name,
            (*_SPDU, 5, 2, 1, 1): _constant(outlet.number),
            (*_SPDU, 5, 2, 1, 3): lambda: outlet.name,
            (*_RPDU, 3, 3, 1, 1, 1): _constant(outlet.number),
            (*_RPDU, 3, 3, 1, 1, 2): lambda: outlet.name,
            (*_RPDU, 3, 3, 1, 1, 3): _constant(1),
            RPDU_CONTROL: lambda: ON if outlet.on else OFF,
            (*_RPDU, 3, 3, 1, 1, 5): _constant(1),
            (*_RPDU, 3, 4, 1, 1, 1): _constant(outlet.number),
            (*_RPDU, 3, 4, 1, 1, 2): lambda: outlet.name,
            (*_RPDU, 3, 5, 1, 1, 1): _constant(outlet.number),
            (*_RPDU, 3, 5, 1, 1, 2): lambda: outlet.name,
            (*_RPDU, 3, 5, 1, 1, 3): _constant(1),
            RPDU_STATUS: lambda: ON if outlet.on else OFF,
            (*_RPDU, 3, 5, 1, 1, 5): lambda: PENDING if outlet.pending else NOT_PENDING,
            (*_RPDU, 3, 5, 1, 1, 6): _constant(1),
        }
        for column, cell in cells.items():
            self._cells[(*column, outlet.number)] = cell


def _constant(value: Value) -> Callable[[], Value]:
    return lambda: value


def _command(column: Oid, value: int | str) -> Command:
    try:
        return _SPDU_COMMANDS[int(value)] if column == SPDU_CONTROL else Command(value)
    except (KeyError, ValueError):
        raise WrongValue from None
