"""What the device is, in ohai's words, from whatever tables tell it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.names import printable
from device_profiles.operation import PortOperation
from device_profiles.profile import Profile
from device_profiles.state import State
from drivers.vendors.generic_cli import values
from drivers.vendors.generic_cli.index import Row
from drivers.vendors.generic_cli.words import FACT, Reading

_NAME: Final = re.compile(r"^(.*?)(\d[\d/.:]*)?$")
_SPANS: Final = {"uptime_years": 31_536_000, "uptime_weeks": 604_800, "uptime_days": 86_400, "uptime_hours": 3600}
_SHORT_SPANS: Final = {"uptime_minutes": 60, "uptime_seconds": 1}


def facts(readings: Iterable[Reading], profile: Profile, *, host: str, describes: str) -> dict[str, Any]:
    """Facts from tables of version, system and inventory.

    ``host`` is what the prompt shows. ``describes`` is a pattern whose groups (``version``, ``model``) stand in the
     system's description, where a device tells them nowhere else.
    """
    found = _Told()
    for reading in readings:
        for row in reading.rows:
            found.note(reading, row)
    found.take_apart(describes)
    name = found.first("hostname") or host
    made: dict[str, Any] = {
        "schema": FACTS_SCHEMA,
        "platform": profile.name,
        "platform_version": found.first("version"),
        "hostname": name.partition(".")[0],
        "fqdn": name,
        "dmi": {
            "system": {
                "manufacturer": found.first("vendor") or profile.vendor,
                "product_name": found.first("model"),
                "serial_number": found.first("serial"),
            }
        },
    }
    if (uptime := found.uptime) is not None:
        made["uptime_seconds"] = uptime
    if values.is_mac(found.first("mac")):
        made["macaddress"] = values.mac(found.first("mac"))
    if found.first("description"):
        made["description"] = found.first("description")
    if len(found.serials) > 1:
        made["chassis"] = {"members": [{"serial_number": serial} for serial in found.serials]}
    return made


class _Told:
    """What all tables say, the first that says something first."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {meaning: [] for meaning in FACT}
        self.uptime: int | None = None

    def note(self, reading: Reading, row: Row) -> None:
        for meaning, texts in self._texts.items():
            texts += [printable(said) for text in reading.texts(row, FACT, meaning) if (said := values.said(text))]
        if self.uptime is None:
            self.uptime = _uptime(reading, row)

    def take_apart(self, describes: str) -> None:
        match = re.search(describes, self.first("description")) if describes else None
        for meaning, text in (match.groupdict() if match is not None else {}).items():
            if text:
                self._texts[meaning].append(text)

    def first(self, meaning: str) -> str:
        return next(iter(self._texts[meaning]), "")

    @property
    def serials(self) -> list[str]:
        return list(dict.fromkeys(self._texts["serial"]))


def _uptime(reading: Reading, row: Row) -> int | None:
    """Seconds, from parts where a table has them apart, else from a text."""
    parts = {**_SPANS, **_SHORT_SPANS}
    told = {name: values.number(_one(row[name])) for name in parts if name in row}
    if any(number is not None for number in told.values()):
        return sum((number or 0) * parts[name] for name, number in told.items())
    return values.uptime(" ".join(reading.texts(row, FACT, "uptime")))


def _one(value: str | list[str]) -> str:
    return value if isinstance(value, str) else next(iter(value), "")


def interfaces(state: State, running: Mapping[str, PortOperation]) -> dict[str, Any]:
    """The fact ``network.interfaces``."""
    found: dict[str, Any] = {}
    for name in sorted({*state.ports, *running}):
        kind, number = _NAME.match(name).groups()  # type: ignore[union-attr]  # the pattern matches any text
        port, shown = state.ports.get(name), running.get(name, PortOperation())
        found[name] = {
            "state": "unknown" if shown.oper_up is None else "up" if shown.oper_up else "down",
            "type": kind,
            "number": number or "",
            "encapsulation": "Ethernet",
            "addresses": {},
            **({"mtu": str(port.mtu)} if port is not None and port.mtu is not None else {}),
        }
    return found
