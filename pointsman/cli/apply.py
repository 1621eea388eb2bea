"""`pointsman apply`: hand a document to the service and say what it changed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client, Json
from pointsman.problems import DONE, NOT_CONVERGED, PointsmanError, ServiceRefused
from pointsman.show.changes import print_applied, print_dry_run
from pointsman.show.output import print_json
from pointsman.show.progress import working
from pointsman.show.waiting import wait_for_nodes

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman apply -f rack.yaml --dry-run     # what would change, on which node",
        "pointsman apply -f rack.yaml --wait 60     # exit code 0: it is on the devices",
        "cat rack.yaml | pointsman apply -f -",
        "pointsman apply -f rack.yaml --prune rack-a --dry-run",
    )
)
def apply(
    ctx: typer.Context,
    *,
    file: Annotated[Path, typer.Option("--file", "-f", metavar="FILE", help="The document; - is standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing; show what would change.")] = False,
    prune: Annotated[
        str | None, typer.Option(metavar="SET", help="Delete your objects of this set that the document lacks.")
    ] = None,
    confirm: Annotated[
        str | None, typer.Option(metavar="HASH", help="The plan hash that a large prune asks for.")
    ] = None,
    wait: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0, help="Wait so long for the nodes to converge.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Declare what a document says, all of it or nothing. It adds and changes; it never deletes without --prune."""
    document = read_document(file)

    async def work(client: Client) -> int:
        with working("the nodes are being planned" if dry_run else "declaring"):
            try:
                answer = await client.apply(document, dry_run=dry_run, prune=prune, confirm=confirm)
            except ServiceRefused as error:
                raise _in_our_words(error) from error
        if json:
            print_json(answer)
        elif dry_run:
            print_dry_run(answer)
        else:
            print_applied(answer)
        return DONE if dry_run or wait is None else await _wait(client, answer, wait, quiet=json)

    with_client(ctx, work)


def _in_our_words(error: ServiceRefused) -> ServiceRefused:
    """A prune that wants to be confirmed is told with the option that does it; anything else as the service says it."""
    if error.slug != "budget-exceeded":
        return error
    doomed = {kind: names for kind, names in error.more["deleted"].items() if names}
    lines = tuple(f"{kind}: {', '.join(names)}" for kind, names in doomed.items())
    sentence = f"nothing was changed, since this prune deletes much: if it shall, add --confirm {error.more['confirm']}"
    return ServiceRefused(sentence, slug=error.slug, status=error.status, details=lines, more=error.more)


async def _wait(client: Client, answer: Json, timeout_s: float, *, quiet: bool) -> int:
    generations: dict[str, int | None] = dict(answer["nodes"])
    late = await wait_for_nodes(client, generations, timeout_s=timeout_s, quiet=quiet)
    return NOT_CONVERGED if late else DONE


def read_document(file: Path) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises PointsmanError."""
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise PointsmanError(f"cannot read the document {file}: {error.strerror}: check the path after -f") from error
