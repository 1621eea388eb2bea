"""Bringing the lab up: wiring first, then all devices at once, and back only when everything answers."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from pointsman.lab import answers, counters, down, fabric, hosts, layout, secure_shells, switches
from pointsman.lab.errors import LabError
from pointsman.lab.rig import Progress, Rig
from pointsman.lab.state import operation

_AT_ONCE = 12


@dataclass(frozen=True, slots=True)
class _Part:
    what: str
    start: Callable[[], None]


def up(rig: Rig, *, progress: Progress) -> None:
    """Make the lab. Raises LabError if it is up already or cannot be made; what was begun is removed again then."""
    with operation(rig.directory):
        _clear_leftovers(rig, progress=progress)
        rig.state.create(rig.name)
        try:
            _bring_up(rig, progress=progress)
        except BaseException:
            down.remove(rig, progress=progress)
            raise


def _clear_leftovers(rig: Rig, *, progress: Progress) -> None:
    if not rig.state.exists():
        return
    if rig.state.read().phase == "up" and rig.runs(f"{layout.MGMT}/box"):
        raise LabError(f"lab {rig.name} is up already: `pointsman lab down --lab {rig.name}` removes it")
    progress("removing what an earlier lab of that name left")
    down.remove(rig, progress=lambda _: None, keep_directory=True)


def _bring_up(rig: Rig, *, progress: Progress) -> None:
    began = time.monotonic()
    secure_shells.make_key(rig.key_path, comment=f"lab {rig.name}")
    fabric.lay(rig)
    progress("network laid")
    rig.open_box(layout.MGMT)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for part, done in [(part, pool.submit(part.start)) for part in _parts(rig)]:
            done.result()
            progress(part.what)
        for what, done in [(what, pool.submit(check)) for what, check in answers.checks(rig)]:
            done.result()
            progress(what)
    counters.reset(rig)
    with rig.state.edit() as state:
        state.phase = "up"
    progress(f"up in {time.monotonic() - began:.1f} s")


def _parts(rig: Rig) -> list[_Part]:
    def start_switch(name: str) -> None:
        switches.open_box(rig, name)
        switches.start(rig, name)

    parts = [_Part(f"{name} started", partial(start_switch, name)) for name in layout.SWITCHES]
    plain = ("h1", "h2", "h3", "h4")
    return parts + [_Part(f"{name} started", partial(hosts.start, rig, name)) for name in plain]
