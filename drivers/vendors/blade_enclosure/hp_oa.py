"""The language of HPE's Onboard Administrator, in scripting mode.

``show server list`` is a table with a line for each bay: its number, the name of the blade's iLO, that one's address,
status, power and light; an empty bay says ``[Absent]``. All else are indented lines of key and value below a heading
that names the bay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from device_profiles.operation import InputOperation, SensorOperation
from drivers.enclosures.blades import Blade, Enclosure
from drivers.enclosures.values import health_of, macs_in, number_in, power_of, told
from drivers.errors import Garbled

_ROW: Final = re.compile(
    r"\s*(?P<bay>\d+[ABab]?)\s+(?:\[?(?P<absent>absent|subsumed)\]?.*|(?P<ilo>.*?)\s+(?P<status>OK|Other|Degraded|Failed|Unknown)"
    r"\s+(?P<power>\w+)\s+(?P<light>\w+)(?:\s.*)?)",
    re.IGNORECASE,
)
_HEADING: Final = re.compile(r"\s*server blade #(?P<bay>\d+[ABab]?)\b.*", re.IGNORECASE)
_PAIR: Final = re.compile(r"\s+(?P<key>[^:]+?)\s*:\s*(?P<value>.*)")
_FAR: Final = re.compile(r"ilo|iscsi|fcoe|management", re.IGNORECASE)
_SUPPLY: Final = re.compile(r"power supply #?(?P<number>\d+).*", re.IGNORECASE)
_TEMPERATURE: Final = re.compile(
    r"\s*(?P<name>\S.*?)\s{2,}(?P<status>OK|Warm|Caution|Critical|Degraded)\s+(?P<value>\d+)\s*C\b.*"
)

LIST: Final = "show server list"
BLADES: Final = "show server info all"
ENCLOSURE: Final = "show enclosure info"
CONTROLLER: Final = "show oa info"
TEMPERATURES: Final = "show enclosure temp"
SUPPLIES: Final = "show enclosure powersupply all"


class HpOa:
    """See :class:`drivers.vendors.blade_enclosure.driver.Language`."""

    LIST: ClassVar[str] = LIST
    MORE: ClassVar[tuple[str, ...]] = (BLADES, ENCLOSURE, CONTROLLER, TEMPERATURES, SUPPLIES)

    @staticmethod
    def read(answers: Mapping[str, str]) -> Enclosure:
        """The enclosure. Raises :class:`~drivers.errors.Garbled` where no bay is told."""
        rows = dict(_rows(answers[LIST]))
        if not rows:
            raise Garbled(f"'{LIST}' tells no bay: nothing was concluded from it")
        details = dict(_sections(answers.get(BLADES, "")))
        about = dict(_pairs(answers.get(ENCLOSURE, "")))
        controller = answers.get(CONTROLLER, "")
        return Enclosure(
            name=about.get("enclosure name", ""),
            manufacturer="HPE",
            product_name=about.get("enclosure type", ""),
            serial=about.get("serial number", ""),
            firmware=dict(_pairs(controller)).get("firmware ver.", ""),
            macs=tuple(dict.fromkeys(macs_in(controller))),
            slots={bay: _blade(row, details.get(bay, ())) for bay, row in rows.items()},
            sensors=dict(_sensors(answers.get(TEMPERATURES, ""))),
            inputs=dict(_supplies(answers.get(SUPPLIES, ""))),
        )


def _rows(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    for line in text.splitlines():
        match = _ROW.fullmatch(line)
        if match is not None:
            yield match["bay"].upper(), match


def _blade(row: re.Match[str], details: tuple[str, ...]) -> Blade | None:
    if row["absent"]:
        return None
    about = dict(_pairs("\n".join(details)))
    own = "\n".join(line for line in details if not _FAR.search(line.partition(":")[0]))
    more: dict[str, Any] = {
        "manufacturer": about.get("manufacturer", ""),
        "product_name": about.get("product name", ""),
        "part_number": about.get("part number", ""),
        "serial": about.get("serial number", ""),
        "uuid": about.get("uuid", "").lower(),
        "name": about.get("server name", ""),
        "firmware": about.get("rom version", ""),
        "macs": tuple(dict.fromkeys(macs_in(own))),
    }
    lit = {"on": True, "blink": True, "off": False}.get(row["light"].lower())
    return Blade(power=power_of(row["power"]), health=health_of(row["status"]), lit=lit, **more)


def _sections(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The lines below each heading that names a bay. What stands below the iLO's heading is the iLO's."""
    bay, far = "", False
    lines: list[str] = []
    for line in text.splitlines():
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            if bay:
                yield bay, tuple(lines)
            bay, lines, far = heading["bay"].upper(), [], False
        elif _PAIR.fullmatch(line) is None and line.strip():
            far = _FAR.search(line) is not None
        elif not far:
            lines.append(line)
    if bay:
        yield bay, tuple(lines)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Keys and values; the first of a name counts."""
    seen: set[str] = set()
    for line in text.splitlines():
        match = _PAIR.fullmatch(line)
        if match is None:
            continue
        key = re.sub(r"\s+", " ", match["key"]).lower()
        if key not in seen:
            seen.add(key)
            yield key, told(match["value"])


def _sensors(text: str) -> Iterator[tuple[str, SensorOperation]]:
    for line in text.splitlines():
        match = _TEMPERATURE.fullmatch(line)
        if match is not None:
            health = health_of("degraded" if match["status"] in {"Warm", "Caution"} else match["status"])
            yield (
                match["name"],
                SensorOperation(kind="temperature", value=float(match["value"]), unit="C", health=health),
            )


def _supplies(text: str) -> Iterator[tuple[str, InputOperation]]:
    number = ""
    for line in text.splitlines():
        heading = _SUPPLY.match(line.strip())
        if heading is not None:
            number = heading["number"]
        elif number and (match := _PAIR.fullmatch(line)) and match["key"].lower() == "current power output":
            yield f"input-{number}", InputOperation(kind="input", name=number, watts=number_in(match["value"]))
