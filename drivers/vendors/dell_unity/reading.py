"""Collections of resources, in the schema's words. A reference is ``{"id": ...}``; sizes are in bytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from device_profiles.operation import Health, SessionOperation
from drivers.errors import Garbled
from drivers.storage.seen import Pool, Seen, SeenExport, SeenVolume, System

Entry = Mapping[str, Any]
Entries = Mapping[str, list[Entry]]

_OK: Final = frozenset({5, 7})
_WARNING: Final = frozenset({10})
"""Values of HealthEnum: OK is 5, OK_BUT 7, DEGRADED 10; what is above is worse, and 0 is not known."""


def entries(document: Any, kind: str) -> list[Entry]:
    """The contents of a page. Raises :class:`~drivers.errors.Garbled`."""
    try:
        return [dict(entry["content"]) for entry in document["entries"]]
    except (KeyError, TypeError, ValueError):
        raise Garbled(f"the array's list of {kind} is not as its API makes lists: nothing was concluded") from None


def parse(found: Entries) -> Seen:
    """A reading. Raises :class:`~drivers.errors.Garbled`."""
    try:
        return _seen(found)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Garbled("the array's lists are not as its API makes them: nothing was concluded from them") from None


def _seen(found: Entries) -> Seen:
    pools = {each["id"]: str(each.get("name") or each["id"]) for each in found.get("pool", [])}
    volumes = {each["id"]: str(each.get("name") or each["id"]) for each in found.get("lun", [])}
    hosts = {each["id"]: str(each.get("name") or each["id"]) for each in found.get("host", [])}
    members = {each["id"]: each for each in found.get("hostInitiator", [])}
    exports = {name: _export(key, found, volumes) for key, name in hosts.items()}
    logged_in = {_id(each, "initiator") for each in found.get("hostInitiatorPath", []) if each.get("isLoggedIn")}
    return Seen(
        pools={pools[each["id"]]: _pool(each) for each in found.get("pool", [])},
        volumes={volumes[each["id"]]: _volume(each, pools) for each in found.get("lun", [])},
        exports=exports,
        sessions=tuple(_sessions(members, hosts, exports, logged_in)),
    )


def _id(entry: Entry, name: str) -> str:
    reference = entry.get(name)
    return str(reference["id"]) if isinstance(reference, Mapping) else ""


def _export(host: str, found: Entries, volumes: Mapping[str, str]) -> SeenExport:
    luns = {
        int(each["hlu"]): volumes.get(_id(each, "lun"), _id(each, "lun"))
        for each in found.get("hostLUN", [])
        if _id(each, "host") == host and each.get("hlu") is not None
    }
    names = [str(each["initiatorId"]) for each in found.get("hostInitiator", []) if _id(each, "parentHost") == host]
    return SeenExport(initiators=tuple(sorted(names)), luns=dict(sorted(luns.items())))


def _sessions(
    members: Mapping[str, Entry], hosts: Mapping[str, str], exports: Mapping[str, SeenExport], logged_in: set[str]
) -> Iterator[SessionOperation]:
    for key in sorted(logged_in & members.keys()):
        host = hosts.get(_id(members[key], "parentHost"))
        if host is not None:
            luns = tuple(sorted(exports[host].luns))
            yield SessionOperation(export=host, initiator=str(members[key]["initiatorId"]), luns=luns)


def _health(entry: Entry) -> Health | None:
    value = (entry.get("health") or {}).get("value")
    if not value:
        return None
    return "ok" if value in _OK else "warning" if value in _WARNING else "critical"


def _pool(entry: Entry) -> Pool:
    return Pool(size=entry.get("sizeTotal"), free=entry.get("sizeFree"), health=_health(entry))


def _volume(entry: Entry, pools: Mapping[str, str]) -> SeenVolume:
    return SeenVolume(
        size=entry.get("sizeTotal"),
        pool=pools.get(_id(entry, "pool")) or _id(entry, "pool") or None,
        used=entry.get("sizeAllocated"),
        health=_health(entry),
        wwn=str(entry.get("wwn") or ""),
    )


def system(found: Entries) -> System:
    """What the array says of itself."""
    said = next(iter(found.get("system", [])), {})
    versions = [str(each.get("version") or each.get("id") or "") for each in found.get("installedSoftwareVersion", [])]
    return System(
        hostname=str(said.get("name") or ""),
        manufacturer="Dell EMC",
        product=str(said.get("model") or ""),
        serial=str(said.get("serialNumber") or ""),
        version=next(iter(versions), ""),
    )
