"""The requests of changes, as texts: method, path, and a document where there is one.

``{lun:NAME}`` and ``{igroup:NAME}`` in a path stand for UUIDs, which are looked up when the request is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from drivers.errors import Unsupported
from drivers.storage.changes import ExportChange, VolumeChange
from drivers.storage.steps import Commands
from drivers.vendors.netapp_ontap.reading import IGROUPS, LUNS, MAPS, Reading


def request(method: str, path: str, document: object = None) -> str:
    """A request as a text."""
    said = "" if document is None else " " + orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()
    return f"{method} /api/{path}{said}"


@dataclass(frozen=True, slots=True)
class Tongue:
    """How ONTAP is told, as of a reading; made for one plan, in which it remembers where volumes are made."""

    reading: Reading
    _made: dict[str, str] = field(default_factory=dict)

    @property
    def _svm(self) -> Mapping[str, str]:
        if not self.reading.svm:
            names = ", ".join(self.reading.svms) or "none"
            raise Unsupported(f"the array has several SVMs ({names}): give the node the address of one of them")
        return {"name": self.reading.svm}

    def volume(self, change: VolumeChange) -> Commands:
        """Make a LUN, or give it another size; the array changes that in place."""
        svm = self._svm
        if change.kind == "create":
            path = self._made[change.name] = f"/vol/{change.pool}/{change.name}"
            made = {"svm": svm, "name": path, "os_type": "linux", "space": {"size": change.size}}
            return (request("POST", LUNS, made),), ()
        place = f"{LUNS}/{{lun:{change.name}}}"
        if change.kind == "remove":
            return (request("DELETE", place),), ()
        return (request("PATCH", place, {"space": {"size": change.size}}),), ()

    def export(self, change: ExportChange) -> Commands:
        """Make, change or remove an igroup with its maps."""
        made = {"svm": self._svm, "name": change.name, "os_type": "linux", "protocol": "mixed"}
        create = request("POST", IGROUPS, made)
        remove = request("DELETE", f"{IGROUPS}/{{igroup:{change.name}}}")
        back = ExportChange(kind="change", name=change.name, before=change.after, after=change.before)
        there, here = tuple(self._changed(change)), tuple(self._changed(back))
        if change.kind == "create":
            return (create, *there), (*here, remove)
        if change.kind == "remove":
            return (*there, remove), (create, *here)
        return there, here

    def _changed(self, change: ExportChange) -> Iterator[str]:
        group = f"{{igroup:{change.name}}}"
        yield from (request("DELETE", f"{IGROUPS}/{group}/initiators/{each}") for each in change.gone_initiators)
        yield from (request("DELETE", f"{MAPS}/{{lun:{name}}}/{group}") for name in change.gone_luns.values())
        for number, name in change.new_luns.items():
            mapped = {"svm": self._svm, "lun": {"name": self._path(name)}, "igroup": {"name": change.name}}
            yield request("POST", MAPS, {**mapped, "logical_unit_number": number})
        for each in change.new_initiators:
            yield request("POST", f"{IGROUPS}/{group}/initiators", {"name": each})

    def _path(self, volume: str) -> str:
        return self._made.get(volume) or self.reading.lun_path(volume)
