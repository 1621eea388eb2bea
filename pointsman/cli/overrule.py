"""`pointsman overrule`: have agents accept what the service says, though they know better."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client, Json
from pointsman.problems import DONE, FAILED, WrongUsage
from pointsman.show.output import note, print_json, print_table, say
from pointsman.show.tables import REFUSED

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman overrule sw1                     # shows what is refused, and asks",
        "pointsman overrule sw1 sw2 --yes",
        "pointsman overrule --all --yes             # whatever any agent refuses",
    )
)
def overrule(
    ctx: typer.Context,
    *,
    nodes: Annotated[
        list[str] | None, typer.Argument(metavar="[NODE]...", help="The nodes.", show_default=False)
    ] = None,
    all_nodes: Annotated[bool, typer.Option("--all", help="Every node that an agent refuses.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without asking.")] = False,
    json: JsonFlag = False,
) -> None:
    """Have agents bring nodes to what is declared now, though they had accepted something newer (ServiceBehind).

    That is so where the service came back from a backup. See first what the agents hold: `pointsman plan NODE` shows
    what would be changed. What is missing can be declared anew instead, and is then accepted without this.
    """
    if bool(nodes) == all_nodes:
        raise WrongUsage("name the nodes, or say --all")

    async def work(client: Client) -> int:
        found = [item for item in await refused(client) if all_nodes or item["node"] in (nodes or ())]
        if not json:
            print_table(REFUSED.columns, [REFUSED.row(item) for item in found], empty="no agent refuses any of them")
        if all_nodes and not found:
            return DONE
        if not (yes or (not json and _confirmed())):
            note("pointsman: nothing was overruled: say --yes to do it without being asked")
            return FAILED
        _tell(await client.overrule(nodes), json=json)
        return DONE

    with_client(ctx, work)


async def refused(client: Client) -> list[Json]:
    """What agents do not accept, each with its agent."""
    agents = await client.list("agents")
    return [{**item, "agent": agent["name"]} for agent in agents for item in agent.get("standing") or ()]


def _confirmed() -> bool:
    return sys.stdin.isatty() and typer.confirm("Have the devices brought to what is declared now?")


def _tell(done: Json, *, json: bool) -> None:
    if json:
        print_json(done)
    else:
        say(f"overruled: {', '.join(done['nodes'])}")
