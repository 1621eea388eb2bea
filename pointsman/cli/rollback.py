"""`pointsman rollback`: take a node's passes back."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.passes import shown
from pointsman.cli.session import JsonFlag, NodeName, Timeout, with_client
from pointsman.client import Client
from pointsman.show.output import note
from pointsman.show.progress import working

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman rollback sw1                            # the last pass that changed sw1",
        "pointsman rollback sw1 01a1fc47e40a-0d0592d2-0    # that pass, and all that came after it",
    )
)
def rollback(
    ctx: typer.Context,
    *,
    node: NodeName,
    pass_id: Annotated[
        str | None, typer.Argument(metavar="[PASS]", help="The first pass to take back; see pointsman show NODE.")
    ] = None,
    timeout: Timeout = 30.0,
    json: JsonFlag = False,
) -> None:
    """Bring a node back to what it showed before its last pass, or before PASS.

    The declaration stays, and is not acted on until it changes. What cannot be undone (a power cycle, a volume that
    grew) is refused, and nothing is done.
    """

    async def work(client: Client) -> int:
        with working(f"taking back what was done on {node}"):
            record = await client.roll_back(node, pass_id, timeout_s=timeout)
        code = shown(node, record, json=json)
        if not json:
            note(f"pointsman: {node} is left as it is now until its declaration changes")
        return code

    with_client(ctx, work)
