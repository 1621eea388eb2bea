"""`pointsman drift`: what is not as declared any more."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client, Json
from pointsman.problems import ServiceRefused
from pointsman.show.output import print_json, print_table
from pointsman.show.tables import DRIFT

app = typer.Typer()


@app.command(epilog=examples("pointsman drift", "pointsman drift sw1", "pointsman drift --json"))
def drift(
    ctx: typer.Context,
    *,
    node: Annotated[str | None, typer.Argument(metavar="[NODE]", help="Only this node's.", show_default=False)] = None,
    json: JsonFlag = False,
) -> None:
    """What was as declared and is no more: where, since when, and whose it is."""

    async def work(client: Client) -> None:
        names = [node] if node else [item["name"] for item in await client.list("nodes") if item["status"].get("drift")]
        found = [{"node": name, **item} for name in names for item in await _items(client, name)]
        if json:
            print_json(found)
        else:
            print_table(DRIFT.columns, [DRIFT.row(item) for item in found], empty="no drift: all is as it was declared")

    with_client(ctx, work)


async def _items(client: Client, name: str) -> list[Json]:
    try:
        items: list[Json] = (await client.of_node(name, "drift"))["items"]
    except ServiceRefused as error:
        if error.status != 404 or not await client.get("nodes", name):
            raise
        return []
    return items
