"""`pointsman approve`: let a plan that waits be carried out."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, NodeName, with_client
from pointsman.client import Client, Json
from pointsman.problems import DONE, FAILED
from pointsman.show.output import note, print_json
from pointsman.show.plans import print_plan
from pointsman.show.progress import working

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman approve sw1                             # the plan that waits; on a terminal, asks",
        "pointsman approve sw1 --yes                       # approve what waits now, without asking",
        "pointsman approve sw1 9d1f0c2ab44e7a6c5b1e8f03    # just the plan that was shown with this hash",
    )
)
def approve(
    ctx: typer.Context,
    *,
    node: NodeName,
    plan: Annotated[
        str | None, typer.Argument(metavar="[HASH]", help="The plan's hash; see pointsman plan NODE.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Approve without asking.")] = False,
    json: JsonFlag = False,
) -> None:
    """Show the plan that waits on a node, and approve it.

    Only the plan with just these commands is carried out, as long as the node's declaration stays the same. Works
    while the node's agent is away: it learns of it when it comes back.
    """

    async def work(client: Client) -> int:
        with working(f"looking what waits on {node}"):
            found = await client.of_node(node, "plan")
        waiting = str(found.get("plan") or "")
        if not json:
            print_plan(node, found)
        chosen = plan or waiting
        if not chosen:
            note(f"pointsman: no plan waits for approval on {node}")
            return DONE
        if plan and plan != waiting:
            note(f"pointsman: what waits on {node} is not {plan}: it is approved for when it is planned again")
        if not (yes or plan or (not json and _confirmed(node))):
            note(f"pointsman: to approve it: pointsman approve {node} {chosen}")
            return FAILED
        _tell(node, await client.approve(node, chosen), json=json)
        return DONE

    with_client(ctx, work)


def _confirmed(node: str) -> bool:
    return sys.stdin.isatty() and typer.confirm(f"Carry this out on {node}?")


def _tell(node: str, approved: Json, *, json: bool) -> None:
    if json:
        print_json(approved)
    else:
        note(f"pointsman: {node}: plan {approved['plan']} is approved for generation {approved['generation']}")
