"""Who may be talked to, and what must never be said: logins, identities, secrets."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Final

from drivers.conformance.faults import Cut, CutAfter, Garbled, Silence
from drivers.conformance.promise import promise
from drivers.conformance.subject import Login, Subject
from drivers.conformance.trial import Broken, Trial, attempt, expect
from drivers.conformance.wire import Fault
from drivers.contract import login_of
from drivers.errors import AuthFailed, DeviceError, WrongDevice

_GARBLES: Final[tuple[Callable[[bytes], bytes], ...]] = (
    bytes.swapcase,
    lambda data: data.replace(b"a", b"\xff"),
    lambda data: data.replace(b":", b"%").replace(b" ", b"  "),
    lambda data: data.replace(b"\n", b"\n% what\n", 1),
)
"""Each leaves most of what the device said, secrets as well, and makes something of it that cannot be read."""


def _logs_in(subject: Subject) -> str:
    return "" if subject.login is not None else "this device is reached without a login"


def _has_identity(subject: Subject) -> str:
    if not {"ssh_host_key", "engine_id", "tls_certificate"} & set(subject.profile.identity):
        return f"{subject.profile.name} declares no identity that shows before the login"
    if not subject.proves:
        return "over this line nobody proves who he is"
    return _logs_in(subject)


async def _login(trial: Trial, login: Login, expected: type[DeviceError]) -> None:
    assert trial.subject.login is not None  # noqa: S101 -- asked by the excuse
    try:
        connection = await trial.call(trial.subject.login(login), "the login")
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(connection.close)
            if login_of(connection).asked:  # it is the line that asks, once it is used
                driver = trial.subject.driver(connection, trial.subject.profile)
                stack.push_async_callback(driver.close)
                await trial.call(driver.read(()), "the login")
    except expected:
        return
    except DeviceError as error:
        raise Broken(f"it is told as {type(error).__name__}: {error}") from error
    raise Broken("the login went well")


@promise("tells a wrong password as AuthFailed", excuse=_logs_in)
async def tells_a_wrong_password(trial: Trial) -> None:
    await _login(trial, Login(wrong_secret=True), AuthFailed)
    trial.kept_secrets()


@promise("tells a wrong device before it logs in", excuse=_has_identity)
async def tells_a_wrong_device(trial: Trial) -> None:
    await _login(trial, Login(wrong_identity=True), WrongDevice)
    trial.kept_secrets()


@promise("never shows a secret, in plans, errors or logs")
async def shows_no_secret(trial: Trial) -> None:
    expect(trial.subject.secrets, "the subject names no secret, so nobody can tell whether one is shown")
    opened = await trial.settle(trial.goals.bystander())
    for case in trial.goals.cases[-1:]:
        await trial.converge(opened, case.before)
        await trial.converge(opened, case.after)
    faults: list[Fault] = [Cut(at=number) for number in range(0, 12, 3)]
    faults += [CutAfter(at=200), Silence(at=100, patience_s=trial.patience_s)]
    faults += [Garbled(garble) for garble in _GARBLES]
    for fault in faults:
        opened = await trial.open()
        if isinstance(fault, Garbled):
            await trial.read(opened)
        opened.wire.fault = fault
        await attempt(trial.read(opened))
        await attempt(trial.call(opened.driver.facts(), "facts"))
        opened.wire.fault = Fault()
    trial.kept_secrets()
