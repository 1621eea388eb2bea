"""What it costs to make a state of what a command line printed, and that it costs nothing where nothing changed.

The answers of each twin are recorded once, all that its driver asks for configuration, operation and neighbours.
Drivers then read the recording: a fresh one parses everything, and the same one, asked again, gets the same bytes.
Both go through the same session, and opening it is measured apart; what is left of the difference is parsing.
"""

import statistics
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from benchmarks.command_lines import switch_in_use
from benchmarks.figures import Figure, Result, median
from benchmarks.stage import Row, Stage
from device_profiles.generic import generic_profile
from device_profiles.profile import Profile, load_profiles
from drivers.cli import CliSession
from drivers.contract import Connection, Driver
from drivers.recording import Recorder, Recording, RecordingConnection
from drivers.registry import make_driver
from drivers.transports.replay import Replay
from pointsman.subjects import factory
from pointsman.twins.languages.bench import connected
from pointsman.twins.languages.ios_like_session import IosSession

_IOS_LIKE: Final = ("cisco_ios", "cisco_nxos", "arista_eos")
_OTHERS: Final = ("juniper_junos", "hp_comware", "huawei_vrp")
_ROUNDS: Final = 40
_GENERIC: Final = "cisco_ios by ntc-templates"


@dataclass(frozen=True, slots=True)
class _Cost:
    """CPU of one reading of everything, in milliseconds; the twin's part of it is not in it."""

    outputs: int
    kilobytes: float
    parsing_ms: float
    unchanged_ms: float
    same_object: bool


async def _measure(stage: Stage) -> Result:
    del stage
    figures: list[Figure] = []
    remarks: list[str] = []
    for name, profile in _profiles().items():
        async with _twin(profile) as twin:
            recording = await _recorded(twin, profile)
        cost = await _cost(recording, profile)
        each_us = cost.parsing_ms * 1000 / cost.outputs
        figures += (
            Figure(name=f"{name}, an output", value=each_us, unit="us"),
            Figure(name=f"{name}, a kB", value=cost.parsing_ms * 1000 / cost.kilobytes, unit="us"),
        )
        kept = "the same state object" if cost.same_object else "ANOTHER STATE OBJECT"
        remarks.append(
            f"{name}: {cost.outputs} outputs, {cost.kilobytes:.1f} kB, parsed in {cost.parsing_ms:.2f} ms; unchanged "
            f"outputs give {kept}, and asking for them costs {cost.unchanged_ms:.2f} ms of session"
        )
    return Result(figures=tuple(figures), remarks=tuple(remarks))


def _profiles() -> Mapping[str, Profile]:
    known = load_profiles()
    return {name: known[name] for name in (*_IOS_LIKE, *_OTHERS)} | {_GENERIC: generic_profile("cisco_ios")}


@asynccontextmanager
async def _twin(profile: Profile) -> AsyncIterator[Connection]:
    if profile.name in _IOS_LIKE:
        switch = switch_in_use(profile.name)
        yield connected(lambda: IosSession(switch))
        return
    make = factory(profile.driver)
    if make is None:
        raise LookupError(f"there is no twin of {profile.driver}")
    async with make(profile) as subject:
        yield await subject.open()


async def _recorded(twin: Connection, profile: Profile) -> Recording:
    recorder = Recorder(profile)
    driver = make_driver(RecordingConnection(twin, recorder), profile)
    await _ask(driver)
    await driver.close()
    await twin.close()
    return Recording(tuple(each for each in recorder.exchanges if each.send.strip()), profile.name)


async def _ask(driver: Driver) -> object:
    state = await driver.read(())
    await driver.operation(())
    await driver.links()
    return state


async def _cost(recording: Recording, profile: Profile) -> _Cost:
    first_ms, again_ms, opening_ms = [], [], []
    same = True
    for _ in range(_ROUNDS):
        driver = make_driver(Replay(recording, profile), profile)
        began = time.process_time()
        before = await _ask(driver)
        middle = time.process_time()
        after = await _ask(driver)
        ended = time.process_time()
        same = same and before is after
        first_ms.append((middle - began) * 1000)
        again_ms.append((ended - middle) * 1000)
        opening_ms.append(await _opening_ms(recording, profile))
        await driver.close()
    answered = [each.receive for each in recording.exchanges]
    return _Cost(
        outputs=len(answered),
        kilobytes=sum(map(len, answered)) / 1000,
        parsing_ms=statistics.mean(sorted(first_ms)[: _ROUNDS // 2])
        - statistics.mean(sorted(again_ms)[: _ROUNDS // 2])
        - statistics.mean(sorted(opening_ms)[: _ROUNDS // 2]),
        unchanged_ms=median(again_ms),
        same_object=same,
    )


async def _opening_ms(recording: Recording, profile: Profile) -> float:
    """What the first command of a session costs more than its second."""
    if profile.cli is None:
        return 0.0
    replay = Replay(recording, profile)
    session = CliSession(lambda: replay.stream(""), cli=profile.cli, timeout_s=10.0)
    command = recording.exchanges[0].send
    began = time.process_time()
    await session.run(command)
    middle = time.process_time()
    await session.run(command)
    ended = time.process_time()
    await session.close()
    return ((middle - began) - (ended - middle)) * 1000


ROW = Row(name="parse-cost", sentence="parsing what command lines print, per output", measure=_measure)
