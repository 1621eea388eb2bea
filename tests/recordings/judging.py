"""Every recorded answer is replayed as a device, probed, and compared with what another parser made of it.

A case is *read* where everything that the other parser found was found, and nothing more. Where the other parser is
wrong, and why, stands in `deviations`; such a case is counted as read when we differ in just that.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from device_profiles.catalogue import known_profiles
from device_profiles.profile import Profile
from drivers.errors import DeviceError
from drivers.recording import Exchange, Recording
from drivers.transports.replay import Replay
from pointsman.probe.document import document
from pointsman.probe.reading import examine
from tests.recordings.deviations import DEVIATIONS
from tests.recordings.meaning import expected, found
from tests.recordings.other_parsers import Trial, others
from tests.recordings.outcome import Outcome
from tests.recordings.shared_data import FOLDER, ntc

NTC = FOLDER / "cli" / "ntc"
# What a driver asks before it tells anything: an answer that says nothing.
COMPANIONS = {
    "cisco_ios": {"show running-config": "version 15.0\ninterface Vlan1\n shutdown\n!\nend\n"},
    "cisco_nxos": {"show running-config": "version 7.0(3)\ninterface Vlan1\n  shutdown\n"},
    "arista_eos": {"show running-config": "! device: x\ninterface Vlan1\n   shutdown\n!\nend\n"},
}


def platforms() -> list[str]:
    """The platforms that there are recordings of; none where the folder is absent."""
    return sorted(path.name for path in NTC.iterdir()) if NTC.is_dir() else []


@cache
def judged(platform: str) -> list[Outcome]:
    """All cases of a platform that say something which a switch has."""
    return asyncio.run(_judge(platform))


async def _judge(platform: str) -> list[Outcome]:
    profile = known_profiles()[platform]
    trials = [trial for trial in _cases(platform, _canonical(profile)) if trial.expected]
    return [await _probe(profile, trial) for trial in trials]


def _cases(platform: str, canonical) -> Iterator[Trial]:
    for folder in sorted((NTC / platform).iterdir()):
        command = folder.name.replace("_", " ")
        for case in ntc(platform, folder.name):
            yield Trial(case.name, ((command, case.text),), set(expected(command, case.rows, canonical)))
    yield from others(platform, canonical)


def _canonical(profile: Profile):
    return lambda name: profile.port_names.canonical(" ".join(name.split())).replace(" ", "")


async def _probe(profile: Profile, trial: Trial) -> Outcome:
    kinds = {fact.kind for fact in trial.expected}
    # A configuration that says nothing would hide the table of VLANs.
    answers = {**({} if "vlans" in kinds else COMPANIONS.get(profile.name, {})), **dict(trial.answers)}
    recording = Recording(tuple(Exchange(send, receive) for send, receive in answers.items()))
    explained = DEVIATIONS.get((profile.name, trial.name), {})
    outcome = Outcome(profile.name, trial.name, trial.expected, explained=explained)
    try:
        shown = document(profile, await examine(Replay(recording, profile), profile))
    except DeviceError as error:
        outcome.error = str(error)
        return outcome
    told = {fact.value[0] for fact in trial.expected if fact.kind == "facts"}
    ours = {fact for fact in found(shown, _canonical(profile)) if fact.kind in kinds}
    outcome.found = {fact for fact in ours if fact.kind != "facts" or fact.value[0] in told}
    return outcome


def counts(outcomes: Collection[Any]) -> dict[str, int]:
    """The numbers that are committed."""
    return {"files": len(outcomes), "read": sum(outcome.read for outcome in outcomes)}


@dataclass
class Score:
    """Recall and precision of one kind."""

    expected: int = 0
    found: int = 0
    hits: int = 0

    @property
    def recall(self) -> float:
        return self.hits / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        return self.hits / self.found if self.found else 1.0


def scores(outcomes: Iterable[Any]) -> dict[str, Score]:
    """By kind."""
    made: dict[str, Score] = {}
    for outcome in outcomes:
        for name, facts in (("expected", outcome.expected), ("found", outcome.found)):
            for kind, count in Counter(fact.kind for fact in facts).items():
                score = made.setdefault(kind, Score())
                setattr(score, name, getattr(score, name) + count)
        for kind, count in Counter(fact.kind for fact in outcome.expected & outcome.found).items():
            made.setdefault(kind, Score()).hits += count
    return dict(sorted(made.items()))
