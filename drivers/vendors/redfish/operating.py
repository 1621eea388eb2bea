"""What slots and sensors are doing.

Sensors come from the newer ``Sensors`` collection where it is offered whole, else from ``Thermal`` and ``Power``, else
from ``Sensors`` one by one, else from the metrics of the newer subsystems (DSP2046; DSP2064 says which replaces which).
A sensor is named by its ``Name``, of an enclosure's chassis with its Id before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from device_profiles.operation import Health, SensorOperation, SlotOperation
from drivers.redfish.commands import power_of
from drivers.redfish.documents import is_absent, number, objects, own, pointed, same, text
from drivers.redfish.service import Service, gathered
from drivers.rest.session import Document
from drivers.vendors.redfish.machines import Machine
from drivers.vendors.redfish.quirks import Quirks
from drivers.vendors.redfish.seeing import Seen

SensorKind = Literal["temperature", "fan", "voltage", "current", "power", "other"]
Named = tuple[str, SensorOperation]

_HEALTH: Final[Mapping[str, Health]] = {"OK": "ok", "Warning": "warning", "Critical": "critical"}
_UNITS: Final[Mapping[str, tuple[SensorKind, str]]] = {
    "Cel": ("temperature", "C"),
    "RPM": ("fan", "RPM"),
    "{rev}/min": ("fan", "RPM"),
    "V": ("voltage", "V"),
    "A": ("current", "A"),
    "W": ("power", "W"),
    "%": ("other", "%"),
}
_TYPES: Final[Mapping[str, tuple[SensorKind, str]]] = {
    "Temperature": ("temperature", "C"),
    "Rotational": ("fan", "RPM"),
    "Voltage": ("voltage", "V"),
    "Current": ("current", "A"),
    "Power": ("power", "W"),
    "Percent": ("other", "%"),
}
_THERMAL: Final = (("Temperatures", "ReadingCelsius", "temperature", "C"), ("Fans", "Reading", "fan", "RPM"))
_POWER: Final = (
    ("Voltages", "ReadingVolts", "voltage", "V"),
    ("PowerControl", "PowerConsumedWatts", "power", "W"),
    ("PowerSupplies", "PowerInputWatts", "power", "W"),
)


def health_of(document: Document | None) -> Health | None:
    """How well a resource says that it is."""
    return _HEALTH.get(text(document, "Status", "HealthRollup") or text(document, "Status", "Health"))


class Measures:
    """Readings of all chassis, and what each chassis draws."""

    def __init__(self, service: Service, seen: Seen) -> None:
        self._service = service
        self._seen = seen
        self._slots = {
            same(own(machine.chassis)): name for name, machine in seen.machines.items() if machine.chassis is not None
        }
        self.sensors: dict[str, SensorOperation] = {}
        self.watts: dict[str, float] = {}

    async def read(self) -> None:
        """Read them all. Raises ``DeviceError``."""
        present = [each for each in self._seen.chassis if not is_absent(each)]
        for chassis, found in zip(present, await gathered(present, self._of), strict=True):
            place = same(own(chassis))
            prefix = f"{text(chassis, 'Id')}/" if len(self._seen.chassis) > 1 else ""
            for name, sensor in found:
                self._add(prefix + name, sensor, self._slots.get(place))
            watts = [each.value for _, each in found if each.kind == "power" and each.value is not None]
            if watts:
                self.watts[place] = watts[0]

    def _add(self, name: str, sensor: SensorOperation, slot: str | None) -> None:
        unused, place = name, 2
        while unused in self.sensors:
            unused, place = f"{name} {place}", place + 1
        self.sensors[unused] = SensorOperation(
            kind=sensor.kind, value=sensor.value, unit=sensor.unit, health=sensor.health, slot=slot
        )

    async def _of(self, chassis: Document) -> list[Named]:
        service = self._service
        whole = await service.collection(chassis, "Sensors") if service.expands else ()
        if found := sorted(_sensors(whole), key=_total_first):
            return found
        thermal, power = await service.linked(chassis, "Thermal"), await service.linked(chassis, "Power")
        found = [*_listed(power, _POWER), *_listed(thermal, _THERMAL)]
        if found:
            return found
        found = sorted(_sensors(await service.collection(chassis, "Sensors")), key=_total_first)
        return found or [*_metrics(await service.linked(chassis, "EnvironmentMetrics"))]

    def of(self, machine: Machine) -> float | None:
        """What a machine draws, in W."""
        return None if machine.chassis is None else self.watts.get(same(own(machine.chassis)))


def _total_first(named: Named) -> bool:
    """The sensor of all that is drawn stands before those of its parts."""
    return not (named[1].kind == "power" and "total" in named[0].lower())


def _sensors(documents: tuple[Document, ...]) -> Iterator[Named]:
    for each in documents:
        kind, unit = _UNITS.get(text(each, "ReadingUnits")) or _TYPES.get(text(each, "ReadingType")) or ("other", "")
        if unit == "%" and "fan" in text(each, "Name").lower():
            kind = "fan"
        yield from _sensor(each, number(each, "Reading"), kind, unit or text(each, "ReadingUnits"))


def _listed(document: Document | None, lists: tuple[tuple[str, str, str, str], ...]) -> Iterator[Named]:
    for name, reading, kind, unit in lists:
        for each in objects(document, name):
            found: Any = kind
            percent = kind == "fan" and text(each, "ReadingUnits") == "Percent"
            value = number(each, reading)
            if value is None and name == "PowerSupplies":
                value = number(each, "LastPowerOutputWatts")
            yield from _sensor(each, value, found, "%" if percent else unit, nameless=name)


def _sensor(each: Document, value: float | None, kind: SensorKind, unit: str, *, nameless: str = "") -> Iterator[Named]:
    """A sensor; one of something that is not there is none, and one that is disabled gives no value."""
    name = text(each, "Name") or text(each, "FanName") or nameless or text(each, "MemberId") or text(each, "Id")
    state = text(each, "Status", "State")
    if not name or state == "Absent":
        return
    if state and state not in ("Enabled", "StandbyOffline", "StandbySpare", "InTest", "Starting"):
        value = None
    yield name, SensorOperation(kind=kind, value=value, unit=unit, health=health_of(each))


def _metrics(metrics: Document | None) -> Iterator[Named]:
    for name, kind, unit in (("PowerWatts", "power", "W"), ("TemperatureCelsius", "temperature", "C")):
        value = number(metrics, name, "Reading")
        found: Any = kind
        if value is not None:
            yield name, SensorOperation(kind=found, value=value, unit=unit)
    for fan in objects(metrics, "FanSpeedsPercent"):
        label = text(fan, "DeviceName") or "fan"
        rpm, percent = number(fan, "SpeedRPM"), number(fan, "Reading")
        value, unit = (percent, "%") if rpm is None else (rpm, "RPM")
        yield label, SensorOperation(kind="fan", value=value, unit=unit)


def slot_operation(machine: Machine, quirks: Quirks, *, watts: float | None) -> SlotOperation:
    """One slot as it runs."""
    if not machine.present:
        return SlotOperation(present=False)
    power = power_of(machine.document) or power_of(machine.chassis)
    return SlotOperation(
        present=True,
        on=None if power is None else power == "on",
        posted=_posted(machine, quirks, on=power == "on"),
        health=health_of(machine.document),
        watts=watts,
    )


def _posted(machine: Machine, quirks: Quirks, *, on: bool) -> bool | None:
    shown = pointed(machine.system, quirks.posted_at)
    if not isinstance(shown, str):
        return None
    return on and shown in quirks.posted_as
