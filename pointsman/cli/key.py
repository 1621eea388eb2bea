"""`pointsman key`: by which keys agents know the service."""

from __future__ import annotations

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.show.output import print_json, print_table, say

app = typer.Typer(help="The keys by which agents know the service.", no_args_is_help=True)


@app.callback()
def key() -> None:
    """The keys by which agents know the service."""


@app.command("list", epilog=examples("pointsman key list", "pointsman key list --json"))
def list_keys(ctx: typer.Context, json: JsonFlag = False) -> None:
    """List the service's public keys; the last one signs."""

    async def work(client: Client) -> None:
        found = await client.call("GET", "/keys")
        if json:
            print_json(found)
        else:
            print_table(("id", "key"), [(item["id"], item["key"]) for item in found["items"]], empty="no keys")

    with_client(ctx, work)


@app.command(epilog=examples("pointsman key rotate"))
def rotate(ctx: typer.Context, json: JsonFlag = False) -> None:
    """Sign with a new key from now on. Agents follow by themselves, since the key before vouches for it."""

    async def work(client: Client) -> None:
        made = await client.call("POST", "/keys")
        if json:
            print_json(made)
        else:
            say(f"the service signs with the key {made['id']} from now on")

    with_client(ctx, work)
