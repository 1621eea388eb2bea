"""`pointsman resume`: end a node's pause."""

from __future__ import annotations

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import NodeName, with_client
from pointsman.client import Client
from pointsman.show.output import say

app = typer.Typer()


@app.command(epilog=examples("pointsman resume sw1"))
def resume(ctx: typer.Context, node: NodeName) -> None:
    """End a node's pause: drift is put back again."""

    async def work(client: Client) -> None:
        await client.call("POST", f"{client.path_of('nodes', node)}/resume")
        say(f"{node} is kept as declared again")

    with_client(ctx, work)
