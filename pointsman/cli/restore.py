"""`pointsman restore`: a backup in the place of what a service remembers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from pointsman.cli.database import DATA_DIR, Database, DataDir, url_of
from pointsman.cli.examples import examples
from pointsman.problems import PointsmanError
from pointsman.show.output import say
from proxy_service.store import DatabaseUnusable
from proxy_service.trust.archive import Unreadable
from proxy_service.trust.backup import Restored, held
from proxy_service.trust.backup import restore as put_back

app = typer.Typer()


@app.command(
    epilog=examples(
        "pointsman restore /var/backups/pointsman-2026-11-20 --data-dir /var/lib/pointsman",
        "pointsman restore today.backup --database postgresql://pointsman@db/pointsman --yes",
    )
)
def restore(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `pointsman backup` wrote.")],
    data_dir: DataDir = DATA_DIR,
    database: Database = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Replace what the database holds.")] = False,
) -> None:
    """Put a backup in the place of all that the database holds, while no service uses it.

    Agents that have accepted something newer than the backup keep their devices as they are, and say so
    (ServiceBehind): declare anew what is missing, or see `pointsman overrule`.
    """
    url = url_of(data_dir, database)
    try:
        if database is None:
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        done = asyncio.run(_restore(url, file, replace=yes))
    except (DatabaseUnusable, Unreadable) as error:
        raise PointsmanError(str(error)) from error
    except OSError as error:
        sentence = f"the data directory {data_dir} cannot be made: {error.strerror}: choose another --data-dir"
        raise PointsmanError(sentence) from error
    _tell(done)


async def _restore(url: str, file: Path, *, replace: bool) -> Restored:
    if not replace:
        found = await held(url)
        if any(found.values()):
            what = " and ".join(f"{count} {name}" for name, count in found.items())
            raise PointsmanError(f"the database holds {what}, which would be gone: say --yes to replace all of it")
    return await put_back(url, file)


def _tell(done: Restored) -> None:
    say(f"restored: {done.rows} rows of {done.made_at}: {done.nodes} nodes, {done.agents} agents")
    say(f"a new epoch begins ({done.epoch}): agents that know something newer keep their devices as they are")
    say(f"{done.tokens} tokens are valid as they were then: revoke again what was revoked since")
    if done.waits_until is not None:
        say(f"shared locations: nobody writes before {done.waits_until}, when all leases have ended")
