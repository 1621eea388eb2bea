"""`pointsman agent attach`: an agent for the device at the far end of a serial line."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import sys
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from agents.process import run_agent
from agents.settings import SettingsError
from agents.starting import AgentError
from agents.store.schema import StoreError
from device_profiles.catalogue import known_profiles
from device_profiles.profile import Profile, ProfileError
from drivers.access import Access, parse_access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, DeviceError
from drivers.line.occupants import occupant
from drivers.line.ports import ports
from drivers.line.shared import SCHEMES
from pointsman.attach.finding import Found, LoginNeeded, find
from pointsman.attach.joining import Joining, node_name, settings, state_folder
from pointsman.attach.offline import LOCATION, keep_offline
from pointsman.cli.bootstrap import (
    Bootstraps,
    Gateway,
    Hostname,
    Management,
    SshKey,
    User,
    Yes,
    bootstrap,
    wanted,
)
from pointsman.cli.line import Line
from pointsman.endpoint import read_token
from pointsman.logs import Level, configure_logs
from pointsman.probe.reaching import secret
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.show.output import note, print_table, say

_MOST_LOGINS: Final = 3
"""Some devices lock an account at the fifth wrong password, and few before the fourth."""


def attach(
    ctx: typer.Context,
    port: Annotated[
        str | None, typer.Argument(metavar="[PORT|URL]", help="/dev/ttyUSB0, rfc2217://host:port, tcp://, telnet://")
    ] = None,
    *,
    node: Annotated[str, typer.Option(metavar="NAME", help="The node's name; the device's own if none is given.")] = "",
    location: Annotated[str, typer.Option(metavar="NAME", help="The location that the agent serves.")] = "",
    name: Annotated[str, typer.Option(metavar="NAME", help="The agent's own name.")] = "",
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="Do not find out which one fits.")] = None,
    credentials: Annotated[
        str | None, typer.Option(metavar="REF", help="file:PATH or env:POINTSMAN_SECRET_X: the password of the line.")
    ] = None,
    join_token_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The token that lets the agent join, at its first start.")
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the agent remembers things.")] = None,
    look: Annotated[bool, typer.Option("--look", help="Show what is there, and end: nothing is joined.")] = False,
    offline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Need no service: keep the device at this declaration.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="With --offline: end when it is as declared.")] = False,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="With --offline: how long to wait for that.")] = 60.0,
    bootstraps: Bootstraps = False,
    hostname: Hostname = "",
    management: Management = "",
    gateway: Gateway = "",
    user: User = "",
    ssh_key: SshKey = None,
    yes: Yes = False,
    log_level: Annotated[Level, typer.Option(help="How much to log.")] = Level.WARNING,
) -> None:
    """Attach an agent to a device by its serial line: find out what it is, make it a node, and keep it.

    Without a port it lists those of this machine. Speed and profile are found out; a login is asked for only if the
    device asks, and given up after three that it refuses. Nothing is written to the device before it is declared.
    """
    if port is None:
        _list_ports()
        return
    access = _access(port)
    want = wanted(bootstraps, hostname=hostname, management=management, gateway=gateway, user=user, ssh_key=ssh_key)
    joins = not look and offline is None
    joining = _joining(ctx, node=node, name=name, location=location, data_dir=data_dir) if joins else None
    found, credential = _found(access, _profile(profile), _secret(credentials))
    _show(found)
    if want is not None:
        want = dataclasses.replace(want, line=credential)
        found, credential = bootstrap(found, want, yes=yes, look=look), want.credential
    if look:
        return
    called = node_name(found, node)
    configure_logs(log_level)
    if offline is not None:
        folder = data_dir or state_folder() / called
        alone = Joining(node=node, agent=name, location=location or LOCATION, service="", data_dir=folder)
        keeping = keep_offline(
            found, called, joining=alone, credential=credential, document=_document(offline), once=once, wait_s=wait
        )
        raise typer.Exit(_offline(keeping))
    if joining is not None:
        _keep(joining, found, called, credential, token=read_token(join_token_file) if join_token_file else "")


def _keep(joining: Joining, found: Found, called: str, credential: Credential | None, *, token: str) -> None:
    """Be the device's agent, until Ctrl-C."""
    try:
        made, attached = settings(joining, found, called, credential)
    except (SettingsError, OSError) as error:
        raise PointsmanError(f"the agent's folder cannot be used: {error}") from None
    say(f"{called}: a node of {joining.location}, by {found.accesses[0]}; the agent {made.name} runs until Ctrl-C")
    try:
        run_agent(made, join_token=token, attached=attached)
    except (AgentError, StoreError) as error:
        raise PointsmanError(str(error)) from error


def _offline(keeping: Coroutine[Any, Any, int]) -> int:
    try:
        return asyncio.run(keeping)
    except (AgentError, StoreError) as error:
        raise PointsmanError(str(error)) from error


def _document(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise PointsmanError(f"{file}: cannot be read: {error.strerror}") from None


def _list_ports() -> None:
    rows = [(str(each.path), each.device.name, each.adapter, occupant(each.device)) for each in ports()]
    print_table(("port", "now", "adapter", "in use by"), rows, empty="there is no serial port here: plug an adapter in")
    if rows:
        note("attach to one of them: pointsman agent attach PORT --location NAME --join-token-file FILE")


def _access(port: str) -> Access:
    """The port or URL of the line. Raises WrongUsage."""
    text = f"serial:{Path(port).absolute()}" if ":" not in port else port
    try:
        access = parse_access(text)
    except DeviceError as error:
        raise WrongUsage(str(error)) from None
    if access.scheme not in SCHEMES:
        raise WrongUsage(
            f"{access.scheme}:// is no line: use one of {', '.join(sorted(SCHEMES))}, or `pointsman apply`"
        )
    return access


def _profile(name: str | None) -> Profile | None:
    if name is None:
        return None
    found = _known().get(name)
    if found is None:
        raise WrongUsage(f"there is no profile {name!r}: `pointsman driver list` shows those there are")
    return found


def _known() -> Mapping[str, Profile]:
    try:
        return known_profiles()
    except ProfileError as error:
        raise PointsmanError(f"a profile cannot be used: {error}") from None


def _secret(reference: str | None) -> Credential | None:
    try:
        return secret(reference)
    except DeviceError as error:
        raise PointsmanError(str(error)) from None


def _found(access: Access, profile: Profile | None, credential: Credential | None) -> tuple[Found, Credential | None]:
    """What is there, and the login that it takes.

    One that was named is tried once; else, where the device asks for one, it is asked for on the terminal.
    """
    named = credential is not None
    for tries_left in range(_MOST_LOGINS, -1, -1):
        try:
            return asyncio.run(find(access, known=_known(), profile=profile, credential=credential)), credential
        except AuthFailed as error:
            if named or not sys.stdin.isatty():
                raise PointsmanError(_sentence(access, error)) from None
            if tries_left:
                note("the device asks for a login" if isinstance(error, LoginNeeded) else str(error))
                access, credential = _ask(access)
        except DeviceError as error:
            raise PointsmanError(_sentence(access, error)) from None
    raise PointsmanError(f"{access}: {_MOST_LOGINS} logins were refused: stopped before the account is locked")


def _sentence(access: Access, error: DeviceError) -> str:
    """An error that names its line, once."""
    text = str(error)
    return text if str(access).removeprefix("serial:") in text else f"{access}: {text}"


def _ask(access: Access) -> tuple[Access, Credential]:
    """Ask for a user and a password on the terminal."""
    user = typer.prompt("user", default=access.user or access.option("user"))
    password = typer.prompt("password", hide_input=True)
    options = {**dict(access.options), "user": user} if access.scheme == "serial" else dict(access.options)
    named = dataclasses.replace(access, user=user, options=tuple(options.items()))
    return named, Credential(name="typed", text=password)


def _joining(ctx: typer.Context, *, node: str, name: str, location: str, data_dir: Path | None) -> Joining:
    line = ctx.find_object(Line) or Line()
    service = line.service or os.environ.get("POINTSMAN_SERVICE", "")
    if not service:
        raise WrongUsage("no service is named: give --service or POINTSMAN_SERVICE, or only look with --look")
    if not location:
        raise WrongUsage("no location is named: give --location, the one that the join token was made for")
    authority = line.ca_file or os.environ.get("POINTSMAN_CA_FILE")
    return Joining(
        node=node,
        agent=name,
        location=location,
        service=service,
        ca_file=Path(authority) if authority else None,
        insecure_http=line.insecure_http or bool(os.environ.get("POINTSMAN_INSECURE_HTTP")),
        data_dir=data_dir,
    )


def _show(found: Found) -> None:
    """A few facts, for people."""
    facts = found.facts
    system = facts.get("dmi", {}).get("system", {})
    words = (system.get("manufacturer"), system.get("product_name"), facts.get("platform_version"))
    say(f"{found.access}: {found.profile.name} ({found.profile.title}): {found.fit.why}")
    say(f"it is: {' '.join(str(word) for word in words if word)}")
    for title, value in (("name", facts.get("hostname")), ("serial number", system.get("serial_number"))):
        if value and value != found.profile.name:
            say(f"{title}: {value}")
    say(f"ports: {len(facts.get('network', {}).get('interfaces', {}))}")
