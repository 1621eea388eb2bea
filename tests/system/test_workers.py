"""A run by several workers: what needs a lab on one of them, unit tests on the others, and a skip stays a failure."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.system

NOTING = """
import os
from pathlib import Path
import pytest

def note(name):
    with Path({log!r}).open("a") as log:
        log.write(f"{{os.getpid()}} {{name}}\\n")
"""
UNIT = """
@pytest.mark.unit
@pytest.mark.parametrize("number", range(4))
def test_it(number):
    note(f"unit {number}")
"""
REST = """
@pytest.mark.lab
@pytest.mark.parametrize("number", range(4))
def test_it(number):
    note(f"rest {number}")
"""
SKIPS = """
@pytest.mark.lab
def test_skips():
    pytest.skip("no tun device")
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What ran, in the order of its end."""
    return tmp_path / "log"


@pytest.fixture
def project(
    pytester: pytest.Pytester, pytestconfig: pytest.Config, log: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.Pytester:
    """A small project with two files of unit tests, and a lab that every machine can have."""
    monkeypatch.delenv("POINTSMAN_NO_SKIP", raising=False)  # as where these tests run no skip may be
    pytester.makeconftest("""
        from tests.plugins import capabilities
        capabilities.QUESTIONS["lab"] = lambda: None
        pytest_plugins = ["tests.plugins.markers", "tests.plugins.skips", "tests.plugins.workers"]
    """)
    pytester.makeini(f"""
        [pytest]
        addopts = -p no:asyncio -p no:anyio -p no:hypothesispytest -p no:cacheprovider --import-mode=importlib
        pythonpath = {pytestconfig.rootpath}
        markers =
            unit
            lab
    """)
    head = NOTING.format(log=str(log))
    files = {"unit/test_a": UNIT, "unit/test_b": UNIT, "lab/test_c": REST, "lab/test_d": REST + SKIPS}
    for name, text in files.items():
        file = pytester.path / "tests" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(head + text)
    return pytester


def test_the_rest_is_begun_first_in_its_order_by_one_worker(project: pytest.Pytester, log: Path) -> None:
    result = project.runpytest_subprocess("-n2")
    result.assert_outcomes(passed=16, skipped=1)
    result.stdout.fnmatch_lines(["ran: 8 unit, 8 lab", "*skipped, and why*", "*1 test *no tun device"])
    ran = [line.split(maxsplit=1) for line in log.read_text().splitlines()]
    worker, *others = {pid for pid, name in ran if name.startswith("rest")}
    assert not others
    its_own = [name for pid, name in ran if pid == worker]
    assert its_own[:8] == [f"rest {number}" for number in range(4)] * 2
    assert any(pid != worker for pid, _ in ran), "unit tests ran beside it"


@pytest.mark.parametrize("words", [["-m", "lab"], ["tests/unit/test_a.py", "tests/lab"]], ids=["the rest", "one file"])
def test_fewer_files_than_workers_do(project: pytest.Pytester, log: Path, words: list[str]) -> None:
    project.runpytest_subprocess("-n3", *words).assert_outcomes(passed=8 if words[0] == "-m" else 12, skipped=1)
    assert sum("rest" in line for line in log.read_text().splitlines()) == 8


def test_a_forbidden_skip_fails(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_NO_SKIP", "lab")
    result = project.runpytest_subprocess("-n2", "tests/lab")
    result.assert_outcomes(passed=8, failed=1)
    result.stdout.fnmatch_lines(["*forbids here: no tun device*"])
