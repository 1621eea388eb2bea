"""Columns of the Open vSwitch database as far as a twin has them, and how ovs-vsctl reads and prints their values.

A value is held as the tuple of its elements in order, a map as a dict, whatever its column's shape; only printing
tells an optional value from a set. Syntax and messages are those of ovs-vsctl(8); ranges in sets of numbers too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Value = tuple[Any, ...] | dict[str, str]


class CommandFailed(Exception):
    """What a command prints before it ends with status 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """Type of a column: what its elements are, and how many there may be."""

    kind: Literal["integer", "string", "boolean", "uuid", "map"] = "string"
    fewest: int = 0
    most: int = 1
    allowed: tuple[str, ...] = ()
    numbers: range = range(-(1 << 63), 1 << 63)


_TEXT: Final = Column(fewest=1)
_MAYBE_TEXT: Final = Column()
_MAP: Final = Column(kind="map")
_NUMBER: Final = Column(kind="integer")
_FLAG: Final = Column(kind="boolean", fewest=1)
_VLANS: Final = Column(kind="integer", most=4096, numbers=range(4096))

COLUMNS: Final[Mapping[str, Mapping[str, Column]]] = {
    "Open_vSwitch": {
        "bridges": Column(kind="uuid", most=1 << 30),
        "external_ids": _MAP,
        "other_config": _MAP,
        "ovs_version": _MAYBE_TEXT,
        "system_type": _MAYBE_TEXT,
        "system_version": _MAYBE_TEXT,
    },
    "Bridge": {
        "name": _TEXT,
        "ports": Column(kind="uuid", most=1 << 30),
        "datapath_type": _TEXT,
        "datapath_id": _MAYBE_TEXT,
        "fail_mode": Column(allowed=("secure", "standalone")),
        "rstp_enable": _FLAG,
        "stp_enable": _FLAG,
        "external_ids": _MAP,
        "other_config": _MAP,
    },
    "Port": {
        "name": _TEXT,
        "interfaces": Column(kind="uuid", fewest=1, most=1 << 30),
        "tag": Column(kind="integer", numbers=range(4096)),
        "trunks": _VLANS,
        "cvlans": _VLANS,
        "vlan_mode": Column(allowed=("access", "dot1q-tunnel", "native-tagged", "native-untagged", "trunk")),
        "lacp": Column(allowed=("active", "off", "passive")),
        "bond_mode": Column(allowed=("active-backup", "balance-slb", "balance-tcp")),
        "external_ids": _MAP,
        "other_config": _MAP,
        "rstp_status": _MAP,
        "status": _MAP,
    },
    "Interface": {
        "name": _TEXT,
        "type": _TEXT,
        "ofport": _NUMBER,
        "mtu": _NUMBER,
        "mtu_request": Column(kind="integer", numbers=range(68, 65536)),
        "link_speed": _NUMBER,
        "duplex": Column(allowed=("full", "half")),
        "error": _MAYBE_TEXT,
        "lacp_current": Column(kind="boolean"),
        "external_ids": _MAP,
        "other_config": _MAP,
    },
}

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,=:"\[\]{}]+')
_RANGE: Final = re.compile(r"(\d+)(?:-(\d+))?\Z")


def first(value: Value) -> Any:
    """The only element of a value that has one; None where it is not set."""
    return next(iter(value), None)


def initial(column: Column) -> Value:
    """The value of a column that nobody set."""
    if column.kind == "map":
        return {}
    if not column.fewest or column.kind == "uuid":
        return ()
    return ("",) if column.kind == "string" else (False,)


def parse(text: str, column: Column, symbols: Mapping[str, str]) -> Value:
    """A value as it is written on a command line. Raises :class:`CommandFailed`."""
    if column.kind == "map":
        return dict(pair(part) for part in _split(text.strip().removeprefix("{").removesuffix("}")))
    found: list[Any] = []
    for part in _split(text.strip().removeprefix("[").removesuffix("]")):
        found += _elements(part, column, symbols)
    value = tuple(sorted(set(found)))
    if not column.fewest <= len(value) <= column.most:
        raise CommandFailed(f'"{text}": {len(value)} values where {column.fewest} to {column.most} are needed')
    return value


def pair(text: str) -> tuple[str, str]:
    """One ``key=value`` of a map."""
    match = _TOKEN.match(text)
    if match is None or text[match.end() : match.end() + 1] != "=":
        raise CommandFailed(f'{text}: syntax error at "{text}" expecting "="')
    return _string(match[0]), _string(text[match.end() + 1 :])


def _split(text: str) -> list[str]:
    """Parts at commas and blanks that stand outside of quotes."""
    return re.findall(r'(?:[^\s,"]|"(?:[^"\\]|\\.)*")+', text)


def _elements(text: str, column: Column, symbols: Mapping[str, str]) -> list[Any]:
    if column.kind == "uuid":
        return [symbols.get(text, text)]
    if column.kind == "boolean":
        if text not in ("true", "false"):
            raise CommandFailed(f'"{text}" is not a valid boolean (use "true" or "false")')
        return [text == "true"]
    if column.kind == "integer":
        return _numbers(text, column)
    word = _string(text)
    if column.allowed and word not in column.allowed:
        allowed = ", ".join(column.allowed)
        raise CommandFailed(f"constraint violation: {word} is not one of the allowed values ([{allowed}])")
    return [word]


def _numbers(text: str, column: Column) -> list[int]:
    match = _RANGE.match(text)
    if match is None:
        raise CommandFailed(f'"{text}" is not a valid integer or range')
    low, high = int(match[1]), int(match[2] or match[1])
    for number in (low, high):
        if number not in column.numbers:
            limits = f"{column.numbers.start} to {column.numbers.stop - 1} (inclusive)"
            raise CommandFailed(f"constraint violation: {number} is not in the valid range {limits}")
    return list(range(low, high + 1))


def _string(text: str) -> str:
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            raise CommandFailed(f"{text}: unterminated quoted string") from None
    if not _TOKEN.fullmatch(text):
        raise CommandFailed(f'{text}: trailing garbage "{text}"')
    return text


def cell(value: Value, column: Column) -> Any:
    """A value in JSON (RFC 7047, section 5.1)."""
    if isinstance(value, dict):
        return ["map", [[key, value[key]] for key in sorted(value)]]
    found = [["uuid", element] if column.kind == "uuid" else element for element in value]
    return found[0] if len(found) == 1 else ["set", found]


def shown(value: Value) -> str:
    """A value as ``get`` and ``list`` print it for people."""
    if isinstance(value, dict):
        return "{" + ", ".join(f'{key}="{value[key]}"' for key in sorted(value)) + "}"
    words = [str(element).lower() if isinstance(element, bool) else str(element) for element in value]
    return words[0] if len(words) == 1 else f"[{', '.join(words)}]"
