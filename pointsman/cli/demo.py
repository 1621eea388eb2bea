"""`pointsman demo`: a rack that converges while you look."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.demo.run import Options, run_demo
from pointsman.lab.layout import DEFAULT_NAME
from pointsman.logs import Level, configure_logs

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman demo                             # until Ctrl-C; leaves nothing behind",
        "pointsman demo --once                      # exit code 0: everything declared converged",
        "pointsman demo --twins                     # needs no privilege",
    )
)
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End when everything was shown.")] = False,
    twins: Annotated[
        bool, typer.Option("--twins", help="Twins, also where the lab of real parts can be made.")
    ] = False,
    lab: Annotated[str, typer.Option(metavar="NAME", help="The lab's name.")] = DEFAULT_NAME,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the lab and the data at the end, and say where.")] = False,
) -> None:
    """Bring up a rack of two switches, the service and an agent, and watch the switches converge.

    As root, with the tools installed, the rack is the lab of real parts; else it is twins.
    """
    configure_logs(Level.WARNING)
    raise typer.Exit(asyncio.run(run_demo(Options(once=once, twins=twins, lab=lab, keep=keep))))
