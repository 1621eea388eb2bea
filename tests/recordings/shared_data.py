"""Recordings of real devices that nobody here wrote: where they lie, and how to get at them.

They are test input only, and no part of this project; where the folder is absent, the tests that read it are skipped.
`cli/ntc/<platform>/<command>/*.raw` is what a device printed, the `.yml` beside it what ntc-templates makes of it.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "shared" / "data"
ABSENT = "recordings: ../shared/data is absent"

needs_recordings = pytest.mark.skipif(not FOLDER.is_dir(), reason=ABSENT)


class Case(NamedTuple):
    """One recorded answer, and another parser's rows of it; both are read when they are asked for."""

    file: Path

    @property
    def name(self) -> str:
        return self.file.stem

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8", errors="replace")

    @property
    def rows(self) -> list[dict[str, Any]]:
        return _rows(self.file.with_suffix(".yml"))


@cache
def _rows(file: Path) -> list[dict[str, Any]]:
    # Ours, which refuses much and shows places, would take ten seconds for all of them, and this one takes one.
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["parsed_sample"] or []


def ntc(platform: str, command: str) -> list[Case]:
    """All recordings of a command; one case that is skipped where the folder is absent."""
    return list(_ntc(FOLDER / "cli" / "ntc" / platform / command.replace(" ", "_")))


def _ntc(folder: Path) -> Iterator[Case]:
    for file in sorted(folder.glob("*.raw")):
        if file.with_suffix(".yml").is_file():
            yield Case(file)


def cases(platform: str, *commands: str) -> Any:
    """Parametrizes a test by the recordings of commands of a platform."""
    found = [case for command in commands for case in ntc(platform, command)]
    return pytest.mark.parametrize("case", found or [Case(FOLDER / "absent")], ids=lambda case: case.name)
