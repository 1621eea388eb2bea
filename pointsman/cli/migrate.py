"""`pointsman migrate`: the schema of a database."""

from __future__ import annotations

import asyncio

import typer

from pointsman.cli.database import DATA_DIR, Database, DataDir, url_of
from pointsman.cli.examples import examples
from pointsman.problems import PointsmanError
from pointsman.show.output import say
from proxy_service.store import DatabaseUnusable
from proxy_service.store.migrate import migrate as bring_up

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman migrate --data-dir /var/lib/pointsman",
        "pointsman migrate --database postgresql://pointsman@db/pointsman",
    )
)
def migrate(*, data_dir: DataDir = DATA_DIR, database: Database = None) -> None:
    """Bring a database to this version's schema, from empty or from any earlier one. `serve` does it by itself."""
    try:
        if database is None:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        asyncio.run(bring_up(url_of(data_dir, database)))
    except DatabaseUnusable as error:
        raise PointsmanError(str(error)) from error
    except OSError as error:
        sentence = f"the data directory {data_dir} cannot be made: {error.strerror}: choose another --data-dir"
        raise PointsmanError(sentence) from error
    say("the database has this version's schema")
