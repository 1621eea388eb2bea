"""From a goal and a reading to typed changes, in safe order; pure.

First volumes are made and grown, which harms nobody; then exports go, those that lose something before those that gain;
volumes that shrink or go come last, when nothing shows them any more. A change that cannot be made is there as well,
with its reason, and takes with it only what leans on it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from device_profiles.compare import Goal
from device_profiles.state import State
from drivers import limits as names
from drivers.planning import Edit, edits
from drivers.storage.changes import ArrayChange, VolumeChange
from drivers.storage.exports import Surroundings, export_changes
from drivers.storage.seen import Limits, Seen
from drivers.storage.volumes import volume_changes

_FIRST: Final = frozenset({"create", "grow"})


def changes(
    goal: Goal, observed: State, *, seen: Seen, limits: Limits, capabilities: Collection[str]
) -> tuple[ArrayChange, ...]:
    """The changes from ``observed`` to ``goal``. Raises :class:`~drivers.errors.Unsupported`, naming the leaf."""
    found = names.check(edits(goal, observed), capabilities=capabilities)
    after = _after(found, observed)
    volumes = tuple(
        volume_changes(
            [edit for edit in found if edit.section == "volumes"],
            observed=observed,
            after=after,
            seen=seen,
            limits=limits,
        )
    )
    around = Surroundings(
        observed=observed,
        after=after,
        declared=goal.state,
        seen=seen,
        limits=limits,
        unmade=frozenset(each.name for each in volumes if each.kind == "create" and each.refused),
    )
    exports = tuple(export_changes([edit for edit in found if edit.section == "exports"], around))
    first = sorted((each for each in volumes if each.kind in _FIRST), key=_name)
    last = sorted((each for each in volumes if each.kind not in _FIRST), key=_name)
    return (*first, *exports, *last)


def _name(change: VolumeChange) -> tuple[str, str]:
    return change.kind, change.name


def _after(found: Collection[Edit], observed: State) -> State:
    """What the array shows when all of it is done."""
    exports = dict(observed.exports)
    for edit in found:
        if edit.section == "exports":
            exports.pop(edit.key, None)
            if edit.after is not None:
                exports[edit.key] = edit.merged
    return replace(observed, exports=exports)
