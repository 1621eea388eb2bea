"""How far a profile's driver can be trusted: derived from evidence, never claimed.

=========  ==================================================================================================
untried    nobody has shown anything
reads      its parsers pass recordings of real devices that it was not written from
writes     it keeps every promise on a twin whose grammar comes from a source that the twin names
proven     it keeps every promise on real software or hardware
=========  ==================================================================================================

The evidence is two files of numbers beside this module, and beside the drivers in a folder of plug-ins.
``recordings.json`` is written by ``make recordings``: ``{profile: {"files": n, "read": m}}``. ``evidence.json`` is
written by ``pointsman driver test --evidence``: ``{profile: {"twin" or "real": {"asked": n, "kept": m, "source":
"..."}}}``. Tests run the same suite and compare, so neither file can say what is not so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

from drivers import plugins

FOLDER: Final = Path(__file__).parent
EVIDENCE: Final = "evidence.json"
RECORDINGS: Final = "recordings.json"

Where = Literal["twin", "real"]


class Level(StrEnum):
    """From nothing to everything."""

    UNTRIED = "untried"
    READS = "reads"
    WRITES = "writes"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """How many recordings there are for a profile, and how many of them are read as they should be."""

    files: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """What the suite found: promises asked for, and kept; ``source`` is a twin's grammar, or what was tried."""

    asked: int = 0
    kept: int = 0
    source: str = ""

    @property
    def whole(self) -> bool:
        """Whether every promise was kept, on something that has a name."""
        return 0 < self.asked == self.kept and bool(self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that is known of a profile's driver."""

    recordings: Recordings = Recordings()
    twin: Trials = Trials()
    real: Trials = Trials()

    @property
    def level(self) -> Level:
        """The highest level that the evidence carries."""
        if self.real.whole:
            return Level.PROVEN
        if self.twin.whole:
            return Level.WRITES
        if 0 < self.recordings.files == self.recordings.read:
            return Level.READS
        return Level.UNTRIED


def evidence(profile: str) -> Evidence:
    """The evidence for a profile. Raises ValueError where a file of evidence is none."""
    tried = _find(EVIDENCE, profile)
    return Evidence(
        recordings=Recordings(**_find(RECORDINGS, profile)),
        twin=Trials(**tried.get("twin", {})),
        real=Trials(**tried.get("real", {})),
    )


def note(file: Path, profile: str, where: Where, trials: Trials) -> None:
    """Write what the suite found into a file of evidence."""
    found = _read(file)
    found.setdefault(profile, {})[where] = asdict(trials)
    file.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _find(name: str, profile: str) -> dict[str, Any]:
    for folder in _folders():
        entry: dict[str, Any] | None = _read(folder / name).get(profile)
        if entry is not None:
            return entry
    return {}


def _folders() -> Iterator[Path]:
    yield from plugins.folders()
    yield FOLDER


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return dict(found)
