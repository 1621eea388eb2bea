"""What the switch's ports see, from lldpd: ``lldpcli show neighbors -f json``.

lldpcli writes one neighbour as an object and several as a list; a chassis stands under its name, or, where the
neighbour told none, directly. One port may see several neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from device_profiles.links import EvidenceKind, Neighbour
from device_profiles.names import printable
from drivers.errors import Garbled
from drivers.vendors.openvswitch.words import line

COMMAND: Final = line("lldpcli", "show", "neighbors", "-f", "json")

_PROTOCOLS: Final[Mapping[str, EvidenceKind]] = {
    "LLDP": "lldp",
    "CDPv1": "cdp",
    "CDPv2": "cdp",
    "FDP": "fdp",
    "EDP": "edp",
}


def parse(data: bytes) -> tuple[Neighbour, ...]:
    """The neighbours of an answer, by port. Raises :class:`~drivers.errors.Garbled`."""
    try:
        interfaces = _listed(orjson.loads(data)["lldp"].get("interface"))
        found = [_neighbour(port, entry) for each in interfaces for port, entry in each.items()]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise Garbled("the switch's neighbours are not the JSON of lldpcli: nothing was concluded from it") from None
    known = (each for each in found if each is not None)
    return tuple(sorted(known, key=lambda each: (each.port, each.chassis_id, each.remote_port)))


def _listed(value: Any) -> list[dict[str, Any]]:
    if not value:
        return []
    return value if isinstance(value, list) else [value]


def _neighbour(port: str, entry: dict[str, Any]) -> Neighbour | None:
    kind = _PROTOCOLS.get(entry.get("via", "LLDP"))
    if kind is None:
        return None
    name, chassis = _chassis(entry.get("chassis", {}))
    remote = entry.get("port", {})
    return Neighbour(
        port=port,
        kind=kind,
        name=printable(name),
        chassis_id=printable(_value(chassis.get("id"))),
        remote_port=printable(_value(remote.get("id"))),
        port_description=printable(str(remote.get("descr", ""))),
    )


def _chassis(found: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if "id" in found and "value" in found["id"]:
        return "", found
    for name, chassis in found.items():
        return name, chassis
    return "", {}


def _value(identifier: Any) -> str:
    """The value of an id; of several the first."""
    for each in _listed(identifier):
        return str(each.get("value", ""))
    return ""


def as_facts(found: tuple[Neighbour, ...]) -> dict[str, list[dict[str, str]]]:
    """The neighbours as the fact ``lldp``: by port."""
    ports: dict[str, list[dict[str, str]]] = {}
    for each in found:
        ports.setdefault(each.port, []).append(dict(_facts(each)))
    return ports


def _facts(each: Neighbour) -> Iterator[tuple[str, str]]:
    for field in ("kind", "name", "chassis_id", "remote_port", "port_description"):
        yield field, getattr(each, field)
