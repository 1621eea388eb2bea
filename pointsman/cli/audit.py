"""`pointsman audit`: who wrote what, what became of it, and which passes it caused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.cli.spans import span_of
from pointsman.client import Client
from pointsman.show.output import print_json, print_table
from pointsman.show.tables import AUDIT

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman audit                            # the last 100 writes, newest first",
        "pointsman audit --node sw1 --since 2d",
        "pointsman audit --owner net-team --json",
    )
)
def audit(
    ctx: typer.Context,
    *,
    node: Annotated[str | None, typer.Option(help="Writes to this node, or that gave it a generation.")] = None,
    owner: Annotated[str | None, typer.Option(help="Writes with tokens of this owner.")] = None,
    since: Annotated[str | None, typer.Option(metavar="SPAN", help="Not older than this: 30m, 12h, 2d.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    json: JsonFlag = False,
) -> None:
    """Who wrote what: time, owner, call, outcome, the generations that it made and the passes that followed.

    Refused writes are in it, too. Needs a token with the scope admin.
    """
    oldest = (datetime.now(UTC) - span_of(since, option="--since")).isoformat() if since is not None else None

    async def work(client: Client) -> None:
        items = await client.audit(node=node, owner=owner, since=oldest, limit=limit)
        if json:
            print_json(items)
        else:
            print_table(AUDIT.columns, [AUDIT.row(item) for item in items], empty="nothing was written")

    with_client(ctx, work)
