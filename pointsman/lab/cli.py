"""`pointsman lab`: bring the lab of real parts up, look at it, move its cables, take it down."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pointsman.lab import layout
from pointsman.lab.capability import can_make_lab
from pointsman.lab.errors import LabError
from pointsman.lab.lab import Lab
from pointsman.lab.status import DeviceStatus

app = typer.Typer(
    help="The lab of real parts: two switches, hosts, blades, PDUs and an array in network namespaces of this machine.",
    no_args_is_help=True,
)

LabName = Annotated[str, typer.Option("--lab", metavar="NAME", help="Which lab; several can stand side by side.")]


def _fail(error: LabError | PermissionError) -> typer.Exit:
    if isinstance(error, PermissionError):
        error = LabError(f"this takes root: {error}")
    Console(stderr=True).print(f"lab: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(1)


@app.command()
def up(name: LabName = layout.DEFAULT_NAME) -> None:
    """Bring the lab up; returns when everything in it answers.

    Example: pointsman lab up --lab demo
    """
    console = Console()
    able, reason = can_make_lab()
    if not able:
        raise _fail(LabError(reason))
    try:
        Lab.up(name, progress=lambda step: console.print(step, highlight=False, markup=False, soft_wrap=True))
    except (LabError, PermissionError) as error:
        raise _fail(error) from None


@app.command()
def down(name: LabName = layout.DEFAULT_NAME) -> None:
    """Take the lab down, also one that was killed half-way; nothing of it stays.

    Example: pointsman lab down --lab demo
    """
    console = Console()
    try:
        there_was = Lab(name).down(
            progress=lambda step: console.print(step, highlight=False, markup=False, soft_wrap=True)
        )
    except (LabError, PermissionError) as error:
        raise _fail(error) from None
    if not there_was:
        console.print(f"there is no lab named {name}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def status(
    name: LabName = layout.DEFAULT_NAME,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array, one object per device.")] = False,
) -> None:
    """Show each device: how to reach it, whether it is up, and what was written to it since the lab came up.

    Example: pointsman lab status --json | jq '.[] | {name, writes}'
    """
    try:
        devices = Lab(name).status()
    except (LabError, PermissionError) as error:
        raise _fail(error) from None
    if as_json:
        typer.echo(json.dumps([asdict(device) for device in devices], indent=2))
    else:
        Console().print(_table(devices))


@app.command()
def cable(
    device: Annotated[str, typer.Argument(metavar="DEVICE", help="Whose eth0 to move: h1, blade1, san, ...")],
    port: Annotated[str, typer.Argument(metavar="SWITCH:PORT", help="Where to plug it in: sw2:p5.")],
    name: LabName = layout.DEFAULT_NAME,
) -> None:
    """Move a cable: unplug a device from its port and plug it in at another.

    Example: pointsman lab cable h1 sw2:p5
    """
    try:
        Lab(name).cable(device, port)
    except (LabError, PermissionError) as error:
        raise _fail(error) from None


def _table(devices: list[DeviceStatus]) -> Table:
    table = Table("device", "kind", "profile", "up", "writes", "cable", "access", "namespace")
    for device in devices:
        writes = "" if device.writes is None else str(device.writes)
        up_word = "[green]up[/]" if device.up else "[red]down[/]"
        access = " ".join([*device.access, *([device.serial] if device.serial else [])])
        table.add_row(
            device.name, device.kind, device.profile, up_word, writes, device.cable or "", access, device.netns
        )
    return table
