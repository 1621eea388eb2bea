"""What ``naviseccli`` prints, in the schema's words: blocks of names and values, and two tables in a storage group."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from device_profiles.operation import Health, SessionOperation
from drivers.errors import Garbled
from drivers.storage.seen import Pool, Seen, SeenExport, SeenVolume, System
from drivers.storage.tables import Row, instances

_GIB: Final = 1 << 30
_NUMBER: Final = re.compile(r"(?m)^\s*LOGICAL UNIT NUMBER\s+(\d+)\s*$")
_HBA: Final = re.compile(r"(?m)^\s*((?:[0-9A-Fa-f]{2}:){15}[0-9A-Fa-f]{2}|(?:iqn|eui|naa)\.\S+)\s+SP [AB]\s+\d+")
_PAIR: Final = re.compile(r"(?m)^[ \t]*(\d+)[ \t]+(\d+)[ \t]*$")
_HEALTH: Final[Mapping[str, Health]] = {"Ready": "ok", "Bound": "ok", "Offline": "critical", "Faulted": "critical"}


def parse(*, pools: str, luns: str, groups: str, hbas: str) -> Seen:
    """A reading. Raises :class:`~drivers.errors.Garbled`."""
    numbers: dict[int, str] = {}
    volumes: dict[str, SeenVolume] = {}
    for number, row in _luns(luns):
        name = row.get("Name", "") or str(number)
        numbers[number] = name if name not in volumes else f"{name}:{number}"
        volumes[numbers[number]] = _volume(row)
    exports = {name: _export(text, numbers) for name, text in _groups(groups)}
    return Seen(
        pools={row["Pool Name"]: _pool(row) for row in instances(pools, first="Pool Name")},
        volumes=volumes,
        exports=exports,
        sessions=tuple(_sessions(hbas, exports)),
    )


def _luns(text: str) -> Iterator[tuple[int, Row]]:
    """Each LUN begins with its number, in a line that has no colon."""
    parts = _NUMBER.split(text)
    for number, body in zip(parts[1::2], parts[2::2], strict=True):
        yield int(number), next(iter(instances(body, first="Name")), {})


def _groups(text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"(?m)^\s*Storage Group Name:\s*(.*?)\s*$", text)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def _export(text: str, numbers: Mapping[int, str]) -> SeenExport:
    _, _, pairs = text.partition("HLU/ALU Pairs")
    luns = {int(hlu): numbers.get(int(alu), alu) for hlu, alu in _PAIR.findall(pairs)}
    return SeenExport(initiators=tuple(sorted(set(_HBA.findall(text)))), luns=dict(sorted(luns.items())))


def _sessions(text: str, exports: Mapping[str, SeenExport]) -> Iterator[SessionOperation]:
    """An HBA may be logged in at several ports, and of each it is told which group it belongs to."""
    told = set()
    for hba in instances(text, first="HBA UID"):
        for port in re.split(r"(?m)^\s*SP Name:", _block(text, hba["HBA UID"]))[1:]:
            logged_in = re.search(r"(?m)^\s*Logged In:\s*YES", port)
            group = re.search(r"(?m)^\s*StorageGroup Name:\s*(.*?)\s*$", port)
            if logged_in and group and group[1] in exports:
                told.add((group[1], hba["HBA UID"]))
    for name, initiator in sorted(told):
        yield SessionOperation(export=name, initiator=initiator, luns=tuple(sorted(exports[name].luns)))


def _block(text: str, uid: str) -> str:
    """What is said of one HBA."""
    _, _, rest = text.partition(uid)
    return rest.partition("HBA UID:")[0]


def _pool(row: Row) -> Pool:
    return Pool(
        size=_size(row, "User Capacity (GBs)"),
        free=_size(row, "Available Capacity (GBs)"),
        health=_HEALTH.get(row.get("State", "")),
    )


def _volume(row: Row) -> SeenVolume:
    return SeenVolume(
        size=_size(row, "User Capacity (GBs)"),
        pool=row.get("Pool Name") or None,
        used=_size(row, "Consumed Capacity (GBs)"),
        health=_HEALTH.get(row.get("Current State", "")),
        wwn=row.get("UID", "").replace(":", "").lower(),
    )


def _size(row: Row, name: str) -> int | None:
    text = row.get(name, "")
    if not text or text == "N/A":
        return None
    try:
        return round(float(text) * _GIB)
    except ValueError:
        raise Garbled(f"the array tells a {name} of '{text[:20]}': nothing was concluded") from None


def system(agent: str, domain: str) -> System:
    """What the agent of a storage processor says, and the name of the array in its domain."""
    said = next(iter(instances(agent, first="Agent Rev")), {})
    node = next(iter(instances(domain, first="Node")), {})
    return System(
        hostname=node.get("Node", "") or said.get("Serial No", ""),
        manufacturer="Dell EMC",
        product=said.get("Model", ""),
        serial=said.get("Serial No", ""),
        version=said.get("Revision", ""),
    )
