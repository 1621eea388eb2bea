"""Steps out of changes: what is to be said of them is the same for every array, only the commands are the vendor's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from device_profiles.wire import Impact
from drivers.contract import Step
from drivers.storage.changes import ArrayChange, ExportChange, VolumeChange

Commands = tuple[tuple[str, ...], tuple[str, ...]]
"""What brings an array there, and what brings it back."""


class Tongue(Protocol):
    """How one vendor's array is told what is planned."""

    def volume(self, change: VolumeChange) -> Commands:
        """Make, grow, shrink or remove a volume. Nothing brings back a volume: its undo is empty."""

    def export(self, change: ExportChange) -> Commands:
        """Make, change or remove an export, mask and LUNs; who is shown a volume joins last, and leaves first."""


def steps(changes: Iterable[ArrayChange], tongue: Tongue) -> tuple[Step, ...]:
    """One step for each change, in their order; a change that is refused has no commands."""
    return tuple(_steps(changes, tongue))


def _steps(changes: Iterable[ArrayChange], tongue: Tongue) -> Iterator[Step]:
    for change in changes:
        if isinstance(change, VolumeChange):
            commands, _ = ((), ()) if change.refused else tongue.volume(change)
            yield _of_a_volume(change, commands)
        else:
            yield _of_an_export(change, ((), ()) if change.refused else tongue.export(change))


def _of_a_volume(change: VolumeChange, commands: tuple[str, ...]) -> Step:
    impact: Impact = "data" if "data_loss" in change.needs else "outage" if "live_session" in change.needs else "none"
    place = ("volumes", change.name)
    return Step(
        capability="volumes" if change.kind in ("create", "remove") else "volumes.size",
        text=change.text,
        commands=commands,
        undo=(),
        impact=impact,
        touches=change.paths,
        creates=(place,) if change.kind == "create" else (),
        removes=(place,) if change.kind == "remove" else (),
        needs=change.needs,
        refused=change.refused,
    )


def _of_an_export(change: ExportChange, commands: tuple[tuple[str, ...], tuple[str, ...]]) -> Step:
    return Step(
        capability="exports",
        text=change.text,
        commands=commands[0],
        undo=commands[1],
        impact="outage" if change.needs or (change.kind == "remove" and change.live) else "none",
        touches=change.paths,
        creates=change.creates,
        removes=change.removes,
        needs=change.needs,
        refused=change.refused,
    )
