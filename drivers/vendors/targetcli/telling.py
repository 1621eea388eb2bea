"""The commands of changes: ``targetcli`` with a path, a verb and what it is about, and programs that lengthen files."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from drivers.storage.changes import ExportChange, VolumeChange
from drivers.storage.files import sizing
from drivers.storage.steps import Commands
from drivers.vendors.targetcli.reading import Reading


def tell(path: str, verb: str, *words: str, **options: object) -> str:
    """A command of targetcli."""
    return shlex.join(("targetcli", path, verb, *words, *(f"{name}={value}" for name, value in options.items())))


def group(target: str) -> str:
    """The path of a target's portal group."""
    return f"/iscsi/{target}/tpg1"


@dataclass(frozen=True, slots=True)
class Tongue:
    """How LIO is told, as of a reading; made for one plan, in which it remembers where volumes are made."""

    reading: Reading
    _pools: dict[str, str] = field(default_factory=dict)

    def volume(self, change: VolumeChange) -> Commands:
        """Lengthen a file, which makes it where it is not there; what shows it is taken out and put in again."""
        path = self.reading.files.path(change.pool, change.name)
        self._pools[change.name] = change.pool
        again = () if change.kind == "remove" else self._again(change, path)
        return (*sizing(change, path, thin=self.reading.quirks.thin), *again), ()

    def _again(self, change: VolumeChange, path: str) -> Iterator[str]:
        places = [(self.reading.names[export], lun) for export, lun in change.mapped]
        for target, lun in places:
            yield tell(f"{group(target)}/luns", "delete", f"lun{lun}")
        if any(place == path for place, _ in self.reading.objects.values()):
            yield tell("/backstores/fileio", "delete", self._object(path, change.name))
        yield from (command for target, lun in places for command in self._put_in(target, lun, change.name))

    def _object(self, path: str, volume: str) -> str:
        """The storage object of a path: the one that it has, or one named after its volume."""
        known = (name for name, (place, _) in self.reading.objects.items() if place == path)
        return next(known, volume.strip("/").replace("/", "-"))

    def export(self, change: ExportChange) -> Commands:
        """Make, change or remove a target: who may come in stands last when it is made."""
        back = ExportChange(kind="change", name=change.name, before=change.after, after=change.before)
        target = self.reading.target_name(change.name)
        there, here = tuple(self._changed(change, target)), tuple(self._changed(back, target))
        create, remove = tell("/iscsi", "create", target), tell("/iscsi", "delete", target)
        if change.kind == "create":
            return (create, *there), (remove,)
        return ((remove,), (create, *here)) if change.kind == "remove" else (there, here)

    def _changed(self, change: ExportChange, target: str) -> Iterator[str]:
        place = group(target)
        yield from (tell(f"{place}/acls", "delete", each) for each in change.gone_initiators)
        yield from (tell(f"{place}/luns", "delete", f"lun{number}") for number in change.gone_luns)
        yield from self._shown(target, change.new_luns)
        for each in change.new_initiators:
            yield tell(f"{place}/acls", "create", wwn=each, add_mapped_luns="true")

    def _shown(self, target: str, luns: Mapping[int, str]) -> Iterator[str]:
        for number, volume in luns.items():
            yield from self._put_in(target, number, volume)

    def _put_in(self, target: str, number: int, volume: str) -> Iterator[str]:
        path = self.reading.files.place(volume, self._pools.get(volume, ""))
        name = self._object(path, volume)
        yield tell("/backstores/fileio", "create", name=name, file_or_dev=path, write_back="false")
        shown = f"/backstores/fileio/{name}"
        yield tell(f"{group(target)}/luns", "create", storage_object=shown, lun=number, add_mapped_luns="true")
