"""Who is at the other end: claims of what was seen, held against what nodes and servers are known by. Pure.

One hard mark that one machine has decides. A name decides only where no hard mark does. Whatever does not fit together
(an id of one machine with the name of another, an id that two machines have) is kept, as a *doubt*: such a link is
shown as contradicted, and nobody may act on it. LLDP is spoken by whoever is plugged in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from device_profiles.links import Neighbour
from device_profiles.names import printable
from proxy_service.graph.marks import Claims, claims_of, is_hard, mac_of

NODE: Final = "node/"
SERVER: Final = "server/"
UNKNOWN: Final = "unknown/"
SWITCH: Final = "switch"
CHASSIS: Final = "chassis"
LONGEST_PORT: Final = 200

Canonical = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has a mark; ``kind`` is a node's kind, or ``server``."""

    who: str
    kind: str


@dataclass(frozen=True, slots=True)
class Directory:
    """What is known of machines, as far as the neighbours at hand speak of them.

    ``owners`` are those of each mark; ``marks`` and ``ports`` what each machine is known by, and its ports by all of
    their spellings; ``canonical`` spells the ports of a node as its profile does.
    """

    owners: Mapping[str, tuple[Owner, ...]]
    marks: Mapping[str, frozenset[str]]
    ports: Mapping[str, Mapping[str, str]]
    canonical: Mapping[str, Canonical] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Far:
    """The other end: who it is (``node/sw2``), its port, the kind of mark that told it, and what speaks against it."""

    who: str
    port: str
    known_by: str
    doubt: str = ""


def resolve(seen: Neighbour, directory: Directory, *, near: str = "") -> Far:
    """Who is at the other end of what ``near`` saw.

    A chassis of one slot tells its machine's serial number and addresses as its own; it is not in its slot, though.
    """
    claims = claims_of(seen)
    if seen.kind == "slot":
        directory = replace(directory, owners=_without(directory.owners, near))
    who, known_by, doubt = _who(claims, directory, label=seen.kind == "label")
    if not who:
        return Far(unknown(seen, claims), _unknown_port(seen), "", doubt)
    if not doubt and who.startswith(NODE):
        doubt = _misnamed(who, claims, directory)
    port = _port(seen, directory.ports.get(who, {}), directory.canonical.get(who, str))
    return Far(who, port, known_by, doubt)


def _who(claims: Claims, directory: Directory, *, label: bool) -> tuple[str, str, str]:
    """The machine, by what it was recognised, and a doubt; empty texts where there is none."""
    hard = _owned(claims.hard, directory)
    named = _owned(claims.names, directory)
    if len(hard) == 1:
        (who, mark), *_ = hard.items()
        if named and who not in named:
            others = _spoken(named)
            return who, _kind(mark), f"its {_kind(mark)} is that of {_plain(who)}, and its name that of {others}"
        return who, _kind(mark), ""
    if hard:
        both = [who for who in hard if who in named]
        doubt = f"one and the same {_kind(next(iter(hard.values())))} is that of {_spoken(hard)}"
        if len(set(hard.values())) > 1:
            doubt = f"it shows marks of several machines: {_spoken(hard)}"
        return (both[0], "name", doubt) if len(both) == 1 else ("", "", doubt)
    return _by_name(claims, directory, label=label)


def _by_name(claims: Claims, directory: Directory, *, label: bool) -> tuple[str, str, str]:
    """By the longest name that anybody bears."""
    for name in claims.names:
        owners = {owner.who for owner in directory.owners.get(name, ())}
        if len(owners) == 1:
            return owners.pop(), "label" if label else "name", ""
        if owners:
            return "", "", f"{_spoken(owners)} bear the same name"
    return "", "", ""


def _owned(marks: Iterable[str], directory: Directory) -> dict[str, str]:
    """Who has any of these marks, each with the first that told. A server's are its own, also where its chassis has
    them as well."""
    found: dict[str, str] = {}
    for mark in marks:
        owners = directory.owners.get(mark, ())
        held = any(owner.kind == "server" for owner in owners)
        for owner in owners:
            if not (held and owner.kind == CHASSIS):
                found.setdefault(owner.who, mark)
    return found


def _without(owners: Mapping[str, tuple[Owner, ...]], who: str) -> dict[str, tuple[Owner, ...]]:
    return {mark: tuple(owner for owner in each if owner.who != who) for mark, each in owners.items()}


def _misnamed(who: str, claims: Claims, directory: Directory) -> str:
    """A managed node has told us its names: somebody who shows its id and bears another is not it, or not any more."""
    own = {mark for mark in directory.marks.get(who, ()) if not is_hard(mark)}
    if not claims.names or not own or own.intersection(claims.names):
        return ""
    return f"it shows an id of {_plain(who)} under another name"


def unknown(seen: Neighbour, claims: Claims | None = None) -> str:
    """The end of a link at which there is nobody whom we know, by what would tell it again."""
    claims = claims or claims_of(seen)
    if mac := mac_of(seen.chassis_id):
        return f"{UNKNOWN}mac:{mac}"
    if seen.chassis_id and seen.kind != "label":
        return f"{UNKNOWN}id:{seen.chassis_id[:200].lower()}"
    for mark in (*claims.names[:1], *claims.hard[:1]):
        return UNKNOWN + mark
    return f"{UNKNOWN}name:{(seen.name or '?')[:200].lower()}"


def _unknown_port(seen: Neighbour) -> str:
    return mac_of(seen.remote_port) or _cut(seen.remote_port)


def _port(seen: Neighbour, ports: Mapping[str, str], canonical: Canonical) -> str:
    """The machine's own name for the port that was told, as far as its spellings are known."""
    if seen.kind == "label":
        return _cut(seen.name.partition("/")[2])
    spelled = canonical(seen.remote_port)
    told = (seen.remote_port, mac_of(seen.remote_port), spelled, seen.port_description)
    for spelling in told:
        if spelling and (found := ports.get(spelling.lower())):
            return found
    if seen.kind == "fdb" or (not seen.remote_port and seen.kind not in {"slot", "session", "masking"}):
        for address in (mac_of(seen.chassis_id), *map(mac_of, seen.macs)):
            if address and (found := ports.get(address)):
                return found
        return ""
    return _cut(spelled)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_PORT else printable(text, most=LONGEST_PORT)


def _kind(mark: str) -> str:
    return mark.partition(":")[0]


def _plain(who: str) -> str:
    return who.partition("/")[2]


def _spoken(whom: Iterable[str]) -> str:
    return " and ".join(sorted(map(_plain, whom))[:3])
