"""A node's effective declared state, made by the service and obeyed by the agent.

Roles were merged and compiled; every leaf bears the roles that declared it. A group that is in conflict stands in
``held`` and not in ``state``: on the device it stays as it is, while everything else converges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import ConfigDict

from device_profiles.documents import Allow, Approval, Budget, DriftMode, Save
from device_profiles.operation import TOLERANT
from device_profiles.state import EMPTY, State
from device_profiles.windows import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A group of leaves on which roles of equal priority disagree. ``path`` is the leaf that shows it."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    path: str
    roles: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What one node shall be, at one generation.

    ``owners`` maps a written leaf path to the roles that declared it. ``exclusive`` are written paths of sets that are
    exact. ``role_drift`` are roles with a mode of their own, ``drift`` is the node's. ``protect`` are written path
    prefixes that nothing may touch. ``window``, ``budget``, ``approval`` and ``save`` are the node's.
    """

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    node: str
    generation: int
    state: State = EMPTY
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    held: tuple[Held, ...] = ()
    exclusive: tuple[str, ...] = ()
    drift: DriftMode = "enforce"
    role_drift: Mapping[str, DriftMode] = field(default_factory=dict)
    allow: tuple[Allow, ...] = ()
    protect: tuple[str, ...] = ()
    window: Window | None = None
    budget: Budget | None = None
    approval: Approval | None = None
    save: Save | None = None
