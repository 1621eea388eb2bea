"""`pointsman plan`: what a pass would change on a node."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, NodeName, with_client
from pointsman.client import Client
from pointsman.show.output import print_json
from pointsman.show.plans import print_plan
from pointsman.show.progress import working

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman plan sw1                         # the agent reads sw1 now and plans; nothing is written",
        "pointsman plan sw1 --last                  # the last plan that was reported",
        "pointsman plan sw1 --json",
    )
)
def plan(
    ctx: typer.Context,
    *,
    node: NodeName,
    last: Annotated[bool, typer.Option("--last", help="The last plan reported, not a fresh one.")] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=1, max=60, help="How long to wait for it.")] = 30.0,
    json: JsonFlag = False,
) -> None:
    """Show what a pass would change on a node, step by step, with the commands."""

    async def work(client: Client) -> None:
        with working(f"{node} is being read"):
            answer = await (client.of_node(node, "plan") if last else client.preview(node, timeout_s=timeout))
        if json:
            print_json(answer)
        else:
            print_plan(node, answer)

    with_client(ctx, work)
