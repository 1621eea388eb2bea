"""The language of Dell's Chassis Management Controller: racadm.

``getmodinfo`` is a table of module, presence, power, health and service tag; servers are ``Server-1`` to ``Server-16``,
and those of half a slot have a letter behind their number. ``getmacaddress`` has a line for each server with the MACs
of its controller and of its network cards, ``getslotname`` its name. An empty slot is ``Not Present``; ``N/A`` is
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from device_profiles.operation import Health, InputOperation, SensorOperation
from drivers.enclosures.blades import Blade, Enclosure
from drivers.enclosures.values import health_of, macs_in, number_in, power_of, told
from drivers.errors import Garbled

LIST: Final = "racadm getmodinfo"
NAMES: Final = "racadm getslotname"
MACS: Final = "racadm getmacaddress"
SYSTEM: Final = "racadm getsysinfo"
SENSORS: Final = "racadm getsensorinfo"
VERSIONS: Final = "racadm getversion"

_MODULE: Final = re.compile(
    r"\s*(?P<module>\w[\w-]*?)\s+(?P<presence>Not Present|Present|Extension\(\S+\))\s+(?P<power>\S+)"
    r"\s+(?P<health>Not OK|\S+)\s+(?P<tag>\S+).*",
    re.IGNORECASE,
)
_SERVER: Final = re.compile(r"server-(?P<slot>\d+[a-d]?)", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"\s*(?:server-)?(?P<slot>\d+[a-d]?)\s{2,}(?P<name>\S.*?)(?:\s{2,}(?P<host>\S.*?))?\s*", re.IGNORECASE
)
_ADDRESSES: Final = re.compile(r"\s*server-(?P<slot>\d+[a-d]?)\s+(?P<rest>.*)", re.IGNORECASE)
_TYPED: Final = re.compile(r"(?P<type>PowerEdge ?\S+|[A-Z]\w*\d\S*)\s{2,}")
_VERSION: Final = re.compile(
    r"\s*server-(?P<slot>\d+[a-d]?)\s+(?P<version>\S+(?: \(\S+ ?\S*\))?)\s{2,}(?P<type>\S.*?)\s*", re.IGNORECASE
)
_PAIR: Final = re.compile(r"\s*(?P<key>[^=]+?)\s*=\s*(?P<value>.*)")
_FAN: Final = re.compile(r"\s*\d+\s+(?P<name>\S*fan\S*)\s+(?P<status>\S+)\s+(?P<value>\d+)\s+rpm\b.*", re.IGNORECASE)
_WARM: Final = re.compile(
    r"\s*\d+\s+(?P<name>\S*temp\S*)\s+(?P<status>\S+)\s+(?P<value>\d+)\s+celsius\b.*", re.IGNORECASE
)


class DellCmc:
    """See :class:`drivers.vendors.blade_enclosure.driver.Language`."""

    LIST: ClassVar[str] = LIST
    MORE: ClassVar[tuple[str, ...]] = (NAMES, MACS, SYSTEM, SENSORS, VERSIONS)

    @staticmethod
    def read(answers: Mapping[str, str]) -> Enclosure:
        """The enclosure. Raises :class:`~drivers.errors.Garbled` where no server's slot is told."""
        modules = list(_matches(_MODULE, answers[LIST]))
        servers = {found["slot"].lower(): row for row in modules if (found := _SERVER.fullmatch(row["module"]))}
        if not servers:
            raise Garbled(f"'{LIST}' tells no slot of a server: nothing was concluded from it")
        chassis = next((row for row in modules if row["module"].lower() == "chassis"), None)
        about = dict(_pairs(answers.get(SYSTEM, "")))
        return Enclosure(
            name=about.get("chassis name", "") or about.get("cmc dns name", "") or about.get("dns cmc name", ""),
            manufacturer="Dell",
            product_name=about.get("system model", ""),
            serial=about.get("service tag", "") or (told(chassis["tag"]) if chassis is not None else ""),
            firmware=about.get("primary cmc version", "") or about.get("firmware version", ""),
            macs=tuple(
                dict.fromkeys(macs_in(about.get("mac address", "") + " " + about.get("current mac address", "")))
            ),
            health=health_of(chassis["health"]) if chassis is not None else None,
            slots={slot: _blade(slot, row, answers) for slot, row in servers.items()},
            sensors=dict(_sensors(answers.get(SENSORS, ""))),
            inputs=dict(_supplies(modules)),
        )


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return (match for line in text.splitlines() if (match := pattern.fullmatch(line)) is not None)


def _blade(slot: str, row: re.Match[str], answers: Mapping[str, str]) -> Blade | None:
    if row["presence"].lower() != "present":
        return None
    named = next((each for each in _matches(_NAMED, answers.get(NAMES, "")) if each["slot"].lower() == slot), None)
    rest = next(
        (each["rest"] for each in _matches(_ADDRESSES, answers.get(MACS, "")) if each["slot"].lower() == slot), ""
    )
    version = next(
        (each for each in _matches(_VERSION, answers.get(VERSIONS, "")) if each["slot"].lower() == slot), None
    )
    typed = _TYPED.match(rest)
    # The first MAC of a line is that of the blade's own controller, which its host does not have.
    macs = list(dict.fromkeys(macs_in(rest)))
    return Blade(
        power=power_of(row["power"]),
        manufacturer="Dell",
        product_name=told(typed["type"] if typed else version["type"] if version else ""),
        serial=told(row["tag"]),
        name=told(named["host"] if named is not None and named["host"] else ""),
        macs=tuple(macs[1:]),
        firmware=told(version["version"] if version is not None else ""),
        health=health_of(row["health"]),
    )


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Keys and values; the first of a name counts."""
    seen: set[str] = set()
    for match in _matches(_PAIR, text):
        key = match["key"].lower()
        if key not in seen:
            seen.add(key)
            yield key, told(match["value"])


def _sensors(text: str) -> Iterator[tuple[str, SensorOperation]]:
    for match in _matches(_FAN, text):
        health: Health | None = health_of(match["status"])
        yield match["name"], SensorOperation(kind="fan", value=number_in(match["value"]), unit="RPM", health=health)
    for match in _matches(_WARM, text):
        health = health_of(match["status"])
        yield (
            match["name"],
            SensorOperation(kind="temperature", value=number_in(match["value"]), unit="C", health=health),
        )


def _supplies(modules: list[re.Match[str]]) -> Iterator[tuple[str, InputOperation]]:
    """Power supplies that are there; what each gives is not told in this table."""
    for row in modules:
        kind, _, number = row["module"].partition("-")
        if kind.lower() == "ps" and row["presence"].lower() == "present":
            yield f"input-{number}", InputOperation(kind="input", name=number)
