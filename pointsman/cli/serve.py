"""`pointsman serve`: the service, in the foreground."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from agents.tls import is_exposed
from pointsman.cli.examples import examples
from pointsman.cli.spans import span_of
from pointsman.endpoint import data_home
from pointsman.logs import Level, configure_logs
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.show.output import note
from pointsman.signals import stop_requested
from proxy_service.serve import Service
from proxy_service.settings import Settings
from proxy_service.store import DatabaseUnusable
from proxy_service.tls import BadCertificate

app = typer.Typer()

DATA_DIR = data_home()


@app.command(
    epilog=examples(
        "pointsman serve --data-dir /var/lib/pointsman",
        "pointsman serve --host 0.0.0.0 --tls-cert /etc/pointsman/cert.pem --tls-key /etc/pointsman/key.pem",
        "pointsman serve --port 8765 --database postgresql://pointsman@db/pointsman",
        "pointsman serve --unix-socket /run/pointsman.sock   # for agents that share no network with it",
    )
)
def serve(
    *,
    data_dir: Annotated[Path, typer.Option(metavar="DIR", help="Where it keeps its files.")] = DATA_DIR,
    database: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="POINTSMAN_DATABASE",
            help="sqlite:///PATH or postgresql://...; default: pointsman.db in the data directory.",
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The TCP port; 0 takes a free one.")] = 8765,
    unix_socket: Annotated[Path | None, typer.Option(metavar="PATH", help="Listen on this Unix socket, too.")] = None,
    tls_cert: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar="POINTSMAN_TLS_CERT", help="Speak TLS on the port, with this certificate."),
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar="POINTSMAN_TLS_KEY", help="Its key; default: in the same file."),
    ] = None,
    open_metrics: Annotated[bool, typer.Option("--open-metrics", help="/metrics needs no token.")] = False,
    lease: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="How soon agents that share a location take over.")
    ] = 30.0,
    keep_events: Annotated[str, typer.Option(metavar="SPAN", help="For how long events can be read.")] = "14d",
    keep_passes: Annotated[str, typer.Option(metavar="SPAN", help="For how long passes can be read.")] = "90d",
    keep_audit: Annotated[str, typer.Option(metavar="SPAN", help="For how long writes can be read.")] = "365d",
    log_level: Annotated[Level, typer.Option(help="How much to log.")] = Level.INFO,
) -> None:
    """Run the service until SIGTERM or Ctrl-C. The first start makes an admin token, in DATA-DIR/admin.token."""
    configure_logs(log_level)
    if tls_key is not None and tls_cert is None:
        raise WrongUsage("--tls-key is the key of a certificate: name that with --tls-cert")
    settings = Settings(
        data_dir=data_dir,
        database_url=database,
        host=host,
        port=port,
        unix_socket=unix_socket,
        tls_cert=tls_cert,
        tls_key=tls_key,
        open_metrics=open_metrics,
        lease_s=lease,
        events_kept_s=span_of(keep_events, option="--keep-events").total_seconds(),
        passes_kept_s=span_of(keep_passes, option="--keep-passes").total_seconds(),
        audit_kept_s=span_of(keep_audit, option="--keep-audit").total_seconds(),
    )
    uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        async with Service(settings) as service:
            # What the start made stays to the end: a full collection need not walk all of it again, which was a sixth
            # of the time that a report takes (`python -m benchmarks facts-post`).
            gc.collect()
            gc.freeze()
            note(f"listening on {service.url}; the admin token is in {settings.admin_token_file}")
            if is_exposed(service.url):
                note("others can read what is said on that port: give it a certificate with --tls-cert")
            with stop_requested() as stop:
                await stop.wait()
    except (DatabaseUnusable, BadCertificate) as error:
        raise PointsmanError(str(error)) from error
    except OSError as error:
        raise PointsmanError(f"the service cannot start: {error}: choose another --port or --data-dir") from error
