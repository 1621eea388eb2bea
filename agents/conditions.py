"""A node's conditions as the agent finds them, and when each last changed.

``since`` moves only with status or reason; a new message alone is told, but is no change of state.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from device_profiles.conditions import Condition, ConditionType


class Conditions:
    """All conditions of one node. ``dirty`` until they were taken into a report."""

    def __init__(self, known: Iterable[Condition] = ()) -> None:
        self._known = {condition.type: condition for condition in known}
        self._covers: dict[ConditionType, Condition] = {}
        self.dirty = False

    def get(self, kind: ConditionType) -> Condition | None:
        """The condition as it stands; None where nothing was found yet."""
        return self._known.get(kind)

    def all(self) -> tuple[Condition, ...]:
        """Every condition, in the order in which they were first found, and what covers it instead of it."""
        return tuple({**self._known, **self._covers}.values())

    def cover(self, kind: ConditionType, reason: str, *, message: str, now: datetime) -> None:
        """Tell that it is not so, whatever is found, until it is uncovered."""
        self._covers[kind] = Condition(type=kind, status=False, reason=reason, message=message, since=now)
        self.dirty = True

    def uncover(self, kind: ConditionType) -> None:
        """Tell again what is found."""
        self.dirty = self._covers.pop(kind, None) is not None or self.dirty

    def put(self, kind: ConditionType, status: bool | None, reason: str, *, message: str, now: datetime) -> None:
        """Say how it stands now."""
        known = self._known.get(kind)
        if known is None or known.status is not status or known.reason != reason:
            since = now
        elif known.message != message:
            since = known.since
        else:
            return
        self._known[kind] = Condition(type=kind, status=status, reason=reason, message=message, since=since)
        self.dirty = True
