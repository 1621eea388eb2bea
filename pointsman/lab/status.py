"""What is there and how it does, one entry per device."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pointsman.lab import blades, counters, layout, processes, secure_shells
from pointsman.lab.rig import BOX, Rig
from pointsman.lab.state import Recorded


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One device. `writes` is None where nothing is counted, `cable` where nothing can be plugged elsewhere."""

    name: str
    kind: str
    profile: str
    access: tuple[str, ...]
    serial: str | None
    host_key: str | None
    netns: str
    up: bool
    writes: int | None
    cable: str | None


def status(rig: Rig) -> list[DeviceStatus]:
    """All devices of the lab. Raises LabError if there is no such lab."""
    state = rig.state.read()
    with ThreadPoolExecutor(len(layout.DEVICES)) as pool:
        return list(pool.map(lambda device: _of(rig, device, state.processes, state.cables), layout.DEVICES))


def _of(rig: Rig, device: layout.Device, recorded: dict[str, Recorded], cables: dict[str, str]) -> DeviceStatus:
    is_up = _is_up(rig, device, recorded)
    has_key = (rig.folder(device.name) / "hostkey.pub").exists()
    return DeviceStatus(
        name=device.name,
        kind=device.kind,
        profile=device.profile,
        access=device.access,
        serial=device.serial if device.access and device.serial not in device.access else None,
        host_key=secure_shells.host_key(rig, device.name) if has_key else None,
        netns=rig.netns(device.place),
        up=is_up,
        writes=counters.count(rig, device.name) if is_up else None,
        cable=cables.get(device.name),
    )


def _is_up(rig: Rig, device: layout.Device, recorded: dict[str, Recorded]) -> bool:
    """A device is up while everything that was started for it runs; a blade while it is switched on."""
    if device.name in layout.BLADES.values():
        return blades.runs(rig, device.name)
    daemons = {
        key.partition("/")[2]: process for key, process in recorded.items() if key.partition("/")[0] == device.place
    }
    return len(daemons) > 1 and BOX in daemons and all(processes.alive(process) for process in daemons.values())
