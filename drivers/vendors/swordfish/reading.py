"""A tree of resources in the schema's words (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from device_profiles import names
from device_profiles.operation import Health
from drivers.redfish.documents import at, number, objects, own, reference, same, text
from drivers.rest.session import Document
from drivers.storage.seen import Pool, Seen, SeenExport, SeenVolume
from drivers.vendors.swordfish.tree import Tree, initiators_of

_NAME: Final = re.compile(names.DEVICE_OBJECT_NAME.removesuffix("$") + r"\Z")
_INITIATOR: Final = re.compile(names.INITIATOR_NAME.removesuffix("$") + r"\Z")
_HEALTH: Final[Mapping[str, Health]] = {"OK": "ok", "Warning": "warning", "Critical": "critical"}
_INITIATOR_FORMATS: Final = frozenset({"iQN", "FC_WWN", "NAA", "EUI", "NQN", ""})


def seen_of(tree: Tree) -> Seen:
    """One reading."""
    pools = named(tree.pools)
    volumes = named(tree.volumes)
    by_path = {same(own(document)): name for name, document in volumes.items()}
    pool_by_path = {same(own(document)): name for name, document in pools.items()}
    homes = {path: pool_by_path.get(pool, "") for path, pool in tree.home.items()}
    exports = named([*tree.groups, *tree.connections])
    return Seen(
        pools={name: _pool(document) for name, document in pools.items()},
        volumes={name: _volume(document, homes.get(same(own(document)), "")) for name, document in volumes.items()},
        exports={name: _export(document, tree, by_path) for name, document in exports.items()},
    )


def named(documents: Iterable[Document]) -> dict[str, Document]:
    """Resources by their name, where it can be one, else by their Id; those of the same name by Id, or by a number."""
    listed = list(documents)
    told = [text(each, "Name") for each in listed]
    found: dict[str, Document] = {}
    for name, each in zip(told, listed, strict=True):
        usable = _NAME.match(name) and told.count(name) == 1
        key = name if usable else re.sub(r"[^A-Za-z0-9._-]+", "-", text(each, "Id")).strip("-._") or "unnamed"
        unused, place = key, 2
        while unused in found:
            unused, place = f"{key}-{place}", place + 1
        found[unused] = each
    return found


def _pool(document: Document) -> Pool:
    size, used = number(document, "Capacity", "Data", "AllocatedBytes"), _used(document)
    percent = number(document, "RemainingCapacityPercent")
    free = None
    if size is not None and used is not None:
        free = max(size - used, 0)
    elif size is not None and percent is not None:
        free = size * percent / 100
    return Pool(size=_whole(size), free=_whole(free), health=_health(document))


def _volume(document: Document, pool: str) -> SeenVolume:
    return SeenVolume(
        size=_whole(size_of(document)),
        pool=pool or None,
        used=_whole(_used(document)),
        health=_health(document),
        wwn=next(_durable(document, frozenset({"NAA", "EUI", "UUID", "NGUID", "FC_WWN"})), ""),
    )


def size_of(document: Document) -> float | None:
    """The size that initiators see: of a thin volume that is what was promised, and not what is taken."""
    data = at(document, "Capacity", "Data")
    told = (number(document, "CapacityBytes"), number(data, "ProvisionedBytes"), number(data, "AllocatedBytes"))
    return next((size for size in told if size), None)


def _used(document: Document) -> float | None:
    return number(document, "Capacity", "Data", "ConsumedBytes")


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _health(document: Document) -> Health | None:
    return _HEALTH.get(text(document, "Status", "HealthRollup") or text(document, "Status", "Health"))


def _durable(document: Document, formats: frozenset[str]) -> Iterator[str]:
    for each in objects(document, "Identifiers"):
        name = text(each, "DurableName")
        if name and text(each, "DurableNameFormat") in formats:
            yield name


def _export(document: Document, tree: Tree, volumes: Mapping[str, str]) -> SeenExport:
    members = initiators_of(document, tree)
    told = dict.fromkeys(name for each in members for name in _durable(each, _INITIATOR_FORMATS))
    return SeenExport(
        initiators=tuple(name for name in told if _INITIATOR.match(name)),
        luns=dict(_luns(document, volumes)),
        target=text(document, "Id"),
    )


def _luns(document: Document, volumes: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Of a storage group ``MappedVolumes``, of a connection ``VolumeInfo``; without numbers they are in no LUN."""
    lists = (("MappedVolumes", "LogicalUnitNumber"), ("VolumeInfo", "LUN"))
    for name, key in lists:
        for each in objects(document, name):
            volume = volumes.get(same(reference(each, "Volume") or own(each)))
            lun = number(each, key)
            if volume is not None and lun is not None and lun >= 0:
                yield int(lun), volume
