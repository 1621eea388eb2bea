"""Who calls: the token behind a request, what it may do, and where it must stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar, Final

from annotated_types import Ge, Le, MaxLen
from pydantic import ConfigDict, WithJsonSchema

from device_profiles.names import Label
from device_profiles.scalars import VlanSet
from device_profiles.state import STRICT
from proxy_service.problems import Refused, Slug


class Scope(StrEnum):
    """What a token may do."""

    READ = "read"
    DECLARE = "declare"
    """Nodes, roles, apply."""
    OPERATE = "operate"
    """Preview, converge, pause, resume."""
    ADMIN = "admin"
    """Tokens, locations, agents."""
    FORCE = "force"
    """Objects of other owners."""
    CONSOLE_READ = "console:read"
    """Watch consoles, and play their transcripts."""
    CONSOLE_WRITE = "console:write"
    """Type on consoles: whatever the agent may do there."""
    JOIN = "join"
    """Enrol an agent at one location, nothing else."""
    AGENT = "agent"
    """The routes of one agent, nothing else."""


PEOPLE: Final = frozenset(
    {
        Scope.READ,
        Scope.DECLARE,
        Scope.OPERATE,
        Scope.ADMIN,
        Scope.FORCE,
        Scope.CONSOLE_READ,
        Scope.CONSOLE_WRITE,
    }
)

_VlanRanges = Annotated[VlanSet, WithJsonSchema({"type": "array", "items": {"type": ["integer", "string"]}})]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where a token must stop. ``labels``: only nodes that bear all of them; ``vlans``: only these in roles."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    max_priority: Annotated[int, Ge(0), Le(1000)] | None = None
    labels: Annotated[Mapping[Label, Label], MaxLen(64)] = field(default_factory=dict)
    vlans: _VlanRanges | None = None


NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The token that came with a call. ``agent`` and ``location`` are of tokens that belong to agents."""

    token: str
    owner: str
    scopes: frozenset[Scope]
    limits: Limits = NO_LIMITS
    agent: str | None = None
    location: str | None = None

    def need(self, scope: Scope, path: str = "") -> None:
        """Raise :class:`Refused` where the token lacks ``scope``."""
        if scope not in self.scopes:
            where = f"{path}: " if path else ""
            raise Refused(Slug.FORBIDDEN, f"{where}this needs a token with the scope {scope}", scope=str(scope))
