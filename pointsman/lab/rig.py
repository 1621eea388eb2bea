"""The rig: one lab's folder, state and boxes, as every part of the lab handles them.

A part (switches, hosts, blades, ...) is a module with plain functions over a Rig. What the rig offers them is small:
where a device's files are, start a process in a device's box so that it is recorded, run a command there.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pointsman.lab import boxes, network, processes, programs, waiting
from pointsman.lab.errors import LabError
from pointsman.lab.layout import MGMT
from pointsman.lab.state import ROOT, Recorded, StateFile

_PACKAGE_ROOT = Path(__file__).resolve().parents[2]

Progress = Callable[[str], None]

BOX = "box"


def python_environment() -> dict[str, str]:
    """What a Python process of the lab needs to find this very package, wherever it was installed."""
    return {"PYTHONPATH": str(_PACKAGE_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


class Rig:
    """One lab by name; it does not have to exist yet."""

    def __init__(self, name: str, *, root: Path = ROOT) -> None:
        self.name = name
        self.root = root
        self.directory = root / name
        self.state = StateFile(self.directory)

    def netns(self, place: str) -> str:
        """The name of the network namespace of a device or place."""
        return f"{self.name}-{place}"

    def netns_path(self, place: str) -> Path:
        """The file that stands for it."""
        return network.namespace_path(self.netns(place))

    def folder(self, device: str) -> Path:
        """Where the files of a device are."""
        return self.directory / device

    @property
    def key_path(self) -> Path:
        """The private key that the lab's SSH servers accept."""
        return self.directory / "lab.key"

    def open_box(self, place: str, *, wrappers: Mapping[str, str] | None = None) -> None:
        """Make the box of a device: its folder, the counting scripts by program name, its holder; wait until ready.

        The management network is no device: what runs there sees the machine's own /run.
        """
        folder = self.folder(place)
        boxes.prepare(folder)
        for tool, script in (wrappers or {}).items():
            path = folder / "wrappers" / tool
            path.write_text(script)
            path.chmod(0o755)
        argv = boxes.holder_argv(
            netns=self.netns(place),
            hostname=place,
            lab_directory=self.directory,
            directory=folder,
            own_run=place != MGMT,
        )
        self._launch(f"{place}/{BOX}", argv, environment=None)
        waiting.until(boxes.ready_file(folder).exists, what=f"{place} gets its own /run (see {folder}/{BOX}.log)")

    def start(
        self, place: str, role: str, argv: Sequence[str], *, environment: Mapping[str, str] | None = None
    ) -> Recorded:
        """Start a daemon in a device's box, recorded as `place/role`."""
        return self._launch(f"{place}/{role}", self.argv(place, argv), environment=environment)

    def start_outside(self, key: str, argv: Sequence[str]) -> Recorded:
        """Start a process of the lab's own, in no box, recorded under `key`; it finds this package."""
        self.folder(key.partition("/")[0]).mkdir(exist_ok=True)
        return self._launch(key, argv, environment=python_environment())

    def stop(self, key: str, *, grace_s: float = 0.0) -> None:
        """Stop one recorded process and forget it."""
        process = self.state.read().processes.get(key)
        if process is None:
            return
        processes.stop([process], grace_s=grace_s)
        with self.state.edit() as state:
            state.processes.pop(key, None)

    def runs(self, key: str) -> bool:
        """Whether a recorded process still runs."""
        process = self.state.read().processes.get(key)
        return process is not None and processes.alive(process)

    def argv(self, place: str, argv: Sequence[str]) -> list[str]:
        """The command that runs argv in a device's box. Raises LabError if the device has none."""
        holder = self.state.read().processes.get(f"{place}/{BOX}")
        if holder is None or not processes.alive(holder):
            raise LabError(f"{place} is not up in lab {self.name}: see `pointsman lab status --lab {self.name}`")
        return boxes.entering(holder.pid, argv)

    def run(
        self, place: str, argv: Sequence[str], *, timeout_s: float = 20.0, check: bool = False, text: str = ""
    ) -> programs.Done:
        """Run a command in a device's box, with `text` as its input. `check` makes a failure a LabError."""
        done = programs.run(self.argv(place, argv), text=text, timeout_s=timeout_s)
        if check and done.returncode != 0:
            raise LabError(f"{place}: `{' '.join(argv)}` failed: {(done.stderr or done.stdout).strip()}")
        return done

    def _launch(self, key: str, argv: Sequence[str], *, environment: Mapping[str, str] | None) -> Recorded:
        place, _, role = key.partition("/")

        def record(process: Recorded) -> None:
            with self.state.edit() as state:
                state.processes[key] = process

        return processes.launch(argv, log=self.folder(place) / f"{role}.log", record=record, environment=environment)
