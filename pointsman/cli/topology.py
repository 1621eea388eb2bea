"""`pointsman topology`: what is connected to what."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.show.graph import topology_tree
from pointsman.show.output import print_json, print_tree

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman topology",
        "pointsman topology sw1 --depth 3",
        "pointsman topology web-07 --medium power",
        "pointsman topology sw1 --at 2026-11-20T14:00:00Z --json",
    )
)
def topology(
    ctx: typer.Context,
    *,
    root: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A node or a server; all, where absent.", show_default=False)
    ] = None,
    depth: Annotated[int, typer.Option(min=0, max=16, help="How many links away.")] = 2,
    medium: Annotated[
        str | None, typer.Option(metavar="MEDIUM", help="data, power, slot, storage or serial only.")
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="As of this time, like 2026-11-20T14:00:00Z.")] = None,
    json: JsonFlag = False,
) -> None:
    """The machines around one, or all, as a tree; what hangs there twice is told once."""

    async def work(client: Client) -> None:
        found = await client.call(
            "GET", "/topology", query={"root": root, "depth": depth, "medium": medium, "at": at}, timeout_s=60
        )
        if json:
            print_json(found)
        else:
            print_tree(topology_tree(found))

    with_client(ctx, work)
