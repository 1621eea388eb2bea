"""The switch as a state: which VLANs there are, and who is in them with a tag or without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from device_profiles.names import printable
from device_profiles.operation import MacEntry, PortOperation
from device_profiles.state import Port, State, Vlan
from drivers.errors import Garbled
from drivers.switching import modes

PORTS: Final = "port/allprint"
VLANS: Final = "vlan/allprint"
NUMBER: Final = "port/showinfo"
MACS: Final = "hash/print"
INFO: Final = "showinfo"
FIRST: Final = 0
"""The device's VLAN that stands for VLAN 1."""
NOBODY: Final = 1
"""The device's VLAN that the schema has no number for."""
NONE: Final = 4095
"""The VLAN of untagged frames, where they are dropped."""
UNTAGGED: Final = "untagged "
TAGGED: Final = "tagged "
"""The words of a port that the schema has none for."""

_PORT: Final = re.compile(r"Port (\d{4}) untagged_vlan=(\d{4}) (ACTIVE|INACTIVE) .*")
_BESIDE: Final = re.compile(r"( Current User: | IN: | OUT: |  -- endpoint ).*")
_VLAN: Final = re.compile(r"VLAN (\d{4})")
_MEMBER: Final = re.compile(r" -- Port (\d{4}) tagged=([01]) active=[01] status=\w+")
_NUMPORTS: Final = re.compile(r"Numports=(\d+)")
_MAC: Final = re.compile(r"Hash: \d+ Addr: ([0-9a-f:]{17}) VLAN (\d{4}) to port: (\d+) +age -?\d+ secs?")
_VERSION: Final = re.compile(r"VDE switch V\.(\S+)")
_UPTIME: Final = re.compile(r"pid \d+ MAC (\S+) uptime (\d+)")
T = TypeVar("T")


@dataclass(slots=True)
class Seat:
    """One port of the device: in which VLAN without a tag, in which with one; ``plugged``: something is at it."""

    untagged: int = FIRST
    tagged: set[int] = field(default_factory=set)
    plugged: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What the device shows: its ports by number, and its VLANs by its own numbers."""

    seats: dict[int, Seat]
    vlans: tuple[int, ...]

    @property
    def state(self) -> State:
        """As the schema says it."""
        shown = [number for number in self.vlans if number != NOBODY]
        return State(
            vlans={number or 1: Vlan() for number in sorted(shown)},
            ports={str(number): _port(seat) for number, seat in sorted(self.seats.items())},
        )

    @property
    def operation(self) -> dict[str, PortOperation]:
        """What its ports do."""
        return {str(number): PortOperation(oper_up=seat.plugged) for number, seat in sorted(self.seats.items())}


def _port(seat: Seat) -> Port:
    if NOBODY in (seat.untagged, *seat.tagged) or FIRST in seat.tagged:
        tagged = ",".join(map(str, sorted(seat.tagged)))
        return Port(**modes.other((f"{UNTAGGED}{seat.untagged}", f"{TAGGED}{tagged}")))
    if not seat.tagged and seat.untagged != NONE:
        return Port(**modes.access(seat.untagged or 1))
    native: int | str = "none" if seat.untagged == NONE else seat.untagged or 1
    return Port(mode="trunk", native_vlan=native, trunk_vlans=tuple(sorted(seat.tagged)))  # type: ignore[arg-type]


def parse(numbers: Iterable[str], ports: Iterable[str], vlans: Iterable[str]) -> Reading:
    """The three tables together. Raises :class:`~drivers.errors.Garbled` where they do not go together."""
    count = next((int(match[1]) for line in numbers if (match := _NUMPORTS.fullmatch(line))), 0)
    if not count:
        raise Garbled(f"'{NUMBER}' does not tell how many ports the switch has")
    # Ports are 1 to count - 1; one that nobody plugged anything into has not been made yet, and is as a new one is.
    seats = {number: Seat() for number in range(1, count)}
    for number, untagged, plugged in _each(PORTS, ports, _PORT, _seat, beside=_BESIDE):
        seats[number] = Seat(untagged=untagged, plugged=plugged)
    found: list[int] = []
    for vlan, member in _each(VLANS, vlans, re.compile(f"{_VLAN.pattern}|{_MEMBER.pattern}"), _row):
        if member is None:
            found.append(vlan)
            continue
        port, tagged = member
        seat = seats.get(port)
        if seat is None or not found or (not tagged and seat.untagged != found[-1]):
            raise Garbled(f"'{VLANS}' and '{PORTS}' tell different things of port {port}")
        if tagged:
            seat.tagged.add(found[-1])
    if FIRST not in found:
        raise Garbled(f"'{VLANS}' does not tell VLAN 0, which is always there")
    return Reading(seats, tuple(found))


def _seat(match: re.Match[str]) -> tuple[int, int, bool]:
    return int(match[1]), int(match[2]), match[3] == "ACTIVE"


def _row(match: re.Match[str]) -> tuple[int, tuple[int, bool] | None]:
    return (int(match[1]), None) if match[1] else (0, (int(match[2]), match[3] == "1"))


def _each(
    command: str,
    lines: Iterable[str],
    pattern: re.Pattern[str],
    made: Callable[[re.Match[str]], T],
    *,
    beside: re.Pattern[str] | None = None,
) -> Iterator[T]:
    for line in lines:
        match = pattern.fullmatch(line)
        if match is not None:
            yield made(match)
        elif beside is None or not beside.fullmatch(line):
            raise Garbled(f"'{command}': the line '{printable(line, most=60)}' is none that the switch prints there")


def macs(lines: Iterable[str]) -> tuple[MacEntry, ...]:
    """The forwarding table. Raises ``Garbled``."""

    def entry(match: re.Match[str]) -> MacEntry:
        return MacEntry(mac=match[1], vlan=int(match[2]) or 1, port=str(int(match[3])))

    return tuple(_each(MACS, lines, _MAC, entry))


def facts(lines: Iterable[str]) -> dict[str, Any]:
    """What the switch says of itself: its version, and since when it runs."""
    text = "\n".join(lines)
    version, running = _VERSION.search(text), _UPTIME.search(text)
    if version is None or running is None:
        raise Garbled(f"'{INFO}' does not tell the switch's version and how long it has run")
    return {"platform_version": printable(version[1]), "uptime_seconds": int(running[2])}
