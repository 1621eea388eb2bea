"""What the schema says about each of its fields beside the type: how several owners merge, and what belongs together.

``state.py`` writes it down with :func:`leaf`; merging, comparing and the documentation read it with :func:`rule_of`.
A field's rule is looked up by its *shape*: the path with every key of a mapping left out (``ports.mode``), which is
also the name of the capability that a driver declares for it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Merge(StrEnum):
    """How declarations of several roles become one value (semantics, section 3)."""

    UNION = "union"
    """A set, owned by element: everybody's elements."""
    MAX = "max"
    """The largest."""
    PRIORITY = "priority"
    """The highest priority; among equals the role whose name sorts first."""
    CONFLICT = "conflict"
    """The highest priority; equals that disagree are a conflict."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the schema says about one field."""

    merge: Merge
    group: str | None = None
    """Fields of one group converge together or not at all."""
    observed_only: bool = False
    """May be read from a device, never declared."""
    manner_of: str | None = None
    """How, not what: the field of the same object that it says the manner of. Declared, never observed or compared."""
    token: bool = False
    """A verb that became state by its time: done once, never shown by a device."""


def leaf(
    merge: Merge,
    *,
    group: str | None = None,
    observed_only: bool = False,
    manner_of: str | None = None,
    token: bool = False,
) -> Any:
    """A field of the schema that is absent unless declared or observed."""
    return dataclasses.field(default=None, metadata={"rule": Rule(merge, group, observed_only, manner_of, token)})


def part() -> Any:
    """A field that holds further fields, absent unless one of them is there."""
    return dataclasses.field(default=None)


def rule_of(field: dataclasses.Field[Any]) -> Rule | None:
    """The rule of a leaf field; None where the field holds further fields."""
    rule = field.metadata.get("rule")
    return rule if isinstance(rule, Rule) else None
