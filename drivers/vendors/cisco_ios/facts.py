"""What the switch is, in ohai's words, from ``show version``, ``show inventory`` and its configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.names import printable
from device_profiles.operation import PortOperation
from device_profiles.state import State
from drivers.vendors.cisco_ios.dialect import Dialect
from drivers.vendors.cisco_ios.operating import colons

_VERSIONS: Final = (
    r"Software image version: *(\S+)",  # EOS
    r"(?m)^ *(?:NXOS|system): +version +(\S+)",  # NX-OS
    r"(?m)^Cisco IOS Software\b.*, Version ([^\s,]+)",  # IOS, and the second line of IOS XE
    r"\bVersion ([^\s,]+)",
)
_MODELS: Final = (
    r"(?m)^Arista (\S+)",
    r"(?m)^Model [Nn]umber\s*: *(\S+)",
    r"(?m)^ *cisco (Nexus ?\S* ?\S*) [Cc]hassis",
    r"(?m)^ *cisco (N\dK-\S+)",
    r"(?m)^[Cc]isco (\S+) \(.*\) processor",
    r"(?m)^[Cc]isco (\S+) \(revision",
)
_SERIALS: Final = (
    r"(?m)^System [Ss]erial [Nn]umber\s*: *([^\s,]+)",
    r"(?m)^Serial number: *([^\s,]+)",
    r"(?im)^ *Processor board ID ([^\s,]+)",
)
_MACS: Final = (r"(?im)^(?:Base ethernet MAC Address|System MAC address)\s*: *(\S+)",)
_HOSTS: Final = (r"(?m)^ *Device name: *(\S+)", r"(?m)^(?!Kernel)(\S+) uptime is ")
_UPTIME: Final = re.compile(r"(?im)^(?:\S+ uptime is|Kernel uptime is|Uptime:) *(.+)$")
_SPAN: Final = re.compile(r"(\d+) (year|week|day|hour|minute|second)")
_SECONDS: Final = {"year": 31_536_000, "week": 604_800, "day": 86_400, "hour": 3600, "minute": 60, "second": 1}
_PART: Final = re.compile(
    r'NAME: "?(?P<name>[^"\n]*?)"?, +DESCR: "?(?P<text>[^"\n]*?)"?\s*\n'
    r"PID: *(?P<model>[^,\n]*?) *, *VID: *(?P<version>[^,\n]*?) *, *SN: *(?P<serial>\S*)"
)
_NAME: Final = re.compile(r"^(.*?)(\d[\d/.]*)?$")


def parse(version: str, inventory: str, dialect: Dialect, *, host: str, domain: str = "") -> dict[str, Any]:
    """Facts from the answers to ``show version`` and ``show inventory``; ``host`` is what the prompt shows."""
    parts = [match.groupdict() for match in _PART.finditer(inventory)]
    name = _first(_HOSTS, version) or host
    serials = _all(_SERIALS, version) or [part["serial"] for part in parts[:1] if part["serial"]]
    model = _first(_MODELS, version) or next((part["model"] for part in parts if part["model"]), "")
    found: dict[str, Any] = {
        "schema": FACTS_SCHEMA,
        "platform": dialect.quirks.platform,
        "platform_version": _first(_VERSIONS, version),
        "hostname": name.partition(".")[0],
        "fqdn": f"{name}.{domain}" if domain and "." not in name else name,
        "dmi": {
            "system": {
                "manufacturer": dialect.quirks.manufacturer,
                "product_name": model,
                "serial_number": serials[0] if serials else "",
            }
        },
    }
    if serials[1:]:
        found["chassis"] = {"members": [{"serial_number": serial} for serial in serials]}
    if macs := _all(_MACS, version):
        found["macaddress"] = colons(macs[0])
    if (uptime := _UPTIME.search(version)) is not None:
        found["uptime_seconds"] = sum(int(number) * _SECONDS[unit] for number, unit in _SPAN.findall(uptime[1]))
    if parts:
        found["inventory"] = [{word: printable(text) for word, text in part.items()} for part in parts]
    return found


def interfaces(state: State, operating: Mapping[str, PortOperation]) -> dict[str, Any]:
    """The fact ``network.interfaces``."""
    found: dict[str, Any] = {}
    for name, port in state.ports.items():
        kind, number = _NAME.match(name).groups()  # type: ignore[union-attr]  # the pattern matches any text
        shown = operating.get(name, PortOperation())
        found[name] = {
            "state": "up" if shown.oper_up else "down",
            "type": kind,
            "number": number or "",
            "encapsulation": "Ethernet",
            "addresses": {},
            **({"mtu": str(port.mtu)} if port.mtu is not None else {}),
        }
    return found


def _first(patterns: Iterable[str], text: str) -> str:
    for pattern in patterns:
        match = re.search(pattern, text)
        if match is not None:
            return printable(match[1].strip())
    return ""


def _all(patterns: Iterable[str], text: str) -> list[str]:
    """What the first pattern that matches anything finds, each once."""
    for pattern in patterns:
        found = [printable(each) for each in re.findall(pattern, text)]
        if found:
            return list(dict.fromkeys(found))
    return []
