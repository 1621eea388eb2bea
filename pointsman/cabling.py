"""Cables of other inventories as declarations: NetBox's export of cables, its API's JSON, any CSV or YAML of two ends.

What cannot be declared is told with the reason, and nothing is guessed. NetBox: the fields of ``/api/dcim/cables/`` and
of its bulk import (docs.netbox.dev, "Cables").
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from device_profiles.names import CABLE_END, printable
from pointsman.problems import PointsmanError

Json = dict[str, Any]
_POWER: Final = ("power",)
_SERIAL: Final = ("console",)
_THERE: Final = frozenset({"", "connected"})
_PAIRS: Final = (
    ("a", "b"),
    ("side_a_device+side_a_name", "side_b_device+side_b_name"),
    ("device a+termination a", "device b+termination b"),
    ("termination a parent+termination a", "termination b parent+termination b"),
    ("a_device+a_port", "b_device+b_port"),
    ("from", "to"),
)
"""Headings of the two ends: one column each, or device and port."""


@dataclass(slots=True)
class Cables:
    """Cables that can be declared, and why others cannot, a sentence each."""

    cables: list[Json] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, a: str, b: str, *, kinds: Iterable[str] = (), status: str = "") -> None:
        """One cable, if it is there and its ends are written as names and ports."""
        shown = f"{printable(a) or '?'} - {printable(b) or '?'}"
        if status.lower() not in _THERE:
            self.left_out.append(f"{shown}: it is {printable(status)}")
        elif not all(re.fullmatch(CABLE_END, end) for end in (a, b)):
            self.left_out.append(f"{shown}: an end is a name, / and a port of letters, digits and . _ - / :")
        else:
            medium = _medium(kinds)
            self.cables.append({"a": a, "b": b, **({"medium": medium} if medium != "data" else {})})

    @property
    def document(self) -> Json:
        """As a document to apply."""
        return {"cabling": self.cables}


def read_cables(data: bytes) -> Cables:
    """The cables in a file, whatever its format. Raises :class:`PointsmanError`."""
    text = data.decode("utf-8-sig", "replace")
    found = Cables()
    if text.lstrip()[:1] in {"[", "{"}:
        _from_json(text, found)
    elif _looks_like_csv(text):
        _from_csv(text, found)
    else:
        _from_yaml(text, found)
    if not found.cables and not found.left_out:
        raise PointsmanError("there is no cable in this file")
    return found


def _medium(kinds: Iterable[str]) -> str:
    written = " ".join(kinds).lower()
    if any(word in written for word in _POWER):
        return "power"
    return "serial" if any(word in written for word in _SERIAL) else "data"


def _looks_like_csv(text: str) -> bool:
    return _ends_of(text.partition("\n")[0].split(",")) is not None


def _ends_of(headings: Iterable[str]) -> tuple[str, str] | None:
    names = {heading.strip().strip('"').lower() for heading in headings}
    return next((pair for pair in _PAIRS if all(set(side.split("+")) <= names for side in pair)), None)


def _from_csv(text: str, found: Cables) -> None:
    rows = csv.DictReader(io.StringIO(text))
    pair = _ends_of(rows.fieldnames or ())
    for raw in rows if pair else ():
        row = {(key or "").strip().lower(): (value or "").strip() for key, value in raw.items() if key is not None}
        a, b = ("/".join(row.get(name, "") for name in side.split("+")) for side in pair or ())
        kinds = [row.get(name, "") for name in ("medium", "side_a_type", "side_b_type")]
        found.add(a, b, kinds=kinds, status=row.get("status", ""))


def _from_yaml(text: str, found: Cables) -> None:
    try:
        document = YAML(typ="safe", pure=True).load(text)
    except YAMLError:
        document = None
    items = document.get("cabling", document.get("cables")) if isinstance(document, Mapping) else document
    if not isinstance(items, list):
        raise PointsmanError("this is no list of cables: neither CSV with two ends, NetBox's JSON, nor YAML `cabling`")
    for item in items:
        _add_plain(item, found)


def _add_plain(item: Any, found: Cables) -> None:
    if isinstance(item, Mapping) and {"a", "b"} <= item.keys():
        found.add(str(item["a"]), str(item["b"]), kinds=[str(item.get("medium", ""))])
    else:
        found.left_out.append(f"{printable(str(item))}: a cable has an end a and an end b")


def _from_json(text: str, found: Cables) -> None:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise PointsmanError(f"this is no JSON: {error}") from None
    items = document.get("results", document.get("cabling")) if isinstance(document, dict) else document
    if not isinstance(items, list):
        raise PointsmanError("this JSON is no list of cables, and has none under 'results' or 'cabling'")
    for item in items:
        if not isinstance(item, dict):
            raise PointsmanError("this JSON is no list of cables")
        if {"a", "b"} <= item.keys():
            _add_plain(item, found)
        else:
            _add_netbox(item, found)


def _add_netbox(item: Json, found: Cables) -> None:
    status = item.get("status")
    word = str(status.get("value", "")) if isinstance(status, Mapping) else str(status or "")
    sides = [list(_terminations(item, side)) for side in ("a", "b")]
    kinds = [kind for side in sides for _, kind in side]
    if not all(sides):
        found.left_out.append(f"cable {printable(str(item.get('id', '?')))}: it ends at nothing that is a device's")
    for a, _ in sides[0]:
        for b, _ in sides[1]:
            found.add(a, b, kinds=kinds, status=word)


def _terminations(item: Json, side: str) -> Iterator[tuple[str, str]]:
    """The ends of one side: since NetBox 3.3 a list, before that one object."""
    several = item.get(f"{side}_terminations")
    if isinstance(several, list):
        pairs = [(each.get("object"), str(each.get("object_type", ""))) for each in several if isinstance(each, dict)]
    else:
        pairs = [(item.get(f"termination_{side}"), str(item.get(f"termination_{side}_type", "")))]
    for end, kind in pairs:
        device = end.get("device") if isinstance(end, dict) else None
        if isinstance(end, dict) and isinstance(device, dict):
            yield f"{device.get('name', '')}/{end.get('name', '')}", kind
