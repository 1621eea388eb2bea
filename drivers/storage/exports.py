"""Changes of exports: who sees which volume under which number.

Nothing is taken from under a session, no volume is shown to two exports unless it was declared to be shared, and no
number is used that the array cannot give. What a removal frees is free for what is added in the same plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from device_profiles.documents import Allow
from device_profiles.state import Export, State
from drivers.contract import Refusal
from drivers.planning import Edit
from drivers.storage.changes import ExportChange
from drivers.storage.seen import Limits, Seen

_NO_EXPORT = Export(initiators=(), luns={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a change of an export is judged by. ``after`` is what the array shall show in the end."""

    observed: State
    after: State
    declared: State
    seen: Seen
    limits: Limits
    unmade: Collection[str]
    """Volumes that cannot be made."""


def export_changes(edits: Iterable[Edit], around: Surroundings) -> Iterator[ExportChange]:
    """The change of each edit of an export: those that go, those that lose something, and then the others."""
    changes = [_change(edit, around) for edit in edits]
    kept = {change.name for change in changes if change.refused is not None and change.kind == "remove"}
    for change in sorted(changes, key=_turn):
        yield change if change.refused or change.kind == "remove" else _judged(change, around, kept)


def _turn(change: ExportChange) -> tuple[int, str]:
    if change.kind == "remove":
        return 0, change.name
    return (1 if change.gone_initiators or change.gone_luns else 2), change.name


def _change(edit: Edit, around: Surroundings) -> ExportChange:
    live = any(True for _ in around.seen.live(edit.key))
    before = _whole(edit.before)
    if edit.after is None:
        return ExportChange(
            kind="remove",
            name=edit.key,
            before=before,
            after=_NO_EXPORT,
            paths=(("exports", edit.key),),
            removes=edit.removes,
            live=live,
            refused=_waits_for_sessions(edit.key, around.seen),
        )
    change = ExportChange(
        kind="create" if edit.before is None else "change",
        name=edit.key,
        before=before,
        after=_whole(edit.merged),
        paths=tuple(dict.fromkeys(path[:3] for path in edit.paths)),
        creates=edit.creates,
        removes=edit.removes,
        live=live,
    )
    return _with_needs(change, around.seen)


def _whole(export: Export | None) -> Export:
    """An export in which both of its parts are there."""
    if export is None:
        return _NO_EXPORT
    return Export(initiators=export.initiators or (), luns=export.luns or {})


def _waits_for_sessions(name: str, seen: Seen) -> Refusal | None:
    who = sorted({session.initiator for session in seen.live(name)})
    if not who:
        return None
    return Refusal("ReleaseBlocked", f"it goes when {', '.join(who[:4])} logged out; till then it stays")


def _with_needs(change: ExportChange, seen: Seen) -> ExportChange:
    cut = bool(change.gone_luns) and change.live
    cut = cut or any(True for _ in seen.live(change.name, frozenset(change.gone_initiators)))
    needs: tuple[Allow, ...] = ("live_session",) if cut else ()
    return replace(change, needs=needs)


def _judged(change: ExportChange, around: Surroundings, kept: Collection[str]) -> ExportChange:
    checks = (_of_numbers, _of_volumes, _of_other_exports, _of_initiators)
    refused = next((found for check in checks if (found := check(change, around, kept)) is not None), None)
    return replace(change, refused=refused)


def _of_numbers(change: ExportChange, around: Surroundings, kept: Collection[str]) -> Refusal | None:
    del kept
    can = around.limits.luns
    for number in change.new_luns:
        if number not in can:
            return Refusal("NoSuchLun", f"the array gives the numbers {can.start} to {can.stop - 1}, and not {number}")
    return None


def _of_volumes(change: ExportChange, around: Surroundings, kept: Collection[str]) -> Refusal | None:
    del kept
    known = around.observed.volumes.keys() | around.declared.volumes.keys()
    for number, volume in change.new_luns.items():
        if volume not in known:
            return Refusal("NoSuchVolume", f"LUN {number}: the array has no volume {volume}, and none is declared")
        if volume in around.unmade:
            return Refusal("NoSuchVolume", f"LUN {number}: waits for volume {volume}, which cannot be made")
    return None


def _of_other_exports(change: ExportChange, around: Surroundings, kept: Collection[str]) -> Refusal | None:
    """A volume that two would write to, neither knowing of the other, is lost."""
    for number, volume in change.new_luns.items():
        declared = around.declared.volumes.get(volume)
        if declared is not None and declared.shared:
            continue
        for name, luns in _shown(around, kept):
            here = {(change.name, number)}
            others = [other for other, mapped in luns.items() if mapped == volume and (name, other) not in here]
            if others:
                sentence = f"{name} shows {volume} as LUN {others[0]}: only with shared: true on the volume"
                return Refusal("VolumeInUse", f"LUN {number}: {sentence}")
    return None


def _shown(around: Surroundings, kept: Collection[str]) -> Iterator[tuple[str, Mapping[int, str]]]:
    """The LUNs of every export in the end, with those that cannot go yet."""
    for name, export in {**_only(around.observed, kept), **around.after.exports}.items():
        yield name, export.luns or {}


def _only(state: State, names: Collection[str]) -> dict[str, Export]:
    return {name: export for name, export in state.exports.items() if name in names}


def _of_initiators(change: ExportChange, around: Surroundings, kept: Collection[str]) -> Refusal | None:
    known = {**_only(around.observed, kept), **around.after.exports}
    for initiator in change.new_initiators:
        if not initiator.lower().startswith(around.limits.initiators):
            begins = ", ".join(around.limits.initiators)
            return Refusal("NoSuchInitiator", f"{initiator}: the array takes names that begin with {begins}")
        for name, export in known.items():
            if name != change.name and initiator.lower() in {each.lower() for each in export.initiators or ()}:
                return Refusal("InitiatorInUse", f"{initiator} is already in export {name}: take it out there first")
    return None
