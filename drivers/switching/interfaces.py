"""Which of a switch's interfaces are ports and which are LAGs, told by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from drivers.errors import Unsupported


@dataclass(frozen=True, slots=True)
class Interfaces:
    """Canonical names of interfaces: ``physical`` ones that can switch, and LAGs, whose number is group 1."""

    physical: re.Pattern[str]
    bundle: re.Pattern[str]

    @classmethod
    def of(cls, *, physical: str, bundle: str) -> Self:
        """Of the texts of both patterns."""
        return cls(re.compile(physical), re.compile(bundle))

    def is_physical(self, name: str) -> bool:
        """Whether an interface of that name is a port and no LAG."""
        return self.physical.fullmatch(name) is not None

    def is_port(self, name: str) -> bool:
        """Whether an interface of that name is a port or a LAG."""
        return self.is_physical(name) or self.bundle_number(name) is not None

    def bundle_number(self, name: str) -> int | None:
        """The number of the LAG of that name; None where it is no LAG's name."""
        match = self.bundle.fullmatch(name)
        return int(match[1]) if match is not None else None

    def refuse_lag(self, name: str, *, example: str) -> None:
        """Raise :class:`~drivers.errors.Unsupported` for a name that no LAG of this switch can have."""
        if self.bundle_number(name) is None:
            raise Unsupported(f"lags.{name}: this switch names its LAGs like {example}: rename it in the role")
