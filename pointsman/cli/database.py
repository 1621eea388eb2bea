"""The options of commands that work on a service's database, not on a service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pointsman.endpoint import data_home
from proxy_service.settings import Settings

DATA_DIR = data_home()
DataDir = Annotated[Path, typer.Option("--data-dir", metavar="DIR", help="The service's data directory.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        envvar="POINTSMAN_DATABASE",
        help="sqlite:///PATH or postgresql://...; instead of DIR.",
    ),
]


def url_of(data_dir: Path, database: str | None) -> str:
    """The URL that both options give together."""
    return Settings(data_dir=data_dir, database_url=database).database
