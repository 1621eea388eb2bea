"""What a row yields: figures with unit and goal, and remarks that are needed to read them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value. ``goal`` is an upper bound in the same unit; None where there is none."""

    name: str
    value: float
    unit: str
    goal: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the value is within its goal; None without one."""
        return None if self.goal is None else self.value <= self.goal


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one row found. ``skipped`` says why there are no figures; ``remarks`` are sentences for readers."""

    figures: tuple[Figure, ...] = ()
    remarks: tuple[str, ...] = ()
    skipped: str = ""


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of ``values`` that at least ``share`` (0..1) of them do not exceed. Raises ValueError if empty."""
    if not values:
        raise ValueError("no values to take a quantile of")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """The quantile of one half."""
    return quantile(values, 0.5)
