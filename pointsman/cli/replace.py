"""`pointsman replace`: another device in a node's place."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.passes import shown
from pointsman.cli.session import JsonFlag, NodeName, Timeout, with_client
from pointsman.client import Client, Json
from pointsman.problems import DONE
from pointsman.show.output import Branch, note, print_json, print_tree
from pointsman.show.plans import add_steps
from pointsman.show.progress import working

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman replace sw2                       # what answers there now; on a terminal, asks whether to take it",
        "pointsman replace sw2 --approve 5f2b9c0e    # take just the device that was shown with this",
    )
)
def replace(
    ctx: typer.Context,
    *,
    node: NodeName,
    approve: Annotated[
        str | None, typer.Option(metavar="CODE", help="Take the device that was shown with this code.")
    ] = None,
    timeout: Timeout = 60.0,
    json: JsonFlag = False,
) -> None:
    """Show the device that answers in a node's place beside the one that was known, and the plan for it.

    Taken in its place it keeps the node's roles and history; nothing that is found on it counts as made by us.
    """

    async def work(client: Client) -> int:
        code = approve
        if code is None:
            with working(f"looking who answers as {node}"):
                found = await client.replace(node, timeout_s=timeout)
            if json:
                print_json(found)
                return DONE
            _print(node, found)
            if not (sys.stdin.isatty() and typer.confirm(f"Take this device as {node}?")):
                note(f"pointsman: to take it: pointsman replace {node} --approve {found['approve']}")
                return DONE
            code = str(found["approve"])
        with working(f"taking the new device as {node}"):
            record = await client.replace(node, code, timeout_s=timeout)
        return shown(node, record, json=json)

    with_client(ctx, work)


def _print(node: str, found: Json) -> None:
    branch = Branch(f"{node} at {found['access']}")
    for title, members in (("known", found["known"]), ("answers now", found["shown"])):
        twig = branch.add(title)
        for kind, value in sorted(members.items()):
            twig.add(f"{kind}: {value}")
    plan = found.get("plan")
    if plan is not None:
        steps = branch.add("plan" if plan["steps"] else "plan: nothing to change")
        add_steps(steps, plan["steps"])
        for problem in plan["problems"]:
            steps.add(f"{problem['reason']}: {problem['message']}")
    for sentence in found["notes"]:
        branch.add(f"note: {sentence}")
    print_tree(branch)
