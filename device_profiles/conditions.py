"""Typed status of a node: what is so, why in one word, and what to do next in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import ConfigDict

from device_profiles.operation import TOLERANT
from device_profiles.scalars import Time

ConditionType = Literal["Reachable", "Converged", "Bound", "Conflicted", "Paused", "Identified"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition. ``since`` is when ``status`` or ``reason`` last changed."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    type: ConditionType
    status: bool | None
    """None: not known."""
    reason: str
    """A CamelCase word: ``AuthFailed``, ``AgentAway``, ``WriteFailed``."""
    message: str
    since: Time
