"""What is at the far end of a line, as somebody at a terminal finds it out: named, asked for a login, and shown."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from pathlib import Path
from typing import Final

import typer

from device_profiles.profile import Profile
from drivers.access import Access, parse_access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, DeviceError
from drivers.line.connection import device_user, has_own_box
from drivers.line.occupants import occupant
from drivers.line.ports import ports
from drivers.line.served_access import ServerRefused
from drivers.line.shared import SCHEMES
from pointsman.attach.finding import Found, LoginNeeded, find
from pointsman.cli.profiles import known, profile_called
from pointsman.probe.reaching import secret
from pointsman.problems import PointsmanError, WrongUsage
from pointsman.show.output import note, print_table, say

_MOST_LOGINS: Final = 3
"""Some devices lock an account at the fifth wrong password, and few before the fourth."""


def far_end(port: str, *, profile: str | None, credentials: str | None) -> tuple[Found, Credential | None]:
    """The device at a port or URL, shown to people, and the login that it takes. Raises PointsmanError."""
    found, credential = _found(
        _access(port), profile_called(profile) if profile is not None else None, _secret(credentials)
    )
    _show(found)
    return found, credential


def list_ports() -> None:
    """Show the serial ports of this machine."""
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
    return dataclasses.replace(access, secret=_secret(access.option("login") or None))


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
            return asyncio.run(find(access, known=known(), profile=profile, credential=credential)), credential
        except ServerRefused as error:
            raise PointsmanError(_sentence(access, error)) from None
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
    user = typer.prompt("user", default=device_user(access))
    password = typer.prompt("password", hide_input=True)
    if access.scheme == "serial" or has_own_box(access):
        named = dataclasses.replace(access, options=tuple({**dict(access.options), "user": user}.items()))
    else:
        named = dataclasses.replace(access, user=user)
    return named, Credential(name="typed", text=password)


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
