"""The lab of real parts, brought up once for all tests that ask for it."""

import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from pointsman.lab import Lab
from pointsman.lab.state import ROOT
from tests.lab.site import Site

LAST_LINES = 40


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What service and agent said last stands under the failure of a test: on other machines nobody can look."""
    report = yield
    if report.failed:
        sites = {id(value): value for value in getattr(item, "funcargs", {}).values() if isinstance(value, Site)}
        for site in sites.values():
            for log in sorted(site.folder.glob("*.log")):
                last = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
                report.sections.append((f"the end of {log.name}", "\n".join(last)))
    return report
