"""`pointsman events`: what happened, in the order in which it was committed."""

from __future__ import annotations

from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.show.events import event_line
from pointsman.show.output import note, print_json_line, say

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman events                           # what happened",
        "pointsman events --since 120               # what happened after event 120",
        "pointsman events --follow                  # and what happens, until Ctrl-C",
        "pointsman events --follow --json           # one JSON document a line",
    )
)
def events(
    ctx: typer.Context,
    *,
    since: Annotated[int | None, typer.Option(metavar="ID", min=0, help="Only events after this one.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as events happen.")] = False,
    json: JsonFlag = False,
) -> None:
    """What happened: declarations, passes, conditions, drift, facts, links, agents."""

    def tell(item: dict[str, object]) -> None:
        if json:
            print_json_line(item)
        else:
            say(event_line(item))

    async def work(client: Client) -> None:
        if follow:
            async for event in client.events(since=since or 0):
                tell(event.data)
            return
        told = False
        async for item in client.past_events(since=since):
            tell(item)
            told = True
        if not told and not json:
            note("no events to show")

    with_client(ctx, work)
