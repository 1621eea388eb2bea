"""Which profile fits a device: by the signs that profiles name, in what it shows and answers.

A device is asked over a command line that most have in common, one command after the other, until some profile's sign
is seen. A recording is not asked: what it holds is looked at, and where no sign is in it, the platform whose tables
its answers are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from device_profiles.generic import NEUTRAL, generic_profile, generic_profiles
from device_profiles.profile import Profile, Sign
from device_profiles.snmp import Sign as SnmpSign
from drivers.cli import CliSession
from drivers.cli.login import shell_stream
from drivers.contract import Connection, login_of
from drivers.errors import Blocked, Garbled, Rejected, Unreachable, Unsupported
from drivers.playing import Answers
from drivers.recording import Recorder, Recording, RecordingConnection
from drivers.redfish import signs as services
from drivers.redfish.service import Service
from drivers.session import ShellSession
from drivers.snmp import signs
from drivers.snmp.managed import Managed
from drivers.vendors.generic_cli import index

_FIRST: Final = ("show version", "show system", "display version")
_TIMEOUT_S: Final = 10.0
_NOTHING: Final = "no profile fits what the device shows: name one by --profile (`pointsman driver list`)"
_NEUTRAL: Final = generic_profile("neutral")

Ask = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Fit:
    """A profile that fits, and why."""

    profile: Profile
    why: str


async def detect(connection: Connection, known: Mapping[str, Profile]) -> Fit:
    """The profile of a device that waits at a command line, or at a shell without a terminal.

    Raises :class:`~drivers.errors.DeviceError`.
    """
    recorder = Recorder(_NEUTRAL)
    heard = RecordingConnection(connection, recorder)
    session = CliSession(lambda: heard.stream(""), cli=NEUTRAL, timeout_s=_TIMEOUT_S, login=login_of(connection))
    ask = _asking(session)
    try:
        await ask("")
    except Unreachable:
        if connection.closed or login_of(connection).asked:
            raise
        return await _by_shells(connection, known)
    except Garbled:
        # A console that does not echo: there is nothing to tell answers by, and what it showed first must do.
        return _by_greeting(recorder, known)
    else:
        greeting = next((each.receive for each in recorder.exchanges if not each.send), "")
        try:
            return await _by_signs(ask, greeting, known)
        except Unsupported:
            login = login_of(connection)
            # Nobody knows how this device is left. Most are so, and who logged in on a line must not be left there.
            await session.close(logout="exit" if login.line and login.texts else "")
            raise
    finally:
        await session.close()


def _by_greeting(recorder: Recorder, known: Mapping[str, Profile]) -> Fit:
    shown = "\n".join(each.receive for each in recorder.exchanges)
    found = [(each, sign) for each in known.values() for sign in each.signs if not sign.command and _is_in(sign, shown)]
    if not found:
        raise Unsupported(_NOTHING)
    return _only(found, "")


def _asking(session: CliSession) -> Ask:
    async def ask(command: str) -> str:
        try:
            return (await session.run(command)).text
        except (Rejected, Unsupported):
            return ""

    return ask


async def _by_shells(connection: Connection, known: Mapping[str, Profile]) -> Fit:
    """What shows no prompt may be a shell that waits for commands."""
    for profile in known.values():
        if profile.shell is None or not profile.signs:
            continue
        session = ShellSession(partial(shell_stream, connection, profile), shell=profile.shell, timeout_s=_TIMEOUT_S)
        try:
            for sign in profile.signs:
                if sign.command and _is_in(sign, (await session.run(sign.command)).text):
                    return _only([(profile, sign)], sign.command)
        finally:
            await session.close()
    raise Unsupported(_NOTHING)


async def detect_managed(managed: Managed, known: Mapping[str, Profile]) -> Fit:
    """The profile of a device that speaks SNMP, or of a recording of one: the one whose signs fit best.

    Raises :class:`~drivers.errors.DeviceError`.
    """
    signed = [_Candidate(profile, profile.snmp.signs) for profile in known.values() if profile.snmp is not None]
    shown = await signs.look(managed, (sign for each in signed for sign in each.signs))
    fitting = signs.best(shown, signed)
    if not fitting:
        raise Unsupported(f"no profile fits {shown}: name one by --profile (`pointsman driver list`)")
    if len(fitting) > 1:
        names = ", ".join(sorted(each.profile.name for each in fitting))
        raise Blocked(f"several profiles fit {shown}: {names}: name one by --profile")
    return Fit(fitting[0].profile, str(shown))


async def detect_served(connection: Connection, known: Mapping[str, Profile]) -> Fit:
    """The profile of a Redfish service, or of a recording of one: the most particular one that fits.

    Raises :class:`~drivers.errors.DeviceError`.
    """
    shown = await services.look(Service(connection, timeout_s=_TIMEOUT_S))
    fitting = services.best(shown, known.values())
    if not fitting:
        raise Unsupported(f"no profile fits {shown}: name one by --profile (`pointsman driver list`)")
    if len(fitting) > 1:
        names = ", ".join(sorted(each.name for each in fitting))
        raise Blocked(f"several profiles fit {shown}: {names}: name one by --profile")
    return Fit(fitting[0], str(shown))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A profile with what shows it."""

    profile: Profile
    signs: tuple[SnmpSign, ...]


async def detect_recording(recording: Recording, path: Path, known: Mapping[str, Profile]) -> Fit:
    """The profile of a recording. Raises :class:`~drivers.errors.Unsupported` where none, or more than one, fits."""
    if recording.profile in known:
        return Fit(known[recording.profile], "the recording says that it was made with it")
    answers = Answers(recording.exchanges)

    async def ask(command: str) -> str:
        found = answers.find(command)
        return found.receive if found is not None else ""

    try:
        return await _by_signs(ask, recording.greeting, known)
    except Unsupported:
        return _by_tables(recording, path, known)


async def _by_signs(ask: Ask, greeting: str, known: Mapping[str, Profile]) -> Fit:
    told = [(profile, sign) for profile in known.values() for sign in profile.signs]
    for command in ("", *_commands(sign for _, sign in told)):
        text = await ask(command) if command else greeting
        fitting = [(profile, sign) for profile, sign in told if sign.command == command and _is_in(sign, text)]
        if fitting:
            return _only(fitting, command)
    raise Unsupported(_NOTHING)


def _commands(signs: Iterable[Sign]) -> list[str]:
    """The commands that signs ask for, those first that tell most."""
    counts = Counter(sign.command for sign in signs if sign.command)
    return sorted(counts, key=lambda command: (command not in _FIRST, -counts[command], command))


def _is_in(sign: Sign, text: str) -> bool:
    found = bool(text) and re.search(sign.shows, text) is not None
    return found and not (sign.unless and re.search(sign.unless, text))


def _only(fitting: list[tuple[Profile, Sign]], command: str) -> Fit:
    names = {profile.name: profile for profile, _ in fitting}
    if len(names) > 1:
        raise Blocked(f"several profiles fit: {', '.join(sorted(names))}: name one by --profile")
    (profile,) = names.values()
    return Fit(profile, f"it is in the answer to '{command}'" if command else "its prompt or banner shows it")


def _by_tables(recording: Recording, path: Path, known: Mapping[str, Profile]) -> Fit:
    """The platform whose templates read most of the answers; the folder's name decides among equals."""
    names = {*index.platforms()} & {*known, *generic_profiles()}
    scores = {name: score for name in names if (score := _score(name, recording)) > 0}
    best = sorted(name for name, score in scores.items() if score == max(scores.values()))
    named = [name for name in best if name in (path.name, path.parent.name, path.stem)]
    if len(best) > 1 and len(named) != 1:
        raise Unsupported(f"several profiles fit: {', '.join(best)}: name one by --profile")
    if not best:
        raise Unsupported("no profile fits what was recorded: name one by --profile (`pointsman driver list`)")
    name = named[0] if named else best[0]
    return Fit(known[name], f"{scores[name]} of its answers are tables of this platform")


def _score(platform: str, recording: Recording) -> int:
    return sum(_is_read(platform, each.send, each.receive) for each in recording.exchanges if each.send.strip())


def _is_read(platform: str, command: str, text: str) -> bool:
    if not index.templates_for(platform, command):
        return False
    try:
        return any(rows for _, rows in index.parse(platform, command, text))
    except Garbled:
        return False
