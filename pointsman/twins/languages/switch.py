"""What twins of switches have in common that keep two configurations: the one that runs, and that of the next start."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from pointsman.twins.languages.seat import SEAT


@dataclass(slots=True)
class Neighbour:
    """Who is at the other end of a port's cable."""

    name: str
    chassis_id: str
    port: str
    port_description: str = ""


class Names(Protocol):
    """How a dialect names interfaces."""

    @property
    def bundle(self) -> str:
        """What the name of a LAG begins with; its number follows."""

    @property
    def short(self) -> tuple[tuple[str, str], ...]:
        """Long and short beginnings of names."""


class Bundled(Protocol):
    """An interface that may be a member of a LAG, by the LAG's number."""

    group: int | None


class Configured(Protocol):
    """A configuration: its interfaces by their names in full."""

    interfaces: dict[str, Any]


PortT = TypeVar("PortT", bound=Bundled)
ConfigT = TypeVar("ConfigT", bound=Configured)


class SavingSwitch(Generic[PortT, ConfigT]):
    """A switch with these ``ports``, as it comes up with a configuration that was saved."""

    def __init__(self, names: Names, config: ConfigT, *, ports: Iterable[str], serial: str) -> None:
        self._names = names
        self.serial = serial
        self.config = config
        self.startup = copy.deepcopy(config)
        self.erased = False
        """Whether there is nothing to start from."""
        self.has_keys = False
        """Whether it has made SSH keys of its own."""
        self.neighbours: dict[str, Neighbour] = {}
        self.macs: list[tuple[str, int, str]] = []
        self.seat = SEAT
        self.linked = set(ports)
        self.writes = 0
        self.saves = 0

    def save(self) -> None:
        """Keep the configuration for the next start."""
        self.startup, self.erased = copy.deepcopy(self.config), False
        self.writes += 1
        self.saves += 1

    def restart(self) -> None:
        """Start anew with what was saved."""
        self.config = copy.deepcopy(self.startup)

    def members(self, bundle: str) -> list[PortT]:
        """The members of a LAG."""
        number = bundle.removeprefix(self._names.bundle)
        return [each for each in self.config.interfaces.values() if str(each.group) == number]

    def bundle_of(self, port: PortT) -> PortT | None:
        """The LAG of a member."""
        return None if port.group is None else self.config.interfaces.get(f"{self._names.bundle}{port.group}")

    def short(self, name: str) -> str:
        """A name as tables show it."""
        for long, short in self._names.short:
            if name.startswith(long):
                return short + name.removeprefix(long)
        return name
