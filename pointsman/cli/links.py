"""`pointsman links`: what is at the other end of the cables."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.show.output import print_json, print_table
from pointsman.show.tables import LINKS

app = typer.Typer()


@app.command(epilog=examples("pointsman links", "pointsman links sw1", "pointsman links sw1 --json"))
def links(
    ctx: typer.Context,
    *,
    node: Annotated[str | None, typer.Argument(metavar="[NODE]", help="Only this node's.", show_default=False)] = None,
    json: JsonFlag = False,
) -> None:
    """What the ports see at the other end of their cables, and what that rests on."""

    async def work(client: Client) -> None:
        items = (await client.call("GET", "/links", query={"node": node}))["items"]
        if json:
            print_json(items)
        else:
            print_table(LINKS.columns, [LINKS.row(item) for item in items], empty="no links were seen yet")

    with_client(ctx, work)
