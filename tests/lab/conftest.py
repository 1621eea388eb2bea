"""The lab of real parts, brought up once for all tests that ask for it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointsman.lab import Lab
from pointsman.lab.state import ROOT


def remove_labs_of_dead_runs() -> None:
    """A test run that was killed leaves its lab behind; its name says which process it was."""
    for folder in ROOT.glob("t*"):
        if (named := re.fullmatch(r"t(\d+)[a-z]*", folder.name)) and not Path("/proc", named[1]).exists():
            Lab(folder.name).down()


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A lab of our own: its name carries our process id, so that runs side by side do not meet."""
    remove_labs_of_dead_runs()
    made = Lab.up(f"t{os.getpid()}")
    yield made
    made.down()


@pytest.fixture
def fresh_lab(lab: Lab) -> Lab:
    """The same lab, with both switches wiped and every cable where it belongs."""
    lab.reset()
    return lab
