"""`pointsman agent attach`: an agent for the device at the far end of a serial line."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from pathlib import Path

import typer

from agents.attaching import Attached
from agents.meeting import Meeting
from agents.process import run_agent
from agents.settings import Settings, SettingsError
from agents.starting import AgentError
from agents.store.schema import StoreError
from drivers.credentials import Credential
from pointsman.attach import kept
from pointsman.attach.finding import Found
from pointsman.attach.joining import Joining, node_name, settings, state_folder
from pointsman.attach.leaving import leave_to
from pointsman.cli import attach_options as given
from pointsman.cli import bootstrap as boot
from pointsman.cli.far_end import far_end, list_ports
from pointsman.cli.line import Line
from pointsman.cli.session import endpoint_of
from pointsman.client import Client
from pointsman.endpoint import read_token
from pointsman.logs import Level, configure_logs
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.show.output import note, say


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Joins:
    """How the agent joins a service, and what becomes of what it kept while it had none."""

    ctx: typer.Context
    joining: Joining
    token_file: Path | None
    declare: bool
    once: bool


def attach(
    ctx: typer.Context,
    port: given.Port = None,
    *,
    node: given.Node = "",
    location: given.Location = "",
    name: given.Name = "",
    profile: given.ProfileName = None,
    credentials: given.Credentials = None,
    join_token_file: given.JoinToken = None,
    data_dir: given.DataDir = None,
    look: given.Look = False,
    offline: given.Offline = None,
    declare: given.Declare = False,
    once: given.Once = False,
    wait: given.Wait = 60.0,
    bootstraps: boot.Bootstraps = False,
    hostname: boot.Hostname = "",
    management: boot.Management = "",
    interface: boot.Interface = "",
    gateway: boot.Gateway = "",
    user: boot.User = "",
    ssh_key: boot.SshKey = None,
    leaves: boot.LeaveTo = "",
    yes: boot.Yes = False,
    log_level: given.LogLevel = Level.WARNING,
) -> None:
    """Attach an agent to a device by its serial line: find out what it is, make it a node, and keep it.

    Without a port it lists those of this machine; with --node or --data-dir it goes on with an agent that was run
    offline, and hands over what that has kept. Speed and profile are found out; a login is asked for only if the device
    asks, and given up after three that it refuses. Nothing is written to the device before it is declared.
    """
    if port is None and not node and data_dir is None:
        list_ports()
        return
    asked = {"hostname": hostname, "management": management, "interface": interface, "gateway": gateway, "user": user}
    want = boot.wanted(bootstraps, ssh_key=ssh_key, leave_to=leaves, **asked)
    joining = Joining(node=node, agent=name, location=location, service="", data_dir=data_dir)
    joins = None
    if offline is not None and leaves:
        raise WrongUsage("--leave-to needs a service: leave --offline out")
    if not look and offline is None:
        reaching = _reaching(ctx, joining)
        joins = _Joins(ctx=ctx, joining=reaching, token_file=join_token_file, declare=declare, once=once)
    configure_logs(log_level)
    if port is None:
        _join_again(joins)
        return
    found, credential = far_end(port, profile=profile, credentials=credentials)
    if want is not None:
        want = dataclasses.replace(want, line=credential)
        found, credential = boot.bootstrap(found, want, yes=yes, look=look), want.credential
    if joins is not None and leaves:
        raise typer.Exit(asyncio.run(_leave_to(joins, found, leaves, wait_s=wait)))
    if joins is not None:
        _join(joins, *_prepared(joins.joining, found, credential))
    elif offline is not None and not look:
        raise typer.Exit(_stay_offline(joining, found, credential, document=offline, once=once, wait_s=wait))


def _reaching(ctx: typer.Context, joining: Joining) -> Joining:
    """With the service that the line or the environment names. Raises WrongUsage."""
    line = ctx.find_object(Line) or Line()
    service = line.service or os.environ.get("POINTSMAN_SERVICE", "")
    if not service:
        raise WrongUsage("no service is named: give --service or POINTSMAN_SERVICE, or only look with --look")
    if not joining.location:
        raise WrongUsage("no location is named: give --location, the one that the join token was made for")
    authority = line.ca_file or os.environ.get("POINTSMAN_CA_FILE")
    return dataclasses.replace(
        joining,
        service=service,
        ca_file=Path(authority) if authority else None,
        insecure_http=line.insecure_http or bool(os.environ.get("POINTSMAN_INSECURE_HTTP")),
    )


def _prepared(joining: Joining, found: Found, credential: Credential | None) -> tuple[Settings, Attached]:
    try:
        return settings(joining, found, node_name(found, joining.node), credential)
    except (SettingsError, OSError) as error:
        raise PointsmanError(f"the agent's folder cannot be used: {error}") from None


def _join_again(joins: _Joins | None) -> None:
    """Go on with the agent of a folder, at whose port there may be nothing now."""
    if joins is None:
        raise WrongUsage("--look and --offline need a port: name it")
    folder = joins.joining.data_dir or state_folder() / joins.joining.node
    _join(joins, *kept.joined(joins.joining, folder))


async def _leave_to(joins: _Joins, found: Found, credentials: str, *, wait_s: float) -> int:
    """Declare the device for the agent of the location that was named, and see it reached; the exit code."""
    called = node_name(found, joins.joining.node)
    async with Client(endpoint_of(joins.ctx)) as client:
        return await leave_to(
            client, found, called, location=joins.joining.location, credentials=credentials, wait_s=wait_s
        )


def _join(joins: _Joins, made: Settings, attached: Attached) -> None:
    """Be the device's agent, until Ctrl-C; what it has kept offline is handed over first."""
    document = kept.declared(made.data_dir)
    if document is None and (joins.declare or joins.once):
        raise WrongUsage(f"--declare and --once go with what was kept offline, and {made.data_dir} has kept nothing")
    if joins.declare and document is not None:
        asyncio.run(_declare(joins.ctx, document))
    token = read_token(joins.token_file) if joins.token_file else ""
    say(f"{attached.node}: a node of {made.location}, by {attached.access[0]}; the agent {made.name} runs until Ctrl-C")

    def told(passes: int) -> bool:
        if passes or joins.once:
            say(f"{attached.node}: what was kept offline is handed over: {passes} passes")
        if passes and not joins.declare:
            note(f"what was declared offline is declared nowhere else: {made.data_dir / kept.DECLARED}, or --declare")
        return not joins.once

    try:
        run_agent(made, join_token=token, attached=attached, meeting=Meeting(declared=joins.declare, told=told))
    except (AgentError, StoreError) as error:
        raise PointsmanError(str(error)) from error


async def _declare(ctx: typer.Context, document: bytes) -> None:
    """Declare what was declared offline, as whoever calls; it waits for the node if that is not there yet."""
    async with Client(endpoint_of(ctx)) as client:
        await client.apply(document)
    say("what was declared offline is declared at the service")


def _stay_offline(
    joining: Joining, found: Found, credential: Credential | None, *, document: Path, once: bool, wait_s: float
) -> int:
    """Keep the device with no service; the exit code."""
    # A whole service stands behind it: a second of starting, and 50 MB, that an ordinary agent does without.
    from pointsman.attach.offline import LOCATION, keep_offline  # noqa: PLC0415

    called = node_name(found, joining.node)
    alone = dataclasses.replace(
        joining, location=joining.location or LOCATION, data_dir=joining.data_dir or state_folder() / called
    )
    try:
        text = document.read_bytes()
    except OSError as error:
        raise PointsmanError(f"{document}: cannot be read: {error.strerror}") from None
    try:
        return asyncio.run(
            keep_offline(found, called, joining=alone, credential=credential, document=text, once=once, wait_s=wait_s)
        )
    except (AgentError, StoreError) as error:
        raise PointsmanError(str(error)) from error
