"""`pointsman trace`: from a server to the core."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.problems import WrongUsage
from pointsman.show.graph import trace_tree
from pointsman.show.output import print_json, print_tree

app = typer.Typer()


@app.command(epilog=examples("pointsman trace --server web-07", "pointsman trace --mac 5254.0000.0007 --json"))
def trace(
    ctx: typer.Context,
    *,
    server: Annotated[str | None, typer.Option(metavar="NAME", help="A server, or a node.")] = None,
    mac: Annotated[str | None, typer.Option(metavar="MAC", help="Whoever has this address.")] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="As of this time, like 2026-11-20T14:00:00Z.")] = None,
    json: JsonFlag = False,
) -> None:
    """Every hop from a server to the core, and its outlets, slot, consoles and LUNs."""
    if (server is None) == (mac is None):
        raise WrongUsage("say who: --server NAME or --mac MAC, one of both")

    async def work(client: Client) -> None:
        found = await client.call("GET", "/trace", query={"server": server, "mac": mac, "at": at})
        if json:
            print_json(found)
        else:
            print_tree(trace_tree(found))

    with_client(ctx, work)
