"""Collections of records, in the schema's words, with the UUIDs by which things are addressed."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from device_profiles.operation import Health, SessionOperation
from drivers.errors import Garbled
from drivers.storage.seen import Pool, Seen, SeenExport, SeenVolume, System

Record = Mapping[str, Any]
Records = Mapping[str, Sequence[Record]]

FLEXVOLS: Final = "storage/volumes"
LUNS: Final = "storage/luns"
IGROUPS: Final = "protocols/san/igroups"
MAPS: Final = "protocols/san/lun-maps"
ISCSI: Final = "protocols/san/iscsi/sessions"
FC: Final = "network/fc/logins"
FIELDS: Final[Mapping[str, str]] = {
    FLEXVOLS: "name,svm.name,state,type,space.size,space.available",
    LUNS: "name,uuid,svm.name,space.size,space.used,serial_number,status.state",
    IGROUPS: "name,uuid,svm.name,initiators.name",
    MAPS: "lun.name,lun.uuid,igroup.name,igroup.uuid,svm.name,logical_unit_number",
    ISCSI: "svm.name,initiator.name,igroups.name",
    FC: "svm.name,initiator.wwpn,igroups.name",
}
_NAA: Final = "600a0980"


@dataclass(frozen=True)
class Reading:
    """The array as it was read."""

    records: Records = field(default_factory=dict)

    @functools.cached_property
    def svms(self) -> tuple[str, ...]:
        """The SVMs that have FlexVols."""
        return tuple(sorted({_of(record, "svm", "name") for record in self._of(FLEXVOLS)}))

    @property
    def svm(self) -> str:
        """The one SVM; an empty text where there are several."""
        return self.svms[0] if len(self.svms) == 1 else ""

    def _of(self, kind: str) -> Sequence[Record]:
        return self.records.get(kind, ())

    @functools.cached_property
    def luns(self) -> Mapping[str, Record]:
        """The LUNs by the names of the schema."""
        last = Counter(_last(record) for record in self._of(LUNS))
        found = {}
        for record in self._of(LUNS):
            name = _last(record) if last[_last(record)] == 1 else str(record["name"]).removeprefix("/vol/")
            found[self._scoped(record, name)] = record
        return found

    @functools.cached_property
    def igroups(self) -> Mapping[str, Record]:
        """The igroups by the names of the schema."""
        return {self._scoped(record, str(record["name"])): record for record in self._of(IGROUPS)}

    def _scoped(self, record: Record, name: str) -> str:
        return name if len(self.svms) <= 1 else f"{_of(record, 'svm', 'name')}:{name}"

    def lun_path(self, volume: str) -> str:
        """The path of a volume that is there; an empty text where it is not."""
        record = self.luns.get(volume)
        return str(record["name"]) if record is not None else ""

    def number(self, volume: str, export: str) -> int | None:
        """The number under which an export shows a volume."""
        return next((number for number, shown in self.shown(export).items() if shown == volume), None)

    def shown(self, export: str) -> Mapping[int, str]:
        """What an export shows."""
        group = self.igroups.get(export)
        uuids = {str(record["uuid"]): name for name, record in self.luns.items()}
        return {
            int(record["logical_unit_number"]): uuids.get(_of(record, "lun", "uuid"), _of(record, "lun", "name"))
            for record in self._of(MAPS)
            if group is not None and _of(record, "igroup", "uuid") == group["uuid"]
        }

    def members(self, export: str) -> tuple[str, ...]:
        """The initiators of an export."""
        found = self.igroups.get(export, {}).get("initiators") or ()
        return tuple(sorted(str(each["name"]) for each in found))

    @functools.cached_property
    def seen(self) -> Seen:
        """The reading in the schema's words. Raises :class:`~drivers.errors.Garbled`."""
        try:
            return Seen(
                pools={
                    self._scoped(record, str(record["name"])): _pool(record)
                    for record in self._of(FLEXVOLS)
                    if record.get("type", "rw") == "rw"
                },
                volumes={name: self._volume(record) for name, record in self.luns.items()},
                exports={
                    name: SeenExport(initiators=self.members(name), luns=dict(sorted(self.shown(name).items())))
                    for name in self.igroups
                },
                sessions=tuple(self._sessions()),
            )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise Garbled("the array's records are not as its API makes them: nothing was concluded") from None

    def _volume(self, record: Record) -> SeenVolume:
        serial = str(record.get("serial_number") or "")
        state = (record.get("status") or {}).get("state")
        health: Health | None = None if state is None else "ok" if state == "online" else "critical"
        return SeenVolume(
            size=int(record["space"]["size"]),
            pool=self._scoped(record, str(record["name"]).split("/")[2]),
            used=record["space"].get("used"),
            health=health,
            wwn=_NAA + serial.encode().hex() if serial else "",
        )

    def _sessions(self) -> Iterator[SessionOperation]:
        for kind, name in ((ISCSI, "name"), (FC, "wwpn")):
            for record in self._of(kind):
                for group in record.get("igroups") or ():
                    export = self._scoped(record, str(group["name"]))
                    luns = tuple(sorted(self.shown(export)))
                    yield SessionOperation(export=export, initiator=_of(record, "initiator", name), luns=luns)


def _of(record: Record, *names: str) -> str:
    value: Any = record
    for name in names:
        value = value[name] if isinstance(value, Mapping) and name in value else ""
    return str(value)


def _last(record: Record) -> str:
    return str(record["name"]).rpartition("/")[2]


def _pool(record: Record) -> Pool:
    space = record.get("space") or {}
    state = record.get("state")
    health: Health | None = None if state is None else "ok" if state == "online" else "critical"
    return Pool(size=space.get("size"), free=space.get("available"), health=health)


def system(cluster: Record, nodes: Sequence[Record]) -> System:
    """What the cluster says of itself. An SVM's administrator is not told of nodes."""
    node = next(iter(nodes), {})
    version = cluster.get("version") or {}
    numbers = [str(version[part]) for part in ("generation", "major", "minor") if part in version]
    return System(
        hostname=str(cluster.get("name") or ""),
        manufacturer="NetApp",
        product=str(node.get("model") or "ONTAP"),
        serial=str(node.get("serial_number") or cluster.get("uuid") or ""),
        version=".".join(numbers) or str(version.get("full") or ""),
    )
