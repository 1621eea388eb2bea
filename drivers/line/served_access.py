"""Which port of which console server an access URL wants, and as whom: checked before anybody is called."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from device_profiles.console_server import PASSWORD, PORT, SSH, USER, ConsoleServer, Step, console_servers
from device_profiles.profile import ProfileError
from drivers.access import Access
from drivers.credentials import Credential
from drivers.errors import AuthFailed, Unsupported

OPTION: Final = "server"
"""The option of an access URL that names the family."""
_USER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}")
_FILLED: Final = re.compile("|".join(map(re.escape, (USER, PASSWORD, PORT))))
_TYPED: Final = re.compile(r"[ -~]+")


def is_served(access: Access) -> bool:
    """Whether a line is behind a console server of a known family."""
    return bool(access.option(OPTION))


class ServerRefused(AuthFailed):
    """The console server refused the login, and not the device: nobody shall try that again by himself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which port of which family is wanted, and as whom. Made by :func:`wanted`, which checks all of it."""

    family: ConsoleServer
    access: Access
    texts: tuple[tuple[str, str], ...] = field(repr=False)
    """What stands for user and password."""

    @property
    def where(self) -> str:
        """The port, as people are told."""
        named = f"port {self.access.path}" if self.access.path else f"TCP port {self.access.port}"
        return f"{named} of the console server {self.access.host}"

    @property
    def steps(self) -> tuple[Step, ...]:
        """What there is to say; nobody logs in where no login was given, or SSH has done that."""
        return tuple(step for step in self.family.steps if self.texts or not step.is_login)

    def filled(self, say: str) -> bytes:
        """What is sent for ``say``."""
        texts = {**dict(self.texts), PORT: self.access.path}
        return _FILLED.sub(lambda found: texts.get(found[0], ""), say).encode()


def wanted(access: Access) -> Wanted:
    """What an access URL asks of a console server.

    Raises :class:`~drivers.errors.Unsupported` for a family or a port that is none, ``AuthFailed`` where a login is
    needed and none is named.
    """
    try:
        known = console_servers()
    except ProfileError as error:
        raise Unsupported(f"a console server's file cannot be used: {error}") from None
    family = known.get(access.option(OPTION))
    if family is None:
        raise Unsupported(f"{access}: {OPTION}= is none of {', '.join(known)}")
    if access.scheme not in family.schemes:
        ways = " or ".join(f"{each}://" for each in family.schemes)
        raise Unsupported(f"{access}: {family.name} is reached by {ways}")
    over_ssh = family.ssh if access.scheme == SSH else None
    _check_port(access, family, family.port or (over_ssh.port if over_ssh is not None else ""))
    if over_ssh is None:
        return Wanted(family, access, _login(access, family))
    _check_user(access)
    user = over_ssh.user.replace(USER, access.user).replace(PORT, access.path) if access.path else access.user
    # What is reached by SSH alone may ask for the password once more behind it.
    texts = _again(access) if not family.over else ()
    return Wanted(family, replace(access, user=user), texts)


def _again(access: Access) -> tuple[tuple[str, str], ...]:
    secret = access.secret
    return () if secret is None or secret.is_private_key else ((USER, access.user), (PASSWORD, _typed(secret)))


def _typed(secret: Credential) -> str:
    """A password as it is typed. Raises :class:`ServerRefused` where it cannot be."""
    if not _TYPED.fullmatch(secret.password):
        raise ServerRefused(f"{secret.name} has characters that cannot be typed at a login")
    return secret.password


def _check_port(access: Access, family: ConsoleServer, pattern: str) -> None:
    """Raise for a path that names no port as ``pattern`` has it, and for a lack of one where it must be there."""
    if access.path and not pattern:
        raise Unsupported(f"{access}: a port of {family.name} has a TCP port of its own, and no path")
    if (access.path or family.port) and not re.fullmatch(pattern, access.path, re.ASCII):
        raise Unsupported(f"{access}: name the port in the path, like {access.scheme}://{access.host}:{access.port}/3")


def _check_user(access: Access) -> None:
    if not _USER.fullmatch(access.user):
        raise Unsupported(f"{access}: name the user of the console server, like {access.scheme}://ops@{access.host}")


def _login(access: Access, family: ConsoleServer) -> tuple[tuple[str, str], ...]:
    secret = access.secret
    if secret is None and family.login != "always":
        return ()
    if family.login == "never":
        raise Unsupported(f"{access}: {family.name} asks nobody who they are: leave login= out")
    if secret is None or secret.is_private_key:
        raise ServerRefused(
            f"{access}: {family.name} asks who is there: name the user in the URL and the password by login=, like "
            f"{access.scheme}://ops@{access.host}/3?{OPTION}={family.name}&login=file:cs.password"
        )
    if access.user or family.needs_user:
        _check_user(access)
    return ((USER, access.user), (PASSWORD, _typed(secret)))
