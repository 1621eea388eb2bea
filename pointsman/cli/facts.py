"""`pointsman facts`: what a device is and holds."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, NodeName, with_client
from pointsman.client import Client
from pointsman.show.facts import facts_tree
from pointsman.show.output import print_json, print_tree

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman facts sw1",
        "pointsman facts sw1 network.interfaces.p1.mtu",
        "pointsman facts sw1 --json | jq .facts.platform_version",
    )
)
def facts(
    ctx: typer.Context,
    *,
    node: NodeName,
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="Only what is there.", show_default=False)
    ] = None,
    json: JsonFlag = False,
) -> None:
    """What a device is and holds, in ohai's words, as its agent last reported it."""

    async def work(client: Client) -> None:
        answer = await client.of_node(node, "facts", path=path)
        if json:
            print_json(answer)
        else:
            print_tree(facts_tree(f"{node} {path}" if path else node, answer))

    with_client(ctx, work)
