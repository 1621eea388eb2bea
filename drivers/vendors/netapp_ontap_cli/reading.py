"""What ``show -instance`` prints, in the schema's words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from device_profiles.operation import Health, SessionOperation
from drivers.storage.seen import Pool, Seen, SeenExport, SeenVolume, System
from drivers.storage.tables import Row, instances
from drivers.storage.words import size_of

_RELEASE: Final = re.compile(r"NetApp Release (\S+?):?(?:\s|$)")
_INITIATOR: Final = re.compile(r"([^\s,()]+)(?:\s*\(([^)]*)\))?")
_LOGGED_IN: Final = "logged in"
_NONE: Final = frozenset({"", "-"})


def parse(*, aggregates: str, flexvols: str, luns: str, mappings: str, igroups: str) -> Seen:
    """A reading. Raises :class:`~drivers.errors.Garbled`."""
    homes = {
        (row.get("Vserver Name", ""), row.get("Volume Name", "")): row.get("Aggregate Name", "")
        for row in instances(flexvols, first="Vserver Name")
    }
    units = instances(luns, first="Vserver Name")
    maps = instances(mappings, first="Vserver Name")
    groups = instances(igroups, first="Vserver Name")
    names = _Names(units, "LUN Name", "LUN Path")
    exports = _Names(groups or maps, "Igroup Name", "Igroup Name")
    found = {exports.of(row): SeenExport(initiators=tuple(dict(_initiators(row)))) for row in [*maps, *groups]}
    for row in maps:
        known = found[exports.of(row)]
        luns_of = {**known.luns, int(row["LUN ID"]): names.of(row)}
        found[exports.of(row)] = SeenExport(initiators=known.initiators, luns=luns_of)
    return Seen(
        pools={row["Aggregate"]: _pool(row) for row in instances(aggregates, first="Aggregate")},
        volumes={names.of(row): _volume(row, homes) for row in units},
        exports=found,
        sessions=tuple(_sessions(groups, exports, found)),
    )


class _Names:
    """Names as they are where they are unique on the cluster, else with what makes them so."""

    def __init__(self, rows: list[Row], name: str, longer: str) -> None:
        self._name, self._longer = name, longer
        self._counts = Counter(row.get(name, "") for row in rows)

    def of(self, row: Row) -> str:
        name = row.get(self._name, "")
        return name if self._counts[name] <= 1 else f"{row.get('Vserver Name', '')}:{row.get(self._longer, '')}"


def _initiators(row: Row) -> Iterator[tuple[str, str]]:
    """The initiators of an igroup, with what is said of each; a list is parted by commas, or by lines."""
    text = row.get("Initiators", "")
    for part in re.split(r"[,\n]", text):
        match = _INITIATOR.fullmatch(part.strip())
        if match is not None and match[1] not in _NONE:
            yield match[1], match[2] or ""


def _sessions(groups: list[Row], exports: _Names, found: dict[str, SeenExport]) -> Iterator[SessionOperation]:
    for row in groups:
        for initiator, said in _initiators(row):
            if said == _LOGGED_IN:
                key = exports.of(row)
                yield SessionOperation(export=key, initiator=initiator, luns=tuple(sorted(found[key].luns)))


def _pool(row: Row) -> Pool:
    healthy = row.get("State", "")
    health: Health | None = None if healthy in _NONE else "ok" if healthy == "online" else "critical"
    return Pool(size=_size(row, "Size"), free=_size(row, "Available Size"), health=health)


def _volume(row: Row, homes: dict[tuple[str, str], str]) -> SeenVolume:
    state = row.get("State", "")
    home = homes.get((row.get("Vserver Name", ""), row.get("Volume Name", "")), "")
    return SeenVolume(
        size=_size(row, "LUN Size"),
        pool=home or None,
        used=_size(row, "Used Size"),
        health=None if state in _NONE else "ok" if state == "online" else "critical",
        # The identity by which initiators know a LUN: NetApp's company id, and the serial number in hex.
        wwn=f"600a0980{row['Serial Number (Hex)']}" if row.get("Serial Number (Hex)") else "",
    )


def _size(row: Row, name: str) -> int | None:
    text = row.get(name, "")
    return None if text in _NONE else size_of(text)


def system(identity: str, version: str, nodes: str) -> System:
    """What the cluster is: its serial number is its UUID, since few clusters have another."""
    said = next(iter(instances(identity, first="Cluster UUID")), {})
    node = next(iter(instances(nodes, first="Node")), {})
    release = _RELEASE.search(version)
    serial = said.get("Cluster Serial Number", "")
    return System(
        hostname=said.get("Cluster Name", ""),
        manufacturer="NetApp",
        product=node.get("Model", ""),
        serial=said.get("Cluster UUID", "") if serial in _NONE else serial,
        version=release[1] if release else "",
    )
