"""`pointsman events`: what happened, in the order in which it was committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Final

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client, Json
from pointsman.problems import ServiceAway
from pointsman.show.events import event_line
from pointsman.show.output import note, print_json_line, say

app = typer.Typer()

_FIRST_S: Final = 0.5
_LONGEST_S: Final = 15.0


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
            await client.outside("/readyz")  # who is not there at all is told at once
            await _follow(client, tell, since=since or 0)
        told = False
        async for item in client.past_events(since=since):
            tell(item)
            told = True
        if not told and not json:
            note("no events to show")

    with_client(ctx, work)


async def _follow(client: Client, tell: Callable[[Json], None], *, since: int) -> None:
    """Tell of events for ever; where the stream breaks off it is resumed after the last one that was told."""
    tries = 0
    while True:
        try:
            async for event in client.events(since=since):
                tell(event.data)
                since, tries = int(event.data["id"]), 0
        except ServiceAway as error:
            if not tries:
                note(f"pointsman: {error.sentence}; trying again from event {since} on")
            await asyncio.sleep(min(_FIRST_S * 2**tries, _LONGEST_S))
            tries += 1
