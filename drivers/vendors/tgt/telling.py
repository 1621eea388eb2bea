"""The commands of changes: ``tgtadm`` and the programs that lengthen files.

A target is addressed by its number alone, and a number may be another target's by now. So the commands of a step begin
with a line that says whose number it is; :mod:`outlook` holds it against the array before anything is sent.
"""

from __future__ import annotations

import hashlib
import ipaddress
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from device_profiles.state import Export
from drivers.storage.changes import ExportChange, VolumeChange
from drivers.storage.files import sizing
from drivers.storage.steps import Commands
from drivers.vendors.tgt.reading import Reading

TGTADM: Final = ("tgtadm", "--lld", "iscsi")


def admin(mode: str, op: str, **options: object) -> str:
    """A command of tgtadm; words of options with dashes in them are written with underscores."""
    words = [*TGTADM, "--mode", mode, "--op", op]
    for name, value in options.items():
        words += (f"--{name.replace('_', '-')}", str(value))
    return shlex.join(words)


def owner(number: int, name: str) -> str:
    """The line that says whose number a target's is. To a shell it is a comment."""
    return f"# target {number} is {name}"


def entry(name: str) -> dict[str, str]:
    """The option by which an entry of a mask is named: an initiator's name, or an address, a network or ``ALL``."""
    try:
        ipaddress.ip_network(name, strict=False)
    except ValueError:
        return {"initiator_address" if name == "ALL" else "initiator_name": name}
    return {"initiator_address": name}


@dataclass(frozen=True, slots=True)
class Tongue:
    """How tgt is told, as of a reading; made for one plan, in which it remembers what is made."""

    reading: Reading
    _numbers: dict[str, int] = field(default_factory=dict)
    _pools: dict[str, str] = field(default_factory=dict)

    def volume(self, change: VolumeChange) -> Commands:
        """Lengthen a file, which makes it where it is not there; what shows it is attached again."""
        path = self.reading.files.path(change.pool, change.name)
        self._pools[change.name] = change.pool
        again = () if change.kind == "remove" else self._attached_again(change, path)
        return (*sizing(change, path, thin=self.reading.quirks.thin), *again), ()

    def _attached_again(self, change: VolumeChange, path: str) -> Iterator[str]:
        for export, lun in change.mapped:
            number = self.reading.numbers[export]
            yield owner(number, self.reading.targets[number].name)
            yield admin("logicalunit", "delete", tid=number, lun=lun)
            yield from self._attached(number, lun, path)

    def export(self, change: ExportChange) -> Commands:
        """Make, change or remove a target: who may come in stands last when it is made."""
        if change.kind == "create":
            return self._made(change.name, change.after), self._removed(change.name)
        if change.kind == "remove":
            return self._removed(change.name), self._made(change.name, change.before)
        back = ExportChange(kind="change", name=change.name, before=change.after, after=change.before)
        return tuple(self._changed(change)), tuple(self._changed(back))

    def _number(self, export: str) -> int:
        """The number of an export's target; where it has none the next free one, which is the same in each plan."""
        known = self.reading.numbers.get(export)
        if known is not None:
            return known
        return self._numbers.setdefault(export, max((*self.reading.targets, *self._numbers.values()), default=0) + 1)

    def _path(self, volume: str) -> str:
        return self.reading.files.place(volume, self._pools.get(volume, ""))

    def _made(self, export: str, after: Export) -> tuple[str, ...]:
        number, name = self._number(export), self.reading.target_name(export)
        return (
            admin("target", "new", tid=number, targetname=name),
            *self._shown(number, after.luns or {}),
            *(admin("target", "bind", tid=number, **entry(each)) for each in after.initiators or ()),
        )

    def _removed(self, export: str) -> tuple[str, ...]:
        # Without --force: tgtd refuses while somebody is logged in.
        number = self._number(export)
        return owner(number, self.reading.target_name(export)), admin("target", "delete", tid=number)

    def _changed(self, change: ExportChange) -> Iterator[str]:
        number = self._number(change.name)
        yield owner(number, self.reading.target_name(change.name))
        yield from (admin("target", "unbind", tid=number, **entry(each)) for each in change.gone_initiators)
        yield from self._logged_out(number, change.gone_initiators)
        yield from (admin("logicalunit", "delete", tid=number, lun=lun) for lun in change.gone_luns)
        yield from self._shown(number, change.new_luns)
        yield from (admin("target", "bind", tid=number, **entry(each)) for each in change.new_initiators)

    def _logged_out(self, number: int, gone: Iterable[str]) -> Iterator[str]:
        """A session outlives its entry in the mask: it is ended, by whoever is allowed to."""
        target, names = self.reading.targets.get(number), {each.lower() for each in gone}
        for nexus in target.sessions.values() if target is not None else ():
            if nexus.initiator.lower() in names:
                for connection in nexus.connections:
                    yield admin("conn", "delete", tid=number, sid=nexus.number, cid=connection)

    def _shown(self, number: int, luns: Mapping[int, str]) -> Iterator[str]:
        for lun, volume in luns.items():
            yield from self._attached(number, lun, self._path(volume))

    def _attached(self, number: int, lun: int, path: str) -> Iterator[str]:
        if not self.reading.files.holds(path):
            yield admin("logicalunit", "new", tid=number, lun=lun, backing_store=path)
            return
        identity = hashlib.blake2b(f"{self.reading.hostname}:{path}".encode(), digest_size=12).hexdigest()
        yield admin("logicalunit", "new", tid=number, lun=lun, backing_store=path)
        yield admin("logicalunit", "update", tid=number, lun=lun, params=f"scsi_id={identity},scsi_sn={identity}")
