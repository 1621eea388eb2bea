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
        return _exit_code(answers)

    with_client(ctx, work)


async def _one(client: Client, node: str, timeout_s: float) -> Json | PointsmanError:
    try:
        return await client.converge(node, timeout_s=timeout_s)
    except PointsmanError as error:
        return error


def _exit_code(answers: list[Json | PointsmanError]) -> int:
    if any(isinstance(answer, PointsmanError) for answer in answers):
        return FAILED
    outcomes = {answer["outcome"] for answer in answers if isinstance(answer, dict)}
    return DONE if outcomes <= {"unchanged", "changed"} else NOT_CONVERGED
