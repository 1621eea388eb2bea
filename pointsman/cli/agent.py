"""`pointsman agent`: the process beside the devices."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError

from agents.process import run_agent
from agents.settings import SecretRule, Settings, SettingsError, load_settings
from agents.starting import AgentError
from agents.store.schema import StoreError
from device_profiles.problems import problems_of
from pointsman.cli.attach import attach
from pointsman.cli.examples import examples
from pointsman.cli.line import Line
from pointsman.cli.session import JsonFlag, with_client
from pointsman.client import Client
from pointsman.endpoint import read_token
from pointsman.logs import Level, configure_logs
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.show.output import print_json, print_table, say
from pointsman.show.tables import TABLES

app = typer.Typer(help="Run an agent beside the devices; see who is there, and let one go.", no_args_is_help=True)


@app.callback()
def agent() -> None:
    """Run an agent beside the devices; see who is there, and let one go."""


@app.command(
    epilog=examples(
        "pointsman agent run --config /etc/pointsman/agent.toml",
        "pointsman agent run --service https://pointsman.example.org --name edge-1 --location rack-a \\",
        "    --data-dir /var/lib/pointsman-agent --join-token-file join.token",
        "pointsman agent run ... --secrets-dir secrets --secret 'file:lab.key=10.8.0.0/24'",
    )
)
def run(
    ctx: typer.Context,
    *,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help="A TOML file with the same settings.")] = None,
    name: Annotated[str | None, typer.Option(help="The agent's own name.")] = None,
    location: Annotated[str | None, typer.Option(help="The location that it serves.")] = None,
    data_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="Where it remembers things.")] = None,
    secrets_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="What file: credentials are below.")] = None,
    secret: Annotated[
        list[str] | None, typer.Option(metavar="NAME=HOSTS", help="Which credential may go where: file:x=10.0.0.0/24.")
    ] = None,
    protect: Annotated[list[str] | None, typer.Option(metavar="PATH", help="Never touch this: sw1/ports.p48.")] = None,
    redact: Annotated[
        list[str] | None, typer.Option(metavar="PATH", help="Keep this fact back: dmi.system.serial_number.")
    ] = None,
    poll: Annotated[float | None, typer.Option(metavar="SECONDS", help="Read the devices so often.")] = None,
    join_token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The token that lets it join, at its first start.")
    ] = None,
    new_service: Annotated[
        bool, typer.Option("--new-service", help="Forget the service's key: another one is set up in its place.")
    ] = False,
    log_level: Annotated[Level, typer.Option(help="How much to log.")] = Level.INFO,
) -> None:
    """Run an agent until SIGTERM or Ctrl-C.

    It only calls out: to the service that --service, POINTSMAN_SERVICE or its file names, and to the devices.
    """
    line = ctx.find_object(Line) or Line()
    given = {
        "name": name,
        "location": location,
        "service": line.service or os.environ.get("POINTSMAN_SERVICE"),
        "ca_file": line.ca_file or os.environ.get("POINTSMAN_CA_FILE"),
        "insecure_http": line.insecure_http or bool(os.environ.get("POINTSMAN_INSECURE_HTTP")) or None,
        "data_dir": data_dir,
        "secrets_dir": secrets_dir,
        "secrets": tuple(secret_rule(text) for text in secret) if secret else None,
        "protect": tuple(protect) if protect else None,
        "redact": tuple(redact) if redact else None,
        "poll_s": poll,
    }
    settings = settings_of(config, {key: value for key, value in given.items() if value is not None})
    join_token = read_token(join_token_file) if join_token_file else ""
    configure_logs(log_level)
    try:
        run_agent(settings, join_token=join_token, new_service=new_service)
    except (AgentError, StoreError) as error:
        raise PointsmanError(str(error)) from error


app.command(
    epilog=examples(
        "pointsman agent attach                       # which ports there are",
        "pointsman agent attach /dev/ttyUSB0 --look   # what is at the far end",
        "pointsman agent attach /dev/ttyUSB0 --location closet --join-token-file join.token",
        "pointsman agent attach rfc2217://10.8.0.254:2001 --location closet --join-token-file join.token",
        "pointsman agent attach /dev/ttyUSB0 --node con1 --offline vlan30.yaml --once",
        "pointsman agent attach --node con1 --location closet --join-token-file join.token   # ... and hand that over",
    )
)(attach)


@app.command("list", epilog=examples("pointsman agent list", "pointsman agent list --json"))
def list_agents(ctx: typer.Context, json: JsonFlag = False) -> None:
    """List agents: whether each is there, how many nodes it holds, and by what lease.

    "for ever": its location is its own. In a shared location a lease is "held", or "ended": others get its nodes then.
    """

    async def work(client: Client) -> None:
        items = await client.list("agents")
        if json:
            print_json(items)
        else:
            table = TABLES["agents"]
            print_table(table.columns, [table.row(item) for item in items], empty="no agent is enrolled")

    with_client(ctx, work)


@app.command(epilog=examples("pointsman agent retire edge-1"))
def retire(ctx: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="From agent list.")]) -> None:
    """Let an agent go: its token ends, and others may have its nodes.

    Where it had its location alone they may at once: see first that it has really ended. In a shared location they wait
    until its lease is over.
    """

    async def work(client: Client) -> None:
        await client.delete("agents", name)
        say(f"agent {name} is retired")

    with_client(ctx, work)


def settings_of(config: Path | None, given: dict[str, Any]) -> Settings:
    """The settings of a file with those of the line over them. Raises PointsmanError or WrongUsage."""
    try:
        base = dataclasses.asdict(load_settings(config)) if config is not None else {}
        return TypeAdapter(Settings).validate_python(base | given)
    except SettingsError as error:
        raise PointsmanError(f"{error}: mend the file") from error
    except ValidationError as error:
        first = problems_of(error)[0]
        option = f"--{first.path.removesuffix('_s').replace('_', '-')}"
        raise WrongUsage(f"{option} {first.message}: give it, or a whole file with --config") from error


def secret_rule(text: str) -> SecretRule:
    """A rule written ``file:lab.key=10.8.0.0/24,10.9.0.1``. Raises WrongUsage."""
    name, equals, hosts = text.partition("=")
    if not (name and equals and hosts):
        raise WrongUsage(f"--secret {text!r} is not NAME=HOSTS, like file:lab.key=10.8.0.0/24")
    return SecretRule(name=name, hosts=tuple(hosts.split(",")))
