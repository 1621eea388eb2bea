"""The document as an enclosure (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree as ET

from device_profiles.operation import InputOperation, SensorOperation
from drivers.enclosures.blades import Blade, Enclosure
from drivers.enclosures.values import health_of, macs_in, number_in, power_of, told
from drivers.errors import Garbled

PATH: Final = "/xmldata?item=All"
_ETHERNET: Final = "INTERCONNECT_TYPE_ETH"


def parse(body: bytes) -> Enclosure:
    """What the document says. Raises :class:`~drivers.errors.Garbled`."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Garbled(f"{PATH}: the answer declares entities, which no controller does: it was not read")
    try:
        root = ET.fromstring(body.strip())  # noqa: S314 -- without a DOCTYPE there is nothing to expand
    except ET.ParseError as error:
        raise Garbled(f"{PATH}: the answer is no XML: {error}") from None
    around = root.find("INFRA2")
    if around is None:
        raise Garbled(f"{PATH}: the answer tells of no enclosure (is it that of a single server's iLO?)")
    return _enclosure(root, around)


def _enclosure(root: ET.Element, around: ET.Element) -> Enclosure:
    managers = around.findall("MANAGERS/MANAGER")
    blades = {_bay(each): each for each in around.findall("BLADES/BLADE") if _bay(each)}
    bays = [bay.get("NAME", "") for bay in around.findall("BLADES/BAYS/BAY")]
    return Enclosure(
        name=_text(around, "ENCL"),
        manufacturer="HPE",
        product_name=_text(around, "PN"),
        serial=_text(around, "ENCL_SN"),
        uuid=_text(around, "UUID").lower(),
        firmware=_text(root, "MP/FWRI"),
        macs=tuple(dict.fromkeys(mac for each in managers for mac in macs_in(_text(each, "MACADDR")))),
        health=health_of(_text(around, "STATUS")),
        slots={bay: _blade(blades.get(bay)) for bay in dict.fromkeys((*bays, *blades)) if bay},
        sensors=dict(_sensors(around)),
        inputs=dict(_inputs(around)),
    )


def _blade(blade: ET.Element | None) -> Blade | None:
    if blade is None:
        return None
    lit = {"ON": True, "BLINK": True, "OFF": False}.get(_text(blade, "UIDSTATUS").upper())
    return Blade(
        power=power_of(_text(blade, "POWER/POWERSTATE")),
        manufacturer=_text(blade, "MANUFACTURER"),
        product_name=_text(blade, "SPN"),
        part_number=_text(blade, "PN"),
        serial=_text(blade, "BSN"),
        uuid=_text(blade, "cUUID").lower(),
        name=_text(blade, "NAME"),
        macs=tuple(dict.fromkeys(_macs(blade))),
        firmware=_text(blade, "BLADEROMVER"),
        health=health_of(_text(blade, "STATUS")),
        lit=lit,
        watts=number_in(_text(blade, "POWER/POWER_CONSUMED")),
    )


def _macs(blade: ET.Element) -> Iterator[str]:
    """Of the ports of its cards that are Ethernet's: the address by which the card itself is known."""
    for port in blade.findall("PORTMAP/MEZZ/DEVICE/PORT"):
        if _text(port, "TYPE") == _ETHERNET:
            yield from macs_in(_text(port, "WWPN"))


def _sensors(around: ET.Element) -> Iterator[tuple[str, SensorOperation]]:
    for blade in around.findall("BLADES/BLADE"):
        bay = _bay(blade)
        for each in blade.findall("TEMPS/TEMP"):
            name = f"blade {bay} {_text(each, 'DESC').lower()}"
            yield name, SensorOperation(kind="temperature", value=_number(each, "C"), unit="C", slot=bay or None)
    for each in around.findall("TEMPS/TEMP"):
        name = f"enclosure {_text(each, 'DESC').lower()}"
        yield name, SensorOperation(kind="temperature", value=_number(each, "C"), unit="C")
    for each in around.findall("FANS/FAN"):
        health = health_of(_text(each, "STATUS"))
        yield (
            f"fan {_bay(each)}",
            SensorOperation(kind="fan", value=_number(each, "RPM_CUR"), unit="RPM", health=health),
        )


def _inputs(around: ET.Element) -> Iterator[tuple[str, InputOperation]]:
    yield "unit-1", InputOperation(kind="unit", name="enclosure", watts=_number(around, "POWER/POWER_CONSUMED"))
    for each in around.findall("POWER/POWERSUPPLY"):
        yield f"input-{_bay(each)}", InputOperation(kind="input", name=_bay(each), watts=_number(each, "ACTUALOUTPUT"))


def _bay(element: ET.Element) -> str:
    return _text(element, "BAY/CONNECTION")


def _text(element: ET.Element, path: str) -> str:
    return told(element.findtext(path))


def _number(element: ET.Element, path: str) -> float | None:
    return number_in(element.findtext(path))
