"""Changes of volumes: made of what is free, grown, and never less than they were unless somebody may lose data.

A volume whose name is there already is taken as it is, and never made anew; where it has another size, a smaller one
grows, and a larger one stays until somebody allows data to be lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from device_profiles.documents import Allow
from device_profiles.paths import Path
from device_profiles.state import State, Volume
from drivers.contract import Refusal
from drivers.planning import Edit
from drivers.storage.changes import VolumeChange
from drivers.storage.seen import Limits, Seen
from drivers.storage.words import human


def volume_changes(
    edits: Iterable[Edit], *, observed: State, after: State, seen: Seen, limits: Limits
) -> Iterator[VolumeChange]:
    """The change of each edit of a volume, in their order. ``after`` is what the array shall show in the end."""
    room = {name: pool.free for name, pool in seen.pools.items()}
    for edit in edits:
        mapped = _mapped(edit.key, observed)
        if edit.after is None:
            yield _removal(edit, mapped, after)
        elif edit.before is None:
            yield _creation(edit, room, seen=seen, limits=limits)
        else:
            yield _resizing(edit, room, mapped, seen=seen, limits=limits)


def _mapped(volume: str, state: State) -> tuple[tuple[str, int], ...]:
    return tuple(
        (name, number)
        for name, export in state.exports.items()
        for number, mapped in (export.luns or {}).items()
        if mapped == volume
    )


def _removal(edit: Edit, mapped: tuple[tuple[str, int], ...], after: State) -> VolumeChange:
    users = _mapped(edit.key, after)
    refused = Refusal("InUse", f"it is shown by export {users[0][0]}: take it out there first") if users else None
    return VolumeChange(
        kind="remove",
        name=edit.key,
        pool=edit.before.pool or "",
        size=0,
        before=edit.before.size,
        mapped=mapped,
        paths=(("volumes", edit.key),),
        needs=("data_loss",),
        refused=refused,
    )


def _creation(edit: Edit, room: dict[str, int | None], *, seen: Seen, limits: Limits) -> VolumeChange:
    wanted: Volume = edit.after
    pool = wanted.pool or (next(iter(seen.pools)) if len(seen.pools) == 1 else "")
    refused = _cannot_be_made(wanted, pool, seen) or _no_room(pool, wanted.size or 0, room, limits=limits)
    return VolumeChange(
        kind="create",
        name=edit.key,
        pool=pool,
        size=wanted.size or 0,
        paths=_paths(edit, ("pool", "size")),
        refused=refused,
    )


def _cannot_be_made(wanted: Volume, pool: str, seen: Seen) -> Refusal | None:
    if wanted.size is None:
        return Refusal("NoSuchVolume", "the array has no such volume: declare its size, and it is made")
    if not pool:
        return Refusal("NoPool", f"declare its pool: the array has {_names(seen.pools) or 'none'}")
    if pool not in seen.pools:
        return Refusal("NoSuchPool", f"the array has no pool {pool}: it has {_names(seen.pools) or 'none'}")
    return None


def _names(found: Mapping[str, object]) -> str:
    return ", ".join(sorted(found)[:8])


def _no_room(pool: str, more: int, room: dict[str, int | None], *, limits: Limits) -> Refusal | None:
    """Whether a pool has no room for so much more; where it has, that is taken."""
    free = room.get(pool)
    if free is None:
        return None
    if free < (1 if limits.thin else more):
        return Refusal("PoolFull", f"pool {pool} has {human(free)} free, and {human(more)} more are declared")
    room[pool] = free if limits.thin else free - more
    return None


def _resizing(
    edit: Edit, room: dict[str, int | None], mapped: tuple[tuple[str, int], ...], *, seen: Seen, limits: Limits
) -> VolumeChange:
    before: Volume = edit.before
    pool, size = before.pool or "", edit.after.size if edit.after.size is not None else before.size
    grows = (size or 0) > (before.size or 0)
    needs: list[Allow] = []
    if not grows and "size" in edit.fields:
        needs.append("data_loss")
    if not limits.grows_online and any(True for export, _ in mapped for _ in seen.live(export)):
        needs.append("live_session")
    refused = None
    if "pool" in edit.fields:
        refused = Refusal("OtherPool", f"it is in pool {pool or 'of no name'}, and a volume is never moved")
    elif grows:
        refused = _no_room(pool, (size or 0) - (before.size or 0), room, limits=limits)
    return VolumeChange(
        kind="grow" if grows else "shrink",
        name=edit.key,
        pool=pool,
        size=size or 0,
        before=before.size,
        mapped=mapped,
        paths=_paths(edit, edit.fields),
        needs=tuple(needs),
        refused=refused,
    )


def _paths(edit: Edit, fields: Iterable[str]) -> tuple[Path, ...]:
    return tuple(("volumes", edit.key, field) for field in sorted(fields))
