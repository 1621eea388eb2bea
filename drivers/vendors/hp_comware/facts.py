"""What the switch is, in ohai's words, from its version and its inventory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from device_profiles.facts import FACTS_SCHEMA
from device_profiles.names import printable
from drivers.errors import Garbled
from drivers.switching.describing import first, seconds
from drivers.switching.operating import colons
from drivers.vendors.hp_comware.dialect import Dialect

_VERSIONS: Final = (
    r"VRP \(R\) [Ss]oftware, Version (\S+(?: +\([^)]+\))?)",
    r"(?im)Comware(?: Platform)? Software,? +(?:Comware Software, )?Version +([^\n]+?)\s*$",
    r"(?im)^.*\bVersion +([\d.]+[^\n]*?)\s*$",
)
_MODELS: Final = (
    r"(?m)^(?:HUAWEI|Huawei|Quidway) (\S+)(?: .*)? uptime is ",
    r"(?m)^(?:HPE?|H3C|3Com|HP Enterprise)? ?(\S.*?)(?: Switch| Product)?(?: with [^\n]*)? uptime is ",
)
_UPTIME: Final = re.compile(r"uptime is (.+)")
_PLACE: Final = re.compile(r"(?i)^\s*((?:chassis|slot|subslot|fan|power|cpu)\b[^:\n]*):?\s*$")
_FIELD: Final = re.compile(r"^\s*(?P<word>[A-Z][A-Za-z_ ]*?)\s*[:=]\s*(?P<value>.*?)\s*$")
_WORDS: Final = {
    "DEVICE_NAME": "model",
    "DEVICE_SERIAL_NUMBER": "serial",
    "MANU SERIAL NUMBER": "serial",
    "MAC_ADDRESS": "mac",
    "VENDOR_NAME": "vendor",
}
# display device manufacture-info (VRP): slot, sub-slot, model, serial number, date of manufacture.
_ROW: Final = re.compile(r"(?m)^\s*(\d+)\s+(\S+)\s+(\S+)\s+([A-Z0-9]{8,})\s+(\d{4}-\d{2}-\d{2})\s*$")
_WHOLE: Final = re.compile(r"(?i)(chassis|slot \d+ cpu|slot \d+|)\b[^a-z]*\Z")


def parse(version: str, inventory: str, dialect: Dialect, *, host: str) -> dict[str, Any]:
    """Facts; ``host`` is what the prompt shows. Raises ``Garbled`` where no version is told."""
    release = first(_VERSIONS, version)
    if not release:
        raise Garbled(f"'{dialect.commands.version}' tells no version: nothing was concluded from it")
    parts = [*_parts(inventory), *_rows(inventory)]
    serials = [part["serial"] for part in parts if part.get("serial") and _WHOLE.match(part["name"])]
    model = next((part["model"] for part in parts if part.get("model")), "") or first(_MODELS, version)
    found: dict[str, Any] = {
        "schema": FACTS_SCHEMA,
        "platform": dialect.quirks.platform,
        "platform_version": release,
        "hostname": host.partition(".")[0],
        "fqdn": host,
        "dmi": {
            "system": {
                "manufacturer": dialect.quirks.manufacturer,
                "product_name": model,
                "serial_number": serials[0] if serials else "",
            }
        },
    }
    if len(set(serials)) > 1:
        found["chassis"] = {"members": [{"serial_number": serial} for serial in dict.fromkeys(serials)]}
    if mac := next((part["mac"] for part in parts if part.get("mac")), ""):
        found["macaddress"] = colons(mac)
    if (uptime := _UPTIME.search(version)) is not None:
        found["uptime_seconds"] = seconds(uptime[1])
    if parts:
        found["inventory"] = parts
    return found


def _parts(text: str) -> Iterator[dict[str, str]]:
    """The parts of ``display device manuinfo``: a line that names a place, and fields below it."""
    part: dict[str, str] = {"name": ""}
    for line in text.splitlines():
        field = _FIELD.match(line)
        if field is not None and field["word"] in _WORDS:
            part.setdefault(_WORDS[field["word"]], printable(field["value"]))
        elif place := _PLACE.match(line):
            if len(part) > 1:
                yield part
            part = {"name": printable(place[1].strip())}
    if len(part) > 1:
        yield part


def _rows(text: str) -> Iterator[dict[str, str]]:
    for slot, _, model, serial, _ in _ROW.findall(text):
        yield {"name": f"Slot {slot}", "model": printable(model), "serial": printable(serial)}
