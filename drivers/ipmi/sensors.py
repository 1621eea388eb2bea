"""Readings of sensors: values in the units of :mod:`device_profiles.operation`, and how well each is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal

from device_profiles.operation import Health, SensorOperation
from drivers.errors import Garbled
from drivers.ipmi.messages import Commanded, NetFn, Request, try_to_ask
from drivers.ipmi.sdr import Sensor

Kind = Literal["temperature", "fan", "voltage", "current", "power", "other"]
_BMC: Final = 0x20
_KINDS: Final[Mapping[int, Kind]] = {1: "temperature", 2: "voltage", 3: "current", 4: "fan"}
_UNITS: Final[Mapping[int, tuple[str, Callable[[float], float]]]] = {
    1: ("C", lambda value: value),
    2: ("C", lambda value: (value - 32) / 1.8),
    3: ("C", lambda value: value - 273.15),
    4: ("V", lambda value: value),
    5: ("A", lambda value: value),
    6: ("W", lambda value: value),
    18: ("RPM", lambda value: value),
}
"""Units by their number (table 43-15), and how a value becomes one of ours."""
_WATTS: Final = 6
_SCANNING, _UNAVAILABLE = 0x40, 0x20
_CRITICAL: Final = 0b00110110
_WARNING: Final = 0b00001001
"""Threshold comparisons (section 35.14): beyond critical or non-recoverable; beyond non-critical."""
_DIGITS: Final = 3


async def read_sensors(bmc: Commanded, sensors: Iterable[Sensor], *, slot: str) -> dict[str, SensorOperation]:
    """All sensors of the controller itself, by name. Raises :class:`~drivers.errors.DeviceError`."""
    found: dict[str, SensorOperation] = {}
    for sensor in sensors:
        if sensor.owner != _BMC or sensor.lun:
            continue  # behind another controller
        request = Request(NetFn.SENSOR, 0x2D, bytes((sensor.number,)), doing=f"reading the sensor {sensor.name}")
        data = await try_to_ask(bmc, request, least=2)
        name = sensor.name if sensor.name not in found else f"{sensor.name} #{sensor.number}"
        found[name] = _operation(sensor, data, slot)
    return found


def _operation(sensor: Sensor, data: bytes | None, slot: str) -> SensorOperation:
    unit, convert = _UNITS.get(sensor.unit, ("", lambda value: value))
    if sensor.is_percent:
        unit = "%"
    kind: Kind = "power" if sensor.unit == _WATTS else _KINDS.get(sensor.type, "other")
    if data is None or not data[1] & _SCANNING or data[1] & _UNAVAILABLE:
        return SensorOperation(kind=kind, unit=unit, slot=slot)
    try:
        value = round(convert(sensor.value(data[0])), _DIGITS)
    except Garbled:
        return SensorOperation(kind=kind, unit=unit, slot=slot)
    return SensorOperation(kind=kind, value=value, unit=unit, health=_health(data), slot=slot)


def _health(data: bytes) -> Health | None:
    if len(data) < 3:
        return None
    return "critical" if data[2] & _CRITICAL else "warning" if data[2] & _WARNING else "ok"
