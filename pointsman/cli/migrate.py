"""`pointsman migrate`: the schema of a database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from pointsman.cli.examples import examples
from pointsman.endpoint import data_home
from pointsman.problems import PointsmanError
from pointsman.show.output import say
from proxy_service.settings import Settings
from proxy_service.store import DatabaseUnusable
from proxy_service.store.migrate import migrate as bring_up

app = typer.Typer()

DATA_DIR = data_home()


@app.command(
    epilog=examples(
        "pointsman migrate --data-dir /var/lib/pointsman",
        "pointsman migrate --database postgresql://pointsman@db/pointsman",
    )
)
def migrate(
    *,
    data_dir: Annotated[Path, typer.Option(metavar="DIR", help="The service's data directory.")] = DATA_DIR,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL", envvar="POINTSMAN_DATABASE", help="sqlite:///PATH or postgresql://...; instead of DIR."
        ),
    ] = None,
) -> None:
    """Bring a database to this version's schema, from empty or from any earlier one. `serve` does it by itself."""
    settings = Settings(data_dir=data_dir, database_url=database)
    try:
        if database is None:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        asyncio.run(bring_up(settings.database))
    except DatabaseUnusable as error:
        raise PointsmanError(str(error)) from error
    except OSError as error:
        sentence = f"the data directory {data_dir} cannot be made: {error.strerror}: choose another --data-dir"
        raise PointsmanError(sentence) from error
    say("the database has this version's schema")
