"""`pointsman pause`: leave a node alone for a while."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import NodeName, with_client
from pointsman.cli.spans import end_of
from pointsman.client import Client
from pointsman.show.output import say

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman pause sw1 --for 2h --reason 'swapping a power supply'",
        "pointsman pause sw1 --until 2026-11-20T18:00:00Z --reason 'change 4711'",
    )
)
def pause(
    ctx: typer.Context,
    *,
    node: NodeName,
    reason: Annotated[str, typer.Option(help="Why; whoever looks at the node sees it.")],
    until: Annotated[str | None, typer.Option(metavar="TIME", help="When it ends, with offset or Z.")] = None,
    span: Annotated[str | None, typer.Option("--for", metavar="SPAN", help="How long: 90s, 30m, 2h, 1d.")] = None,
) -> None:
    """Leave a node alone until a time: it is read and drift is recorded, and nothing is written to it."""
    end = end_of(until=until, span=span, now=datetime.now(UTC))

    async def work(client: Client) -> None:
        node_part = client.path_of("nodes", node)
        await client.call("POST", f"{node_part}/pause", json={"until": end.isoformat(), "reason": reason})
        say(f"{node} is paused until {end:%Y-%m-%d %H:%M:%S} UTC: end it with `pointsman resume {node}`")

    with_client(ctx, work)
