"""`pointsman links`: what is at the other end of the cables."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.problems import WrongUsage
from pointsman.show.output import print_json, print_table, say
from pointsman.show.tables import LINKS

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman links",
        "pointsman links sw1 --state stale",
        "pointsman links sw1 --at 2026-11-20T14:00:00Z     # as it was then",
        "pointsman links --why sw1/p7                      # why it shows nobody",
    )
)
def links(
    ctx: typer.Context,
    *,
    node: Annotated[
        str | None, typer.Argument(metavar="[NODE]", help="Only this node's, or server's.", show_default=False)
    ] = None,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="confirmed, one_sided, contradicted or stale.")
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="As of this time, like 2026-11-20T14:00:00Z.")] = None,
    why: Annotated[
        str | None, typer.Option(metavar="NODE/PORT", help="Why a port shows who it shows, or nobody.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """What the ports see at the other end of their cables, and what that rests on."""
    if why is not None and (node or state or at):
        raise WrongUsage("--why asks about one port, now: leave the rest out")

    async def work(client: Client) -> None:
        if why is not None:
            await _why(client, why, json=json)
            return
        query: dict[str, Any] = {"node": node, "state": state, "at": at}
        items = await client.list("links", **{key: value for key, value in query.items() if value})
        if json:
            print_json(items)
        else:
            print_table(LINKS.columns, [LINKS.row(item) for item in items], empty="no links were seen yet")

    with_client(ctx, work)


async def _why(client: Client, written: str, *, json: bool) -> None:
    node, mark, port = written.partition("/")
    if not mark or not port:
        raise WrongUsage("--why names a port, like sw1/p7")
    found = await client.call("GET", f"{client.path_of('nodes', node)}{client.path_of('ports', port)}/why")
    if json:
        print_json(found)
        return
    for sentence in found["sentences"]:
        say(f"{sentence[:1].upper()}{sentence[1:]}.")
