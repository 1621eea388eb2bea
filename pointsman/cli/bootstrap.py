"""The part of `pointsman agent attach` that makes a device reachable: what is planned is shown, and confirmed."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from drivers.access import parse_access
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.errors import DeviceError
from drivers.transports import open_connection
from pointsman.attach.bootstrapping import Plan, Wanted, carry_out, plan, steps
from pointsman.attach.commands import OnLine
from pointsman.attach.finding import Found
from pointsman.attach.proving import Proof, bootstrapped, prove
from pointsman.probe.reaching import secret
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.show.output import note, say

Bootstraps = Annotated[
    bool, typer.Option("--bootstrap", help="First make it reachable: once, planned, shown and confirmed.")
]
Hostname = Annotated[str, typer.Option(metavar="NAME", help="With --bootstrap: the device's own name.")]
Management = Annotated[
    str, typer.Option(metavar="ADDRESS/LENGTH", help="With --bootstrap: its address, like 10.0.0.2/24.")
]
Interface = Annotated[
    str, typer.Option(metavar="NAME", help="With --bootstrap: what gets that address, if not the profile's own choice.")
]
Gateway = Annotated[str, typer.Option(metavar="ADDRESS", help="With --bootstrap: its way out.")]
User = Annotated[str, typer.Option(metavar="NAME", help="With --bootstrap: who logs in over SSH.")]
SshKey = Annotated[
    Path | None, typer.Option(metavar="FILE", help="With --bootstrap: the user's private key, for the agent.")
]
LeaveTo = Annotated[
    str,
    typer.Option(
        "--leave-to",
        metavar="REF",
        help="With --bootstrap: leave it to the agent of --location, which has the user's key as REF.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="With --bootstrap: send it without asking.")]


def wanted(
    bootstraps: bool,
    *,
    hostname: str,
    management: str,
    interface: str,
    gateway: str,
    user: str,
    ssh_key: Path | None,
    leave_to: str,
) -> Wanted | None:
    """What the options say; None without ``--bootstrap``.

    Raises PointsmanError where the key cannot be read, or an option means nothing without ``--bootstrap``.
    """
    if not bootstraps:
        if hostname or management or interface or gateway or user or ssh_key or leave_to:
            options = "--hostname, --management, --interface, --gateway, --user, --ssh-key and --leave-to"
            raise WrongUsage(f"{options} go with --bootstrap")
        return None
    if leave_to and not (management and user and ssh_key):
        raise WrongUsage("to be left to another agent it must be reached by SSH: give --management, --user, --ssh-key")
    try:
        key = secret(f"file:{ssh_key}") if ssh_key is not None else None
    except DeviceError as error:
        raise PointsmanError(str(error)) from None
    return Wanted(hostname=hostname, management=management, interface=interface, gateway=gateway, user=user, key=key)


def bootstrap(found: Found, want: Wanted, *, yes: bool, look: bool) -> Found:
    """Plan, show, have it confirmed, carry out, prove; ``look``: only plan and show.

    Answers the device as its node is declared now.
    """
    device = OnLine(profile=found.profile, open=partial(_open, found, want.line))
    proof = None
    try:
        planned = asyncio.run(plan(device, steps(found.profile, want)))
        _show(planned)
        if look:
            return found
        if not planned.is_empty:
            _confirm(yes=yes)
            asyncio.run(carry_out(device, planned))
            say("done, read back and saved")
        proof = asyncio.run(prove(device, want))
    except DeviceError as error:
        raise PointsmanError(str(error)) from None
    _tell(proof)
    return bootstrapped(found, want, proof)


async def _open(found: Found, credential: Credential | None) -> Connection:
    timeout_s = found.profile.connect_timeout_s
    access = dataclasses.replace(parse_access(found.access), secret=found.server)
    return await open_connection(access, credential=credential, pin=None, timeout_s=timeout_s)


def _show(planned: Plan) -> None:
    for step in planned.done:
        say(f"{step.name}: is so already")
    for step in planned.todo:
        say(f"{step.name}:")
        for line in step.shown:
            say(f"  {line}")
    if planned.todo or planned.unsaved:
        say("save: the device starts with this from then on")


def _confirm(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongUsage("nothing was sent: it needs a person's consent, or --yes")
    if not typer.confirm("Send this to the device?"):
        raise PointsmanError("nothing was sent")


def _tell(proof: Proof | None) -> None:
    if proof is None:
        note("SSH is not proved: that needs --management and --user")
    elif proof.unreachable:
        note(f"SSH is not proved from here: {proof.unreachable}; passes go over the line until the network leads there")
    else:
        whose = "which it showed on its line" if proof.from_line else "which is pinned from now on"
        say(f"SSH is proved: {proof.access}, host key {proof.host_key}, {whose}")
