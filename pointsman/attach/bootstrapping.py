"""Making a device reachable over the network, once, over its line: planned, carried out, read back.

What is to be done is what the device does not show yet, so a second run does nothing. Nothing of it is declared, and
nobody puts it back later.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Final

from device_profiles.bootstrap import BadValue, Bootstrap, Filled, network
from device_profiles.names import printable
from device_profiles.profile import Profile
from drivers.credentials import Credential
from drivers.errors import DeviceError, Rejected
from drivers.transports.ssh import public_key
from pointsman.attach.commands import Commands, OnLine, on_line
from pointsman.problems import PointsmanError, WrongUsage

SSH_PORT: Final = 22
_COMMIT_S: Final = 300.0
"""A small switch takes its time to check and load all of a configuration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person wants a device to be: ``management`` as ``10.0.0.2/24``; empty texts are left as they are.

    ``interface`` gets that address, or the profile's own where none is named.

    ``key`` is the private key of ``user``; without one it gets the password of ``line``, by which the line was entered.
    """

    hostname: str = ""
    management: str = ""
    interface: str = ""
    gateway: str = ""
    user: str = ""
    key: Credential | None = None
    line: Credential | None = None
    ssh_port: int = SSH_PORT

    @property
    def credential(self) -> Credential | None:
        """By what the user logs in over SSH."""
        return self.key or self.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps in their order: ``done`` are those that the device shows, ``todo`` the others.

    ``unsaved``: some of what is done would not survive a restart.
    """

    done: tuple[Filled, ...]
    todo: tuple[Filled, ...]
    unsaved: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be sent."""
        return not self.todo and not self.unsaved


def steps(profile: Profile, wanted: Wanted) -> tuple[Filled, ...]:
    """The steps that lead to what is wanted. Raises WrongUsage."""
    given = bootstrap_of(profile)
    if not (wanted.hostname or wanted.management or wanted.user):
        raise WrongUsage("nothing is to be set: give --hostname, --management, or --user with --ssh-key")
    if wanted.interface and not wanted.management:
        raise WrongUsage("an interface is named, and no address: give --management")
    if wanted.user and wanted.key is None and wanted.line is not None and not given.takes_passwords:
        raise WrongUsage(f"a user of {profile.name} logs in by a key: give --ssh-key")
    if wanted.key is not None and not wanted.user:
        raise WrongUsage("whose key it is is not said: give --user")
    if wanted.user and wanted.credential is None:
        raise WrongUsage("how the user logs in is not said: give --ssh-key, or a password by --credentials")
    if wanted.key is not None and wanted.line is not None:
        raise WrongUsage(
            "the line asks for a password, and a node has one credential for all its accesses: leave --ssh-key out, "
            "and the user gets that password"
        )
    try:
        return given.filled(_values(given, wanted))
    except (BadValue, DeviceError) as error:
        raise WrongUsage(str(error)) from None


def bootstrap_of(profile: Profile) -> Bootstrap:
    """The bootstrap steps of a profile. Raises WrongUsage where it has none."""
    if profile.bootstrap is None:
        raise WrongUsage(f"the profile {profile.name} has no bootstrap steps: set the device up at `pointsman console`")
    return profile.bootstrap


def _values(given: Bootstrap, wanted: Wanted) -> dict[str, str]:
    values = network(wanted.management) if wanted.management else {}
    if values:
        values["interface"] = wanted.interface or given.interface
    values |= {"hostname": wanted.hostname, "gateway": wanted.gateway, "user": wanted.user}
    if wanted.user and wanted.key is not None:
        kind, data = public_key(wanted.key)
        if kind not in given.key_types:
            raise BadValue(f"the device takes no key of the kind {kind}, but {', '.join(given.key_types) or 'none'}")
        values["key"] = f"{kind} {base64.b64encode(data).decode()}"
        values["key_md5"] = hashlib.md5(data, usedforsecurity=False).hexdigest().upper()
    elif wanted.user and wanted.line is not None:
        values["password"] = wanted.line.password
    return {name: value for name, value in values.items() if value}


async def plan(device: OnLine, todo: tuple[Filled, ...]) -> Plan:
    """Which of the steps the device shows already. Nothing but questions is sent. Raises ``DeviceError``."""
    async with on_line(device) as cli:
        now = await _look(cli, todo)
        return replace(now, unsaved=await _unsaved(cli, bootstrap_of(device.profile), now.done))


async def _unsaved(cli: Commands, given: Bootstrap, done: tuple[Filled, ...]) -> bool:
    ours = [step for step in done if step.asks == given.running]
    if not given.saved or not ours:
        return False
    try:
        saved = (await cli.run(given.saved)).text
    except Rejected:  # nothing was saved yet
        return True
    return not all(step.is_shown(saved) for step in ours)


async def carry_out(device: OnLine, planned: Plan) -> None:
    """Take the steps that are to do, read them back, and save.

    Raises :class:`~pointsman.problems.PointsmanError`, which says what the device shows as done and what not.
    """
    every = (*planned.done, *planned.todo)
    async with on_line(device) as cli:
        refusal = await _take(cli, device.profile, planned)
        now = await _look(cli, every)
        if now.todo:
            raise _told(now, refusal or "not all that was sent is shown")
        if not planned.is_empty and device.profile.cli is not None:
            try:
                await cli.run_all(device.profile.cli.save)
            except DeviceError as error:
                raise _told(now, f"all is done, and could not be saved: {error}") from None


async def _take(cli: Commands, profile: Profile, planned: Plan) -> str:
    """Take the steps that are to do; where they are a candidate, commit it. What a commit that is refused says."""
    mode = bootstrap_of(profile).mode
    candidate = profile.cli.candidate if profile.cli is not None else None
    name, renames = "", ""
    try:
        for step in planned.todo:
            name, renames = step.name, renames or step.renames
            await cli.run_all(
                step.send, mode=mode, timeout_s=step.timeout_s, renames="" if candidate is not None else step.renames
            )
        if candidate is None or not planned.todo:
            return ""
        name = "commit"
        (reply,) = await cli.run_all((candidate.commit,), mode=mode, timeout_s=_COMMIT_S, renames=renames)
    except DeviceError as error:
        raise await _stopped(cli, (*planned.done, *planned.todo), f"{name}: {error}") from None
    return f"commit: the device says '{_why(reply.text)}'"


def _why(answer: str) -> str:
    """What a commit says last of its errors, safe to show."""
    lines = [line.strip() for line in answer.splitlines() if line.strip()]
    wrong = [line for line in lines if "error" in line.lower()]
    return printable((wrong or lines or [""])[0], most=120)


async def _look(cli: Commands, every: tuple[Filled, ...]) -> Plan:
    answers: dict[str, str] = {}
    for step in every:
        if step.asks not in answers:
            answers[step.asks] = (await cli.run(step.asks)).text
    shown = {step.name for step in every if step.is_shown(answers[step.asks])}
    return Plan(
        done=tuple(step for step in every if step.name in shown),
        todo=tuple(step for step in every if step.name not in shown),
    )


async def _stopped(cli: Commands, every: tuple[Filled, ...], why: str) -> PointsmanError:
    try:
        now = await _look(cli, every)
    except DeviceError as error:
        return PointsmanError(f"{why}; and what was done cannot be read ({error}): run the same command again")
    return _told(now, why)


def _told(now: Plan, why: str) -> PointsmanError:
    done, todo = (", ".join(step.name for step in which) or "nothing" for which in (now.done, now.todo))
    said = "nothing was saved: what was done is gone at the device's next start, unless you run the same command again"
    return PointsmanError(f"stopped: {why}", details=(f"done: {done}", f"not done: {todo}", said))
