"""Bringing the lab up: wiring first, then all devices at once, and back only when everything answers."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial

from pointsman.lab import (
    answers,
    blade_lines,
    blades,
    commands,
    consoles,
    counters,
    down,
    fabric,
    hosts,
    layout,
    pdus,
    power,
    san,
    secure_shells,
    switches,
)
from pointsman.lab.errors import LabError
from pointsman.lab.rig import Progress, Rig
from pointsman.lab.state import operation

_AT_ONCE = 12


Job = tuple[str, Callable[[], None]]
"""What to say when it is done, and the work."""


def up(rig: Rig, *, progress: Progress) -> None:
    """Make the lab. Raises LabError if it is up already or cannot be made; what was begun is removed again then."""
    with operation(rig.directory, create=True):
        _clear_leftovers(rig, progress=progress)
        rig.state.create(rig.name)
        try:
            _bring_up(rig, progress=progress)
        except BaseException:
            down.remove(rig, progress=progress)
            raise


def _clear_leftovers(rig: Rig, *, progress: Progress) -> None:
    if rig.state.exists():
        if rig.state.read().phase == "up" and rig.runs(f"{layout.MGMT}/box"):
            raise LabError(f"lab {rig.name} is up already: `pointsman lab down --lab {rig.name}` removes it")
        progress("removing what an earlier lab of that name left")
    down.remove(rig, progress=lambda _: None, keep_directory=True)


def _bring_up(rig: Rig, *, progress: Progress) -> None:
    began = time.monotonic()
    secure_shells.make_key(rig.key_path, comment=f"lab {rig.name}")
    fabric.lay(rig)
    progress("network laid")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        _all(pool, _boxes(rig), progress=None)
        progress("boxes made")
        _all(pool, _parts(rig), progress=progress)
        _all(pool, answers.checks(rig), progress=progress)
    counters.reset(rig)
    with rig.state.edit() as state:
        state.phase = "up"
    progress(f"up in {time.monotonic() - began:.1f} s")


def _all(pool: ThreadPoolExecutor, jobs: Iterable[Job], *, progress: Progress | None) -> None:
    """Do all jobs at once and say each when it is done; the first that fails is raised."""
    running = {pool.submit(work): what for what, work in jobs}
    try:
        for done in as_completed(running):
            done.result()
            if progress:
                progress(running[done])
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def _boxes(rig: Rig) -> list[Job]:
    tools = {**dict.fromkeys(layout.SWITCHES, commands.SWITCH_TOOLS), "san": commands.ARRAY_TOOLS}
    return [
        (place, partial(rig.open_box, place, wrappers=commands.wrappers(rig.folder(place), tools.get(place, ()))))
        for place in fabric.places()
        if place != layout.PARK
    ]


def _parts(rig: Rig) -> list[Job]:
    """What can start side by side. The slow ones first."""
    return [
        ("PDUs started", partial(_start_power, rig)),
        *((f"{name} started", partial(switches.start, rig, name)) for name in layout.SWITCHES),
        ("con1, h5 and h6 started", partial(_start_vde, rig)),
        ("rt1 started", partial(consoles.start_router, rig)),
        ("san started", partial(san.start, rig)),
        *((f"{bmc} started", partial(_start_bmc, rig, bmc)) for bmc in layout.BLADES),
        *((f"{name} started", partial(hosts.start, rig, name)) for name in ("h1", "h2", "h3", "h4")),
        ("serial lines started", partial(_start_lines, rig)),
    ]


def _start_power(rig: Rig) -> None:
    pdus.make_fifos(rig)
    power.start(rig)
    pdus.start_snmp(rig)
    pdus.start_powerman(rig)


def _start_bmc(rig: Rig, bmc: str) -> None:
    hosts.configure(rig, layout.BLADES[bmc], up=False)
    blade_lines.plug(rig, layout.BLADES[bmc])
    blades.prepare(rig, bmc)
    blades.start(rig, bmc)


def _start_vde(rig: Rig) -> None:
    consoles.start_vde(rig)
    consoles.plug_uplink(rig)
    for host in layout.VDE_HOST_PORTS:
        consoles.start_vde_host(rig, host)


def _start_lines(rig: Rig) -> None:
    consoles.start_switch_shell(rig)
    consoles.start_server(rig)
