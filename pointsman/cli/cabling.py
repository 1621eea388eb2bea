"""`pointsman cabling`: declared cables held against what is seen; and cables of other inventories as declarations."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from ruamel.yaml import YAML

from pointsman.cabling import read_cables
from pointsman.cli.examples import examples
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.problems import DONE, NOT_CONVERGED, PointsmanError
from pointsman.show.graph import CABLING_COLUMNS, cabling_row, cabling_summary
from pointsman.show.output import note, print_json, print_table
from pointsman.show.text import safe

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman cabling                                        # what deviates; exit code 3 if anything does",
        "pointsman cabling --all --json",
        "pointsman cabling --import netbox-cables.csv > cabling.yaml",
        "pointsman cabling --import cables.json | pointsman apply -f - --dry-run",
    )
)
def cabling(
    ctx: typer.Context,
    *,
    every: Annotated[bool, typer.Option("--all", help="Also what is as declared.")] = False,
    at: Annotated[str | None, typer.Option(metavar="TIME", help="As of this time, like 2026-11-20T14:00:00Z.")] = None,
    import_: Annotated[
        Path | None,
        typer.Option(
            "--import", metavar="FILE", help="Write cables of NetBox, a CSV or YAML as a document; - is stdin."
        ),
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Declared cables against what is seen: missing, swapped, unexpected."""
    if import_ is not None:
        _write_document(import_)
        return

    async def work(client: Client) -> int:
        report = await client.call(
            "GET", "/cabling/report", query={"result": "all" if every else "deviations", "at": at}, timeout_s=60
        )
        if json:
            print_json(report)
        else:
            print_table(CABLING_COLUMNS, [cabling_row(item) for item in report["items"]], empty="nothing deviates")
            note(cabling_summary(report))
        return NOT_CONVERGED if report["deviations"] else DONE

    with_client(ctx, work)


def _write_document(file: Path) -> None:
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise PointsmanError(f"{file}: cannot be read: {error.strerror}") from None
    found = read_cables(data)
    for sentence in found.left_out:
        note(f"left out: {safe(sentence)}")
    if not found.cables:
        raise PointsmanError("no cable of the file can be declared")
    YAML(typ="safe").dump(found.document, sys.stdout)
