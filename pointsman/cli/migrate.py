"""`pointsman migrate`: the schema of a database."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from pointsman.cli.examples import examples
from pointsman.endpoint import data_home
from pointsman.problems import PointsmanError
from pointsman.show.output import say
from proxy_service.settings import Settings
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
    except (SQLAlchemyError, OSError) as error:
        # The library's text repeats the URL, which may hold a password.
        reason = str(getattr(error, "orig", None) or type(error).__name__).partition("\n")[0]
        raise PointsmanError(f"the database cannot be migrated: {reason}: check --database or --data-dir") from error
    say("the database has this version's schema")
