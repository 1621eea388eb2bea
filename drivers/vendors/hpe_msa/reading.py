"""The XML of ``show ...``, in the schema's words: a row of objects, each with a base type and properties.

Which objects belong together is told by their order and by ids: the mappings of a volume follow its view, and the LUNs
of a mapping of a volume group follow that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from device_profiles.operation import Health, SessionOperation
from drivers.errors import Garbled
from drivers.storage.seen import Pool, Seen, SeenExport, SeenVolume, System
from drivers.storage.words import size_of

_BLOCK: Final = 512
_HEALTH: Final[Mapping[str, Health]] = {
    "OK": "ok",
    "Degraded": "warning",
    "Fault": "critical",
    "Unrecoverable": "critical",
}
_VIEWS: Final = frozenset({"volume-view", "volume-group-view"})
_MAPPINGS: Final = frozenset({"volume-view-mappings", "volume-group-view-mappings", "host-view-mappings"})
_LUNS: Final = frozenset({"volume-group-view-mappings-luns"})
_UNGROUPED: Final = frozenset({"HU", "HGU", ""})

Item = tuple[str, Mapping[str, str]]
"""An object: its base type and its properties."""


def items(text: str) -> list[Item]:
    """The objects of an answer, in order. Raises :class:`~drivers.errors.Garbled`."""
    begin = text.find("<RESPONSE")
    if not text.strip():
        return []
    if begin < 0 or "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Garbled("the array's answer is not the XML of its API: is this user's interface set to it?")
    try:
        root = ET.fromstring(text[begin : text.rfind(">") + 1])  # noqa: S314 -- nothing in it can be expanded
    except ET.ParseError as error:
        raise Garbled(f"the array's answer is no XML: {error}") from None
    return [
        (each.get("basetype", ""), {prop.get("name", ""): (prop.text or "").strip() for prop in each.iter("PROPERTY")})
        for each in root.iter("OBJECT")
    ]


@dataclass(slots=True)
class _Hosts:
    """Who is who: initiators by their id, with their host and the host's group."""

    initiators: dict[str, Mapping[str, str]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def members(self, mapped: str) -> list[Mapping[str, str]]:
        """The initiators of an initiator, a host or a host group."""
        return [
            each
            for key, each in self.initiators.items()
            if mapped in (key, each.get("host-key"), self.groups.get(each.get("host-key", "")))
        ]


def _hosts(answers: Iterable[str]) -> _Hosts:
    found = _Hosts()
    for answer in answers:
        for kind, said in items(answer):
            if kind == "initiator" and said.get("durable-id"):
                found.initiators[said["durable-id"]] = said
            elif kind == "host" and said.get("durable-id", "") not in _UNGROUPED:
                group = said.get("group-key", "")
                found.groups[said["durable-id"]] = "" if group in _UNGROUPED else group
    return found


@dataclass(slots=True)
class _Mapped:
    """What something is shown: its name, its initiators, and volumes by number."""

    name: str
    mapped: str
    luns: dict[int, str] = field(default_factory=dict)


def _mapped(text: str) -> Iterator[_Mapped]:
    volume = ""
    last: _Mapped | None = None
    for kind, said in items(text):
        if kind in _VIEWS:
            volume, last = said.get("volume-name", ""), None
        elif kind in _MAPPINGS:
            if last is not None:
                yield last
            last = _Mapped(_name(said), said.get("mapped-id", ""))
            if said.get("lun", "").isdecimal() and (volume or said.get("volume")):
                last.luns[int(said["lun"])] = said.get("volume") or volume
            yield last
            last = last if kind == "volume-group-view-mappings" else None
        elif kind in _LUNS and last is not None and said.get("lun", "").isdecimal():
            last.luns[int(said["lun"])] = said.get("volume-name", "")


def _name(said: Mapping[str, str]) -> str:
    """The nickname of what is mapped; ``rac.*`` is a host and ``all.*.*`` a group."""
    name = said.get("nickname", "") or said.get("identifier", "") or said.get("initiator-id", "")
    return name.removesuffix(".*").removesuffix(".*")


def parse(*, pools: str, volumes: str, hosts: Iterable[str], maps: str) -> Seen:
    """A reading. Raises :class:`~drivers.errors.Garbled`."""
    known = _hosts(hosts)
    luns: dict[str, dict[int, str]] = defaultdict(dict)
    members: dict[str, dict[str, Mapping[str, str]]] = defaultdict(dict)
    for each in list(_mapped(maps)):
        luns[each.name] |= each.luns
        members[each.name] |= {said.get("id", ""): said for said in known.members(each.mapped)}
    return Seen(
        pools={said["name"]: _pool(said) for kind, said in items(pools) if kind == "pools" and said.get("name")},
        volumes={
            said["volume-name"]: _volume(said)
            for kind, said in items(volumes)
            if kind == "volumes" and said.get("volume-name")
        },
        exports={
            name: SeenExport(initiators=tuple(filter(None, members[name])), luns=dict(sorted(found.items())))
            for name, found in luns.items()
        },
        sessions=tuple(
            SessionOperation(export=name, initiator=initiator, luns=tuple(sorted(luns[name])))
            for name, found in members.items()
            for initiator, said in found.items()
            if said.get("discovered") == "Yes"
        ),
    )


def _pool(said: Mapping[str, str]) -> Pool:
    return Pool(
        size=_size(said, "total-size"), free=_size(said, "total-avail"), health=_HEALTH.get(said.get("health", ""))
    )


def _volume(said: Mapping[str, str]) -> SeenVolume:
    blocks = said.get("blocks", "")
    return SeenVolume(
        size=int(blocks) * _BLOCK if blocks.isdecimal() else _size(said, "total-size"),
        pool=said.get("storage-pool-name") or said.get("virtual-disk-name") or said.get("container-name") or None,
        used=_size(said, "allocated-size"),
        health=_HEALTH.get(said.get("health", "")),
        wwn=said.get("wwn", ""),
    )


def _size(said: Mapping[str, str], name: str) -> int | None:
    """A size: its number of blocks where that is told, else its text, in units of 1000 as they are when nobody set
    others.
    """
    blocks, text = said.get(f"{name}-numeric", ""), said.get(name, "")
    if blocks.isdecimal():
        return int(blocks) * _BLOCK
    return size_of(text, base=1000) if text else None


def system(text: str, versions: str) -> System:
    """What ``show system`` and ``show versions`` say."""
    said: dict[str, str] = {}
    for kind, each in items(text):
        if kind == "system":
            said = dict(each)
            break
    bundle = next((each["bundle-version"] for _, each in items(versions) if each.get("bundle-version")), "")
    vendor = said.get("vendor-name", "")
    return System(
        hostname=said.get("system-name", ""),
        manufacturer="HPE" if vendor == "HP" else vendor,
        product=said.get("product-id", ""),
        serial=said.get("midplane-serial-number", ""),
        version=bundle,
    )
