"""Recordings of real devices that nobody here wrote: where they lie, and how to get at them.

They are test input only, and no part of this project; where the folder is absent, the tests that read it are skipped.
`cli/ntc/<platform>/<command>/*.raw` is what a device printed, the `.yml` beside it what ntc-templates makes of it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[3] / "shared" / "data"
ABSENT = "recordings: ../shared/data is absent"

needs_recordings = pytest.mark.skipif(not FOLDER.is_dir(), reason=ABSENT)


class Case(NamedTuple):
    """One recorded answer, and another parser's rows of it."""

    name: str
    text: str
    rows: list[dict[str, Any]]


def ntc(platform: str, command: str) -> list[Case]:
    """All recordings of a command; one case that is skipped where the folder is absent."""
    return list(_ntc(FOLDER / "cli" / "ntc" / platform / command.replace(" ", "_")))


def _ntc(folder: Path) -> Iterator[Case]:
    for file in sorted(folder.glob("*.raw")):
        answer = file.with_suffix(".yml")
        if answer.is_file():
            rows = YAML(typ="safe", pure=True).load(answer.read_text(encoding="utf-8"))["parsed_sample"]
            yield Case(file.stem, file.read_text(encoding="utf-8", errors="replace"), rows or [])


def cases(platform: str, *commands: str) -> Any:
    """Parametrizes a test by the recordings of commands of a platform."""
    found = [case for command in commands for case in ntc(platform, command)]
    return pytest.mark.parametrize("case", found or [Case("absent", "", [])], ids=lambda case: case.name)
