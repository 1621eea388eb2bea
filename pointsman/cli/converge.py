"""`pointsman converge`: a pass, now."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client, Json
from pointsman.problems import DONE, FAILED, NOT_CONVERGED, PointsmanError
from pointsman.show.output import note, print_json
from pointsman.show.plans import print_pass
from pointsman.show.progress import working
from pointsman.show.tables import conditions_of
from pointsman.show.waiting import why_late

app = typer.Typer()


@app.command(epilog=examples("pointsman converge sw1", "pointsman converge sw1 sw2 --timeout 60"))
def converge(
    ctx: typer.Context,
    *,
    nodes: Annotated[list[str], typer.Argument(metavar="NODE...", help="The nodes.")],
    timeout: Annotated[float, typer.Option(metavar="SECONDS", min=1, max=60, help="How long each may take.")] = 30.0,
    json: JsonFlag = False,
) -> None:
    """Run a pass on nodes now: read, plan, apply, verify. Exit code 3 where a node is not as declared afterwards."""

    async def work(client: Client) -> int:
        with working(f"running a pass on {', '.join(nodes)}"):
            answers = await asyncio.gather(*(_one(client, node, timeout) for node in nodes))
        done = {node: answer for node, answer in zip(nodes, answers, strict=True) if isinstance(answer, dict)}
        if json:
            print_json(done)
        for node, answer in zip(nodes, answers, strict=True):
            if isinstance(answer, PointsmanError):
                note(f"pointsman: {answer.sentence}")
            elif not json:
                print_pass(node, answer)
        late = [node for node, answer in done.items() if await _is_late(client, node, answer)]
        return FAILED if len(done) < len(nodes) else NOT_CONVERGED if late else DONE

    with_client(ctx, work)


async def _one(client: Client, node: str, timeout_s: float) -> Json | PointsmanError:
    try:
        return await client.converge(node, timeout_s=timeout_s)
    except PointsmanError as error:
        return error


async def _is_late(client: Client, node: str, record: Json) -> bool:
    """Whether a node is not as declared after a pass. One that changed nothing may have found known drift again."""
    if record["outcome"] != "unchanged":
        return bool(record["outcome"] != "changed")
    found = await client.get("nodes", node)
    if conditions_of(found).get("Converged", {}).get("status") is False:
        note(why_late(found))
        return True
    return False
