"""Devices of NetBox as declarations of nodes: from the JSON of its API, or from a CSV of its tables or of ours.

A device becomes a node where its platform is a profile (or is said to be one), and where it has an address to reach it
at. What cannot be one is told with the reason, and nothing is guessed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from device_profiles.names import NODE_NAME, OBJECT_NAME
from pointsman.problems import PointsmanError

Json = dict[str, Any]
_COLUMNS: Final = {
    "id": ("id",),
    "name": ("name",),
    "platform": ("platform",),
    "serial": ("serial", "serial number"),
    "site": ("site",),
    "location": ("location",),
    "address": ("primary_ip4", "primary_ip", "ip address", "primary ipv4"),
    "status": ("status",),
}
"""Our word for a column, and NetBox's: in its bulk import, in its API, above its tables."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A document of nodes, and why devices were left out of it, a sentence each."""

    document: Json
    left_out: tuple[str, ...]


def read_devices(data: bytes) -> list[dict[str, str]]:
    """The devices of a file: API JSON (a list, or a page with ``results``) or CSV. Raises :class:`PointsmanError`."""
    text = data.decode("utf-8-sig", "replace")
    if text.lstrip()[:1] in {"[", "{"}:
        return list(_from_json(text))
    rows = csv.DictReader(io.StringIO(text))
    names = {(name or "").strip().lower() for name in rows.fieldnames or ()}
    if "name" not in names:
        raise PointsmanError("this is neither NetBox's JSON nor a CSV with a column 'name'")
    return [_plain({(key or "").strip().lower(): value for key, value in row.items()}) for row in rows]


def nodes_of(
    devices: list[dict[str, str]], *, profiles: frozenset[str], platforms: Mapping[str, str], access: str
) -> Imported:
    """Declarations of ``devices``. ``access`` is an URL with ``{address}`` and ``{name}`` in it.

    ``platforms`` says which profile a platform is where that is not its name.
    """
    nodes: Json = {}
    left_out = []
    for device in devices:
        name = device["name"]
        profile = platforms.get(device["platform"], device["platform"].replace("-", "_"))
        reason = _unfit(device, profile, profiles, known=name in nodes)
        if reason:
            left_out.append(f"{name or 'a device without a name'}: {reason}")
        else:
            nodes[name] = _node(device, profile, access)
    return Imported({"nodes": nodes}, tuple(left_out))


def _unfit(device: Mapping[str, str], profile: str, profiles: frozenset[str], *, known: bool) -> str:
    """Why a device can be no node; empty where it can."""
    place, platform = device["location"] or device["site"], device["platform"] or "(none)"
    reasons = {
        "its name is none of a node: letters, digits, dots, hyphens and underscores": not _is(
            NODE_NAME, device["name"]
        ),
        "there are two of this name": known,
        f"it is {device['status']}": device["status"] not in {"", "active"},
        f"its platform {platform} is no profile: say which by --platform {platform}=PROFILE": profile not in profiles,
        "it has no primary address": not device["address"],
        "it has neither a location nor a site that could be a location": not _is(OBJECT_NAME, place),
    }
    return next((reason for reason, so in reasons.items() if so), "")


def _is(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _node(device: Mapping[str, str], profile: str, access: str) -> Json:
    address = device["address"].partition("/")[0]
    host = f"[{address}]" if ":" in address else address
    found: Json = {
        "profile": profile,
        "location": device["location"] or device["site"],
        "access": [access.format(address=host, name=device["name"])],
    }
    if device["serial"]:
        found["identity"] = {"serial": device["serial"]}
    if device["id"]:
        found["annotations"] = {"netbox": f"dcim/devices/{device['id']}"}
    return found


def _from_json(text: str) -> Iterator[dict[str, str]]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise PointsmanError(f"this is no JSON: {error}") from None
    items = found.get("results") if isinstance(found, dict) else found
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise PointsmanError("this JSON is no list of devices, and has none under 'results'")
    for item in items:
        yield _plain({key: _word(value) for key, value in item.items()})


def _word(value: Any) -> str:
    """A related object by its slug, its value, its address or its name."""
    if isinstance(value, Mapping):
        return next((str(value[key]) for key in ("slug", "value", "address", "name") if value.get(key)), "")
    return "" if value is None else str(value)


def _plain(row: Mapping[str, str]) -> dict[str, str]:
    """A row in our words."""
    return {
        ours: next((str(row[name]).strip() for name in names if row.get(name)), "") for ours, names in _COLUMNS.items()
    }
