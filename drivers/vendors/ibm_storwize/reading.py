"""What ``ls...`` commands print, in the schema's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from device_profiles.operation import Health, SessionOperation
from drivers.storage.listed import Answers
from drivers.storage.seen import Pool, Seen, SeenExport, SeenVolume, System
from drivers.storage.tables import Row, delimited, described
from drivers.storage.words import size_of

_HEALTH: Final[Mapping[str, Health]] = {"online": "ok", "degraded": "warning", "offline": "critical"}
_PORTS: Final = frozenset({"WWPN", "iscsi_name", "SAS_WWPN", "NQN", "nqn"})
_LOGGED_IN: Final = "active"


def ids(text: str, *, without: str = "") -> list[str]:
    """The ids of a list's rows; with ``without`` of those that lack that column."""
    return [row["id"] for row in delimited(text) if row.get("id") and not (without and without in row)]


def parse(answers: Answers, *, pools: str, volumes: str, hosts: str, mappings: str) -> Seen:
    """A reading. Raises :class:`~drivers.errors.Garbled`."""
    members = {row["id"]: _ports(answers.get(f"{hosts} {row['id']}", "")) for row in _rows(answers, hosts)}
    exports = {row["name"]: SeenExport(initiators=tuple(members[row["id"]]), luns={}) for row in _rows(answers, hosts)}
    for row in _rows(answers, mappings):
        known = exports.get(row["name"], SeenExport())
        luns = {**known.luns, int(row["SCSI_id"]): row["vdisk_name"]}
        exports[row["name"]] = SeenExport(initiators=known.initiators, luns=luns)
    return Seen(
        pools={row["name"]: _pool(row) for row in _detailed(answers, pools)},
        volumes={row["name"]: _volume(row) for row in _detailed(answers, volumes)},
        exports=exports,
        sessions=tuple(
            SessionOperation(export=row["name"], initiator=port, luns=tuple(sorted(exports[row["name"]].luns)))
            for row in _rows(answers, hosts)
            for port, state in members[row["id"]].items()
            if state == _LOGGED_IN
        ),
    )


def _rows(answers: Answers, command: str) -> list[Row]:
    return [row for row in delimited(answers.get(command, "")) if row.get("id") and row.get("name")]


def _detailed(answers: Answers, command: str) -> Iterator[Row]:
    """The rows of a list, with their details where these were asked."""
    for row in _rows(answers, command):
        details: Row = {}
        for name, value in described(answers.get(f"{command} {row['id']}", "")):
            details.setdefault(name, value)  # what follows is about copies and tiers
        yield {**row, **details}


def _pool(row: Row) -> Pool:
    return Pool(
        size=_size(row, "capacity"), free=_size(row, "free_capacity"), health=_HEALTH.get(row.get("status", ""))
    )


def _volume(row: Row) -> SeenVolume:
    return SeenVolume(
        size=_size(row, "capacity"),
        pool=row.get("mdisk_grp_name") or None,
        used=_size(row, "used_capacity"),
        health=_HEALTH.get(row.get("status", "")),
        wwn=row.get("vdisk_UID", ""),
    )


def _size(row: Row, name: str) -> int | None:
    text = row.get(name, "")
    return size_of(text) if text else None


def _ports(text: str) -> dict[str, str]:
    """A host's ports with their state, in the details of it."""
    found: dict[str, str] = {}
    port = ""
    for name, value in described(text):
        if name in _PORTS:
            port = value
            found[port] = ""
        elif name == "state" and port:
            found[port] = value
    return found


def system(text: str) -> System:
    """What ``lssystem`` says."""
    said = dict(reversed(described(text)))
    version, _, _ = said.get("code_level", "").partition(" ")
    return System(
        hostname=said.get("name", ""),
        manufacturer="IBM",
        product=said.get("product_name", ""),
        serial=said.get("id", ""),
        version=version,
    )
