"""Facts, links and operation of an array, out of one reading: the same words for every vendor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.links import Neighbour
from device_profiles.operation import Operation, PoolOperation, VolumeOperation
from drivers.contract import Want
from drivers.storage.seen import Seen, System


def facts(seen: Seen, system: System, *, platform: str) -> dict[str, Any]:
    """What the array is and holds. Sizes in bytes; what moves by itself (free, used) is operation, and not here."""
    found: dict[str, Any] = {
        "schema": FACTS_SCHEMA,
        "platform": platform,
        "platform_version": system.version,
        "hostname": system.hostname.partition(".")[0],
        "fqdn": system.hostname,
        "dmi": {
            "system": {
                "manufacturer": system.manufacturer,
                "product_name": system.product,
                "serial_number": system.serial,
            }
        },
        "storage": {
            "pools": {name: _given(size=pool.size) for name, pool in sorted(seen.pools.items())},
            "volumes": {
                name: _given(size=item.size, pool=item.pool, wwn=item.wwn or None)
                for name, item in sorted(seen.volumes.items())
            },
            "exports": {
                name: _given(
                    initiators=sorted(item.initiators),
                    luns={str(number): volume for number, volume in sorted(item.luns.items())},
                    target=item.target or None,
                )
                for name, item in sorted(seen.exports.items())
            },
        },
    }
    if system.uptime_s is not None:
        found["uptime_seconds"] = system.uptime_s
    return found


def _given(**values: Any) -> Mapping[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def links(seen: Seen) -> tuple[Neighbour, ...]:
    """Who is logged in, and who may: an initiator is evidence of the machine that has it."""
    return tuple(_links(seen))


def _links(seen: Seen) -> Iterator[Neighbour]:
    for session in _once((each.export, each.initiator) for each in seen.sessions):
        yield Neighbour(port=session[0], kind="session", medium="storage", initiator=session[1])
    for name, export in sorted(seen.exports.items()):
        for initiator in sorted(set(export.initiators)):
            yield Neighbour(port=name, kind="masking", medium="storage", initiator=initiator)


def _once(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """One initiator may have several sessions."""
    return sorted(set(pairs))


def operation(seen: Seen, want: Want, *, at: datetime, source: str) -> Operation:
    """``pools``, ``volumes`` and ``sessions``; nothing wanted is all."""
    return Operation(
        at=at,
        source=source,
        pools={
            name: PoolOperation(size=pool.size, free=pool.free, health=pool.health)
            for name, pool in sorted(seen.pools.items())
            if not want or "pools" in want
        },
        volumes={
            name: VolumeOperation(used=item.used, health=item.health)
            for name, item in sorted(seen.volumes.items())
            if not want or "volumes" in want
        },
        sessions=tuple(sorted(seen.sessions, key=repr)) if not want or "sessions" in want else (),
    )
