"""`pointsman backup`: everything that a service remembers, in one file."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from pointsman import __version__
from pointsman.cli.database import DATA_DIR, Database, DataDir, url_of
from pointsman.cli.examples import examples
from pointsman.problems import PointsmanError
from pointsman.show.output import say
from proxy_service.store import DatabaseUnusable
from proxy_service.trust.backup import save

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman backup /var/backups/pointsman-2026-11-20 --data-dir /var/lib/pointsman",
        "pointsman backup today.backup --database postgresql://pointsman@db/pointsman",
    )
)
def backup(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that is not there yet.")],
    data_dir: DataDir = DATA_DIR,
    database: Database = None,
) -> None:
    """Write all that the service remembers to a file, which `pointsman restore` reads; the service may go on meanwhile.

    The file holds the service's signing key and the hashes of tokens: it is readable by its owner only, keep it so.
    """
    if file.exists():
        raise PointsmanError(f"{file} is there already: name another file, or move it away")
    try:
        rows = asyncio.run(save(url_of(data_dir, database), file, version=__version__))
    except DatabaseUnusable as error:
        raise PointsmanError(str(error)) from error
    except OSError as error:
        raise PointsmanError(f"{file} cannot be written: {error.strerror}: choose another place") from error
    say(f"{file}: {rows} rows")
