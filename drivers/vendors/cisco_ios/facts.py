"""What the switch is, in ohai's words, from ``show version``, ``show inventory`` and its configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.names import printable
from drivers.switching.describing import first, seconds
from drivers.switching.operating import colons
from drivers.vendors.cisco_ios.dialect import Dialect

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
_PART: Final = re.compile(
    r'NAME: "?(?P<name>[^"\n]*?)"?, +DESCR: "?(?P<text>[^"\n]*?)"?\s*\n'
    r"PID: *(?P<model>[^,\n]*?) *, *VID: *(?P<version>[^,\n]*?) *, *SN: *(?P<serial>\S*)"
)


def parse(version: str, inventory: str, dialect: Dialect, *, host: str, domain: str = "") -> dict[str, Any]:
    """Facts from the answers to ``show version`` and ``show inventory``; ``host`` is what the prompt shows."""
    parts = [match.groupdict() for match in _PART.finditer(inventory)]
    name = first(_HOSTS, version) or host
    serials = _all(_SERIALS, version) or [part["serial"] for part in parts[:1] if part["serial"]]
    model = first(_MODELS, version) or next((part["model"] for part in parts if part["model"]), "")
    found: dict[str, Any] = {
        "schema": FACTS_SCHEMA,
        "platform": dialect.quirks.platform,
        "platform_version": first(_VERSIONS, version),
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
        found["uptime_seconds"] = seconds(uptime[1])
    if parts:
        found["inventory"] = [{word: printable(text) for word, text in part.items()} for part in parts]
    return found


def _all(patterns: Iterable[str], text: str) -> list[str]:
    """What the first pattern that matches anything finds, each once."""
    for pattern in patterns:
        found = [printable(each) for each in re.findall(pattern, text)]
        if found:
            return list(dict.fromkeys(found))
    return []
