"""One lab as an object: what tests, the demo and the command line use."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pointsman.lab import (
    blades,
    cables,
    down,
    layout,
    neighbours,
    network,
    programs,
    san,
    secure_shells,
    status,
    switches,
    up,
)
from pointsman.lab.errors import LabError
from pointsman.lab.rig import Progress, Rig
from pointsman.lab.state import ROOT, operation
from pointsman.lab.status import DeviceStatus


def _silent(_: str) -> None:
    """Progress for nobody."""


class Lab:
    """A lab that is up, or was. All calls block; from a coroutine use `asyncio.to_thread`."""

    def __init__(self, name: str = layout.DEFAULT_NAME, *, root: Path = ROOT) -> None:
        _check_name(name)
        self._rig = Rig(name, root=root)

    @classmethod
    def up(cls, name: str = layout.DEFAULT_NAME, *, progress: Progress = _silent, root: Path = ROOT) -> "Lab":
        """Bring a lab up; returns when everything in it answers. `progress` gets one sentence per step.

        Raises LabError if it is up already, if a part does not answer, or if this machine cannot make it; nothing of
        a lab that failed stays.
        """
        lab = cls(name, root=root)
        up.up(lab._rig, progress=progress)
        return lab

    @property
    def name(self) -> str:
        """The lab's name."""
        return self._rig.name

    @property
    def directory(self) -> Path:
        """The one folder that holds the lab's files."""
        return self._rig.directory

    @property
    def key_path(self) -> Path:
        """The private SSH key that the switches and the array accept for root."""
        return self._rig.key_path

    @property
    def host_keys(self) -> dict[str, str]:
        """SSH host key fingerprints (`SHA256:...`) by device."""
        shells = ("sw1", "sw2", "san")
        return {name: secure_shells.host_key(self._rig, name) for name in shells}

    def down(self, *, progress: Progress = _silent) -> bool:
        """Remove the lab, whole or half; False if there was none."""
        return down.down(self._rig, progress=progress)

    def status(self) -> list[DeviceStatus]:
        """All devices with their state and write counters."""
        return status.status(self._rig)

    def writes(self, device: str) -> int:
        """A device's write counter. Raises LabError if it has none, or is not up."""
        found = next((each for each in self.status() if each.name == device), None)
        if found is None or found.writes is None:
            raise LabError(f"{device} has no write counter, or is not up")
        return found.writes

    def cable(self, device: str, port: str) -> None:
        """Plug a device's eth0 into another switch port ("sw2:p5")."""
        with operation(self.directory):
            cables.move(self._rig, device, port)

    def run(self, device: str, argv: Sequence[str], *, timeout_s: float = 20.0, check: bool = False) -> programs.Done:
        """Run a command on a device: in its namespace, under its host name, with its own /run."""
        return self._rig.run(device, argv, timeout_s=timeout_s, check=check)

    def argv(self, device: str, argv: Sequence[str]) -> list[str]:
        """The command that does the same, for a process that the caller starts (`mgmt` is a device here, too)."""
        return self._rig.argv(device, argv)

    def namespace(self, device: str) -> str:
        """The name of the network namespace in which a device lives ("pm-sw1"); "mgmt" is the manager's."""
        found = layout.device(device)
        return self._rig.netns(found.place if found else device)

    def namespace_path(self, device: str) -> Path:
        """The file that stands for that namespace, for setns(2); see `pointsman.lab.reach`."""
        return network.namespace_path(self.namespace(device))

    def neighbours(self, device: str) -> dict[str, list[tuple[str, str]]]:
        """What a device sees by LLDP just now: {port: [(neighbour, its port), ...]}."""
        return neighbours.seen(self._rig, device)

    def boots(self, blade: str) -> list[str]:
        """The devices that a blade has booted from since the lab came up ("disk", "pxe", ...), one entry per boot."""
        return blades.boots(self._rig, blade)

    def restart(self, device: str) -> None:
        """Stop a switch's daemons and start them again on the same database; the array's then knows nothing more."""
        with operation(self.directory):
            if device == layout.ARRAY:
                san.restart(self._rig, device)
                return
            _check_switch(device)
            switches.restart(self._rig, device)

    def wipe(self, switch: str) -> None:
        """Replace a switch's database by a new one with the factory's settings."""
        _check_switch(switch)
        with operation(self.directory):
            switches.wipe(self._rig, switch)

    def reset(self) -> None:
        """Wipe both switches and put every cable back where it was; the write counters go on from where they are."""
        with operation(self.directory):
            cables.put_back(self._rig)
            with ThreadPoolExecutor(len(layout.SWITCHES)) as pool:
                list(pool.map(lambda switch: switches.wipe(self._rig, switch), layout.SWITCHES))


def _check_name(name: str) -> None:
    """Names become part of namespace names, of paths and, with a device behind, of interface names."""
    if not (name.isascii() and name.isalnum() and name[0].isalpha() and len(name) <= 24):
        raise LabError(f"{name!r} is no name for a lab: letters and digits, a letter first, at most 24")


def _check_switch(name: str) -> None:
    if name not in layout.SWITCHES:
        raise LabError(f"{name} is no switch that can do this: these are: {', '.join(layout.SWITCHES)}")
