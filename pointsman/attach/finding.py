"""What is at the far end of a line: its speed, the profile that fits, and what the device says of itself."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device_profiles.facts import Facts
from device_profiles.profile import Profile
from drivers.access import Access, parse_access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, Unsupported
from drivers.line.ports import line_name, stable
from drivers.line.shared import borrow
from drivers.registry import make_driver
from drivers.transports import open_connection
from pointsman.attach.hearing import Heard, hear
from pointsman.probe.detection import Fit, detect

_TIMEOUT_S: Final = 10.0
_OPEN_S: Final = 5.0


class LoginNeeded(AuthFailed):
    """The line asks who is there, and nobody was named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A device on a line. ``access`` is the URL by which its node is reached from now on.

    ``network`` is the way that goes before it, where there is one, and ``host_key`` what the device shows there.
    ``server`` is the secret of what serves the line.
    """

    access: str
    fit: Fit
    facts: Facts
    network: str = ""
    host_key: str = ""
    server: Credential | None = None

    @property
    def profile(self) -> Profile:
        """The profile that fits."""
        return self.fit.profile

    @property
    def identity(self) -> dict[str, str]:
        """What is declared of its identity: its SSH key if known, and the line of one that shows nothing of itself."""
        line = {"line": line_name(parse_access(self.access))} if "line" in self.profile.identity else {}
        return {**line, **({"ssh_host_key": self.host_key} if self.host_key else {})}

    @property
    def accesses(self) -> tuple[str, ...]:
        """By what its node is reached, in order."""
        return (self.network, self.access) if self.network else (self.access,)


async def find(
    access: Access, *, known: Mapping[str, Profile], profile: Profile | None, credential: Credential | None
) -> Found:
    """Find out what answers on a line. Nothing but Enter is typed before a login, and only questions after it.

    The line stays open until that is found out, so that a console server is logged in at once and no more.

    Raises :class:`LoginNeeded`, and other :class:`~drivers.errors.DeviceError`.
    """
    has = await borrow(access, timeout_s=_OPEN_S)
    try:
        return await _find(access, known=known, profile=profile, credential=credential)
    finally:
        await has.give_back()


async def _find(
    access: Access, *, known: Mapping[str, Profile], profile: Profile | None, credential: Credential | None
) -> Found:
    heard = await hear(access)
    access = _at_speed(access, heard.speed)
    if heard.asks_who and credential is None:
        raise LoginNeeded(
            "the device asks for a login: name the user in the URL (rfc2217://admin@..., serial:...?user=admin) and "
            "the password by --credentials"
        )
    fit = _fit(heard, known, profile) or await _asked(access, known, credential)
    facts = await _facts(access, fit.profile, credential)
    return Found(access=url(access), fit=fit, facts=facts, server=access.secret)


def url(access: Access) -> str:
    """An access as a declaration has it: a local port by the name that stays."""
    options = "&".join(f"{name}={value}" for name, value in access.options)
    who = f"{access.user}@" if access.user else ""
    name = line_name(access).replace("://", f"://{who}", 1)
    return f"{name}?{options}" if options else name


def _at_speed(access: Access, speed: int | None) -> Access:
    options = {**dict(access.options), **({"baud": str(speed)} if speed else {})}
    host = str(stable(Path(access.host))) if access.scheme == "serial" else access.host
    return dataclasses.replace(access, host=host, options=tuple(options.items()))


def _fit(heard: Heard, known: Mapping[str, Profile], profile: Profile | None) -> Fit | None:
    """The profile that was named, or whose prompt or banner is shown already."""
    if profile is not None:
        return Fit(profile, "it was named")
    shown = [
        each
        for each in known.values()
        for sign in each.signs
        if not sign.command
        and re.search(sign.shows, heard.text)
        and not (sign.unless and re.search(sign.unless, heard.text))
    ]
    return Fit(shown[0], "its prompt or banner shows it") if len(shown) == 1 else None


async def _asked(access: Access, known: Mapping[str, Profile], credential: Credential | None) -> Fit:
    connection = await open_connection(access, credential=credential, pin=None, timeout_s=_TIMEOUT_S)
    try:
        return await detect(connection, known)
    finally:
        await connection.close()


async def _facts(access: Access, profile: Profile, credential: Credential | None) -> Facts:
    if "facts" not in profile.capabilities:
        raise Unsupported(f"the profile {profile.name} tells no facts: there is nothing to attach to")
    connection = await open_connection(access, credential=credential, pin=None, timeout_s=profile.connect_timeout_s)
    try:
        driver = make_driver(connection, profile)
        try:
            return await driver.facts()
        finally:
            await driver.close()
    finally:
        await connection.close()
