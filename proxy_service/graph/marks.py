"""Marks: texts by which a machine is recognised, in one spelling whoever says them.

A mark is ``kind:value``: ``mac:52:54:00:00:00:07``, ``name:web-07``, ``serial:CZ1234``, ``uuid:...``,
``initiator:iqn...``. Nodes and servers *have* marks (from their facts, from what was declared); what a port sees at
its other end *claims* some. All but names are hard: no two machines share them unless one lies or is a copy.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from device_profiles.documents import Identity, ServerSpec
from device_profiles.links import Neighbour
from device_profiles.names import printable

LONGEST: Final = 200
_HEX: Final = re.compile(r"[0-9a-f]{12}")
_MAC_FORMS: Final = re.compile(
    r"([0-9a-f]{2}([:\- .]))(?:[0-9a-f]{2}\2){4}[0-9a-f]{2}|[0-9a-f]{4}([.\-:])[0-9a-f]{4}\3[0-9a-f]{4}|[0-9a-f]{12}",
    re.IGNORECASE,
)
_UUID: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
_NOBODY: Final = frozenset({"000000000000", "ffffffffffff"})
_LOCAL_NAMES: Final = frozenset({"localhost", "(none)", "unknown", "default", "switch", "router", "none", "-"})
"""Names that machines bear before anybody gave them one."""
_NO_SERIAL: Final = re.compile(
    r"(to be filled|default|not spec|unknown|none|n/?a|system serial|0+$|x+$|\.+$|-+$)", re.IGNORECASE
)
_SHORTEST_SERIAL: Final = 4


@functools.lru_cache(maxsize=262_144)
def mac_of(text: str) -> str:
    """A MAC address in lower case with colons, whatever its spelling; an empty text where it is none, or nobody's."""
    text = text.strip()
    if len(text) > 17 or _MAC_FORMS.fullmatch(text) is None:
        return ""
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    if digits in _NOBODY or not _HEX.fullmatch(digits) or int(digits[1], 16) & 1:
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def names(text: str) -> Iterator[str]:
    """The marks of a host name: as it is, and without its domain."""
    name = text.strip().lower().rstrip(".")
    if not name or name in _LOCAL_NAMES or len(name) > LONGEST:
        return
    yield f"name:{name}"
    short = name.partition(".")[0]
    if short != name and not short.isdecimal() and short not in _LOCAL_NAMES:
        yield f"name:{short}"


def serials(text: str) -> Iterator[str]:
    """The mark of a serial number, unless it is what a factory left in its place."""
    serial = text.strip().upper()
    if _SHORTEST_SERIAL <= len(serial) <= LONGEST and not _NO_SERIAL.match(serial):
        yield f"serial:{serial}"


def uuids(text: str) -> Iterator[str]:
    """The marks of a UUID: firmware and systems differ in the order of its first three fields (SMBIOS 2.6, 7.2.1)."""
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    if _UUID.fullmatch(text.strip()) is None or len(set(digits)) < 3:
        return
    yield f"uuid:{digits}"
    swapped = "".join(
        "".join(reversed([part[at : at + 2] for at in range(0, len(part), 2)]))
        for part in (digits[:8], digits[8:12], digits[12:16])
    )
    yield f"uuid:{swapped}{digits[16:]}"


def macs(*texts: str) -> Iterator[str]:
    """The marks of those texts that are MAC addresses."""
    for text in texts:
        if mac := mac_of(text):
            yield f"mac:{mac}"


def initiators(*texts: str) -> Iterator[str]:
    """The marks of IQNs and WWNs; a WWN may be written with colons or without."""
    for text in texts:
        name = text.strip().lower()
        if re.fullmatch(r"(0x)?[0-9a-f]{16}|([0-9a-f]{2}:){7}[0-9a-f]{2}", name):
            name = name.removeprefix("0x").replace(":", "")
        if 0 < len(name) <= LONGEST:
            yield f"initiator:{name}"


def is_hard(mark: str) -> bool:
    """Whether only one machine has it."""
    return not mark.startswith("name:")


@dataclass(frozen=True, slots=True)
class Claims:
    """What something seen claims to be: hard marks, and names."""

    hard: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """All of them."""
        return self.hard + self.names


def claims_of(seen: Neighbour) -> Claims:
    """What a neighbour says that it is."""
    if seen.kind == "label":
        return Claims((), tuple(dict.fromkeys((*names(seen.name.partition("/")[0]), *names(seen.name)))))
    hard = (
        *macs(seen.chassis_id, seen.remote_port, seen.name, *seen.macs),
        *serials(seen.serial),
        *uuids(seen.uuid),
        *initiators(seen.initiator),
    )
    told = seen.name if not mac_of(seen.name) else ""
    spoken = [*names(told)] or [*names("" if mac_of(seen.chassis_id) else seen.chassis_id)]
    return Claims(tuple(dict.fromkeys(hard)), tuple(dict.fromkeys(spoken)))


@dataclass(frozen=True, slots=True)
class Known:
    """What a machine is known by. ``ports``: its port by every spelling of it, in lower case, MACs among them."""

    marks: tuple[str, ...]
    ports: Mapping[str, str]

    @classmethod
    def of(cls, marks: Iterable[str], ports: Mapping[str, str]) -> Known:
        """In one order, each mark once."""
        return cls(tuple(sorted(set(marks))), dict(sorted(ports.items())))


def node_known(name: str, identity: Identity, told: Known | None = None) -> Known:
    """What a managed node is known by: its name, what was declared, and its facts."""
    found = [*names(name), *serials(identity.serial or ""), *uuids(identity.uuid or ""), *macs(identity.base_mac or "")]
    return Known.of((*found, *(told.marks if told else ())), told.ports if told else {})


def server_known(name: str, spec: ServerSpec, reported: Known | None = None) -> Known:
    """What a declared server is known by, with what it told of itself."""
    identity = spec.identity
    found = [
        *names(name),
        *names(identity.hostname or ""),
        *serials(identity.serial or ""),
        *uuids(identity.uuid or ""),
    ]
    found += [*macs(*identity.macs.values()), *initiators(*identity.initiators)]
    ports = {}
    for nic, address in identity.macs.items():
        ports[nic.lower()] = nic
        ports[mac_of(address)] = nic
    more = reported or Known((), {})
    # Not its names: a machine says what it likes, and may not take another's name that way.
    found += [mark for mark in more.marks if is_hard(mark)]
    return Known.of(found, {**more.ports, **ports})


class _Interface(msgspec.Struct):
    addresses: dict[str, msgspec.Raw] = {}
    alias: Any = ""
    description: Any = ""


class _Network(msgspec.Struct):
    interfaces: dict[str, _Interface] = {}


class _System(msgspec.Struct):
    serial_number: Any = ""
    uuid: Any = ""


class _Dmi(msgspec.Struct):
    system: _System = msgspec.field(default_factory=_System)


class _Facts(msgspec.Struct):
    """What of a document of facts tells who a machine is; all else is passed over without making objects of it."""

    hostname: Any = ""
    fqdn: Any = ""
    base_mac: Any = ""
    macaddress: Any = ""
    lldp: Any = None
    network: _Network = msgspec.field(default_factory=_Network)
    dmi: _Dmi = msgspec.field(default_factory=_Dmi)


_FACTS: Final = msgspec.json.Decoder(_Facts)


def facts_known(text: str) -> Known | None:
    """What a machine with these facts (JSON in ohai's shape) is known by; None where they are not of that shape."""
    try:
        facts = _FACTS.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    found = [*names(_text(facts.hostname)), *names(_text(facts.fqdn))]
    system = facts.dmi.system
    found += [*serials(_text(system.serial_number)), *uuids(_text(system.uuid))]
    told = facts.lldp.get("chassis_id") if isinstance(facts.lldp, dict) else None
    found += macs(_text(facts.base_mac), _text(facts.macaddress), _text(told))
    ports: dict[str, str] = {}
    for port, interface in facts.network.interfaces.items():
        _add_port(port, interface, found, ports)
    return Known.of(found, ports)


def _add_port(port: str, interface: _Interface, found: list[str], ports: dict[str, str]) -> None:
    name = _safe(port)
    ports[name.lower()] = name
    for spelling in (interface.description, interface.alias):
        if spelling:
            ports.setdefault(_safe(_text(spelling)).lower(), name)
    for address in interface.addresses:
        # Addresses of the network layer are no MACs by their form.
        if mac := mac_of(address):
            found.append(f"mac:{mac}")
            # Several interfaces may share an address (a bridge and its first port): the first one that has it counts.
            ports.setdefault(mac, name)


def _text(value: Any) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""


def _safe(text: str) -> str:
    return text if len(text) <= LONGEST and text.isprintable() else printable(text)
