"""`pointsman driver test`: the conformance suite on a twin, or on anybody's device."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from device_profiles.profile import Profile
from drivers.access import parse_access
from drivers.conformance import SUITE, Ground, Outcome, Promise, Subject, Verdict, judge
from drivers.conformance.reached import reached
from drivers.credentials import Credential
from drivers.errors import DeviceError
from drivers.levels import Trials, note
from pointsman.cli.examples import examples
from pointsman.cli.profiles import profile_called
from pointsman.cli.session import JsonFlag
from pointsman.problems import DONE, FAILED, PointsmanError, WrongUsage
from pointsman.show.output import print_json, say
from pointsman.show.progress import working
from pointsman.subjects import factory

EXAMPLES: Final = examples(
    "pointsman driver test openvswitch                       # on its twin",
    "pointsman driver test openvswitch --promise undo-restores",
    "pointsman driver test openvswitch --against ssh://root@192.0.2.11 --credentials lab.key",
    "  ... --ports p5,p6,p7,p8 --lag lag9 --vlans 3101,3102,3103,3104      # these may be changed",
    "pointsman driver test redfish --against redfish+https://admin@192.0.2.15 --credentials bmc.key --slots 3,4",
)
_VLANS: Final = 4

Source = AbstractAsyncContextManager[Subject]


def try_promises(
    *,
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="See `pointsman driver list`.")],
    against: Annotated[str | None, typer.Option(metavar="URL", help="A device, in place of the twin.")] = None,
    credentials: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Its private key, or its password (and in a second line that of enable)."),
    ] = None,
    ports: Annotated[
        str | None,
        typer.Option(metavar="P1,P2,...", help="Four ports or more that nothing hangs on and that may change."),
    ] = None,
    lag: Annotated[
        str | None, typer.Option(metavar="NAME", help="A LAG that is not there; the last two ports can be its members.")
    ] = None,
    vlans: Annotated[
        str | None, typer.Option(metavar="V1,V2,V3,V4", help="Four VLANs that are not there.", show_default="3101-3104")
    ] = None,
    outlets: Annotated[
        str | None, typer.Option(metavar="O1,O2", help="Outlets on which nothing runs that must not lose its power.")
    ] = None,
    slots: Annotated[
        str | None, typer.Option(metavar="S1,S2", help="Slots whose machines may be cut off and booted.")
    ] = None,
    promise: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this one; several.")] = None,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="On a device, try every case and not a few that stand for all.")
    ] = False,
    evidence_file: Annotated[
        Path | None, typer.Option("--evidence", metavar="FILE", help="Note the numbers in this file of evidence.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Try every promise that a profile's driver makes, and say which are kept.

    On a device only what --ports, --lag, --vlans, --outlets and --slots name is changed, and it is brought back to what
    it was. Exit code 1 where a promise is broken.
    """
    found = profile_called(profile)
    chosen = _promises(promise)
    if against is None and (credentials or ports or lag or vlans or outlets or slots):
        raise WrongUsage("--credentials, --ports, --slots and their like are for a device: name it by --against")
    if promise and evidence_file is not None:
        raise WrongUsage("evidence is of all promises: leave out --promise")
    powered = replace(_ground(ports, lag, vlans), outlets=_names(outlets), slots=_names(slots))
    reach = _Reach(powered, few=not thorough)
    source = _twin(found) if against is None else _device(found, against, credentials, reach)
    try:
        outcomes, source_name = asyncio.run(_try(source, chosen, quiet=json))
    except DeviceError as error:
        raise PointsmanError(f"{against or profile}: {error}") from None
    if json:
        print_json([_entry(outcome) for outcome in outcomes])
    else:
        say(_sum(outcomes))
    if evidence_file is not None:
        kept = sum(outcome.verdict is Verdict.KEPT for outcome in outcomes)
        asked = sum(outcome.verdict is not Verdict.NOT_ASKED for outcome in outcomes)
        trials = Trials(asked=asked, kept=kept, source=source_name)
        note(evidence_file, found.name, "twin" if against is None else "real", trials)
    raise typer.Exit(FAILED if any(outcome.verdict in _BAD for outcome in outcomes) else DONE)


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far the suite may go on a device."""

    ground: Ground
    few: bool


_BAD: Final = frozenset({Verdict.BROKEN, Verdict.NOT_TRIED})


def _promises(names: Sequence[str] | None) -> tuple[Promise, ...]:
    known = {promise.name: promise for promise in SUITE}
    for name in names or ():
        if name not in known:
            raise WrongUsage(f"there is no promise {name!r}; these are: {', '.join(known)}")
    return tuple(known[name] for name in names or known)


def _twin(profile: Profile) -> Source:
    made = factory(profile.driver)
    if made is None:
        raise PointsmanError(f"{profile.name} has no twin: name a device by --against")
    return made(profile)


def _device(profile: Profile, url: str, credentials: Path | None, reach: _Reach) -> Source:
    try:
        text = None if credentials is None else credentials.read_text(encoding="utf-8")
        access = parse_access(url)
    except OSError as error:
        raise WrongUsage(f"--credentials {credentials}: {error.strerror}") from None
    except DeviceError as error:
        raise WrongUsage(f"--against: {error}") from None
    credential = None if text is None else Credential(name=f"file:{credentials}", text=text)
    return contextlib.nullcontext(reached(profile, access, credential, reach.ground, few=reach.few))


def _names(words: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (words or "").split(",")))


def _ground(ports: str | None, lag: str | None, vlans: str | None) -> Ground:
    names = _names(ports)
    if ports is not None and len(names) < _VLANS:
        raise WrongUsage("--ports needs four or more, like p5,p6,p7,p8")
    if ports is None and (lag or vlans):
        raise WrongUsage("--lag and --vlans are used on ports: name them by --ports")
    try:
        numbers = tuple(int(word) for word in vlans.split(",")) if vlans else Ground().vlans
    except ValueError:
        numbers = ()
    if len(set(numbers)) != _VLANS or not all(1 <= number <= 4094 for number in numbers):
        raise WrongUsage("--vlans needs four numbers from 1 to 4094, like 3101,3102,3103,3104")
    first, second, third, fourth = numbers
    return Ground(ports=names, lag=lag or "", vlans=(first, second, third, fourth))


async def _try(source: Source, promises: Sequence[Promise], *, quiet: bool) -> tuple[list[Outcome], str]:
    """Judge one promise after the other, telling each; and what it was tried on."""
    outcomes: list[Outcome] = []
    async with source as subject:
        for promise in promises:
            with working(promise.sentence):
                outcome = await judge(promise, subject)
            outcomes.append(outcome)
            if not quiet:
                say(_line(outcome))
            if outcome.spoilt:
                break
        return outcomes, subject.grammar or await _what(subject)


async def _what(subject: Subject) -> str:
    """What a device says that it is."""
    connection = await subject.open()
    driver = subject.driver(connection, subject.profile)
    try:
        facts = await driver.facts() if "facts" in subject.profile.capabilities else {}
        return f"{subject.profile.title} {facts.get('platform_version', '')}".strip()
    finally:
        await driver.close()
        await connection.close()


def _line(outcome: Outcome) -> str:
    took = f"{outcome.took_s:6.2f} s" if outcome.took_s else " " * 8
    why = f": {outcome.why}" if outcome.why else ""
    return f"{outcome.verdict.value:9}  {took}  {outcome.promise.sentence} [{outcome.promise.name}]{why}"


def _sum(outcomes: Sequence[Outcome]) -> str:
    count = {verdict: sum(outcome.verdict is verdict for outcome in outcomes) for verdict in Verdict}
    asked = len(outcomes) - count[Verdict.NOT_ASKED]
    words = f"{count[Verdict.KEPT]} of {asked} promises kept, {count[Verdict.NOT_ASKED]} not asked for"
    spoilt = any(outcome.spoilt for outcome in outcomes)
    return words + ("; stopped, because the device could not be brought back to what it was" if spoilt else "")


def _entry(outcome: Outcome) -> dict[str, Any]:
    return {
        "promise": outcome.promise.name,
        "sentence": outcome.promise.sentence,
        "verdict": outcome.verdict.value,
        "why": outcome.why,
        "took_s": round(outcome.took_s, 3),
    }
