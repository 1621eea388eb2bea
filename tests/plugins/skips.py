"""Skips are said aloud, and where a machine is known to be able, a skip is a failure.

At the end stands how many tests of which marker ran, and every skip under its reason. The environment variable
`POINTSMAN_NO_SKIP` holds markers (`POINTSMAN_NO_SKIP="lab postgres"`): a skipped test that carries one of them fails,
with the reason it gave. A file that skips itself as a whole hides its markers, so with the variable set that fails as
well.
"""

import os
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from tests.plugins.markers import NEEDS, ORDER

VARIABLE = "POINTSMAN_NO_SKIP"
RAN = ("passed", "failed", "xfailed", "xpassed")


def forbidden() -> set[str]:
    """The markers whose tests must not be skipped in this run."""
    return set(os.environ.get(VARIABLE, "").replace(",", " ").split())


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The words given with a skip, on one line and without pytest's prefix."""
    words = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    return " ".join(words.removeprefix("Skipped: ").split())


def refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that keeps its reason."""
    report.longrepr = f"skipped, which {VARIABLE}={os.environ[VARIABLE]!r} forbids here: {reason_of(report)}"
    report.outcome = "failed"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    expected_failure = hasattr(report, "wasxfail")
    if report.skipped and not expected_failure and forbidden() & {mark.name for mark in item.iter_markers()}:
        refuse(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and forbidden():
        refuse(report)
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    ran = Counter(
        dict(report.user_properties).get(NEEDS)
        for outcome in RAN
        for report in terminalreporter.stats.get(outcome, [])
        if report.when == "call"
    )
    terminalreporter.write_line(
        "ran: " + (", ".join(f"{ran[name]} {name}" for name in ORDER if ran[name]) or "nothing")
    )
    skipped = Counter(reason_of(report) for report in terminalreporter.stats.get("skipped", []))
    if not skipped:
        terminalreporter.write_line("skipped: nothing")
        return
    terminalreporter.section("skipped, and why")
    for reason, count in sorted(skipped.items()):
        terminalreporter.write_line(f"{count:5} {'test ' if count == 1 else 'tests'}  {reason}")
