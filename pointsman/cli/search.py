"""`pointsman search`: what holds a text, and where it stands."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.show.output import note, print_json, print_table
from pointsman.show.text import safe, value_text

app = typer.Typer()
_COLUMNS = ("KIND", "NAME", "AT", "VALUE")


@app.command(
    epilog=examples("pointsman search OVS-1", "pointsman search 5254.0000.0007", "pointsman search web-07 --json")
)
def search(
    ctx: typer.Context,
    *,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A name, a serial number, a MAC in any way of writing.")],
    limit: Annotated[int, typer.Option(help="At most so many places.", min=1, max=1000)] = 100,
    json: JsonFlag = False,
) -> None:
    """Find a text in names, declarations and facts, capitals or not, and say where it stands."""

    async def work(client: Client) -> None:
        answer = await client.call("GET", "/search", query={"q": text, "limit": limit})
        if json:
            print_json(answer["items"])
            return
        rows = [
            (safe(item["kind"]), safe(item["name"]), safe(item["at"]), value_text(item["value"]))
            for item in answer["items"]
        ]
        print_table(_COLUMNS, rows, empty="nothing holds it")
        if answer["more"]:
            note("there is more: give more of the text, or a larger --limit")

    with_client(ctx, work)
