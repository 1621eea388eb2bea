"""Asking a command line several things, of which the device may not know each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from device_profiles.profile import Profile
from device_profiles.state import EMPTY, State
from drivers.cli.session import CliSession
from drivers.contract import Connection, login_of
from drivers.errors import Rejected, Unsupported
from drivers.session import Reply


def session(connection: Connection, profile: Profile) -> CliSession:
    """A session in the command line of a profile. Raises :class:`~drivers.errors.Unsupported` where it tells none."""
    if profile.cli is None:
        raise Unsupported(f"the profile {profile.name} says nothing about the command line that this driver speaks")
    return CliSession(
        lambda: connection.stream(""),
        cli=profile.cli,
        timeout_s=profile.command_timeout_s,
        login=login_of(connection),
    )


async def permitted(read: Callable[[], Awaitable[State]]) -> State:
    """The configuration; nothing where this user may not see it: what the device does is told all the same."""
    try:
        return await read()
    except Rejected:
        return EMPTY


async def answers(
    run: Callable[[str], Awaitable[Reply]], commands: Iterable[str], *, needed: Iterable[str] = (), some: bool = False
) -> dict[str, str]:
    """The answers to commands that were ``run``, without those that are refused; an empty command asks nothing.

    Raises ``Rejected`` where one that is ``needed`` is refused; with ``some``, where all are.
    """
    must = frozenset(needed)
    found: dict[str, str] = {}
    refusal: Rejected | None = None
    for command in filter(None, dict.fromkeys(commands)):
        try:
            found[command] = (await run(command)).text
        except Rejected as error:
            if command in must:
                raise
            refusal = refusal or error
    if some and refusal is not None and not found:
        raise refusal
    return found
