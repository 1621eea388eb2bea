"""A test says what it needs, a skip says why, and where a machine is known to be able a skip is a failure."""

import pytest

from tests.plugins import capabilities

pytestmark = pytest.mark.unit

INI = """
    [pytest]
    addopts = -p no:asyncio -p no:anyio -p no:hypothesispytest -p no:cacheprovider
    markers =
        unit
        system
        conformance
        lab
        postgres
        browser
"""

MIXED = """
import pytest

@pytest.mark.lab
def test_lab(): pass
@pytest.mark.postgres
def test_postgres(): pass
@pytest.mark.unit
def test_unit(): pass
@pytest.mark.unit
def test_unit_that_skips(): pytest.skip("not\\ndeclared")
"""


@pytest.fixture
def project(pytester: pytest.Pytester, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A small project on a machine that lacks the lab."""
    monkeypatch.delenv("POINTSMAN_NO_SKIP", raising=False)
    monkeypatch.setattr(capabilities, "lacking", {"lab": "no tun device"}.get)
    monkeypatch.syspath_prepend(pytestconfig.rootpath)
    pytester.makeconftest('pytest_plugins = ["tests.plugins.markers", "tests.plugins.skips"]')
    pytester.makeini(INI)
    return pytester


def test_without_a_marker_nothing_runs_and_the_file_is_named(project: pytest.Pytester) -> None:
    project.makepyfile(test_good=MIXED, test_bare="def test_it(): pass")
    result = project.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    markers = "unit, system, conformance, postgres, lab, browser"
    result.stderr.fnmatch_lines([f"*test_bare.py: every test needs one of the markers {markers}*"])
    assert "test_good.py" not in result.stderr.str()


def test_the_quick_ones_run_first(project: pytest.Pytester) -> None:
    project.makepyfile(test_mixed=MIXED)
    result = project.runpytest_inprocess("-v")
    result.stdout.fnmatch_lines(["*::test_unit *", "*::test_unit_that_skips *", "*::test_postgres *", "*::test_lab *"])


def test_what_the_machine_lacks_is_skipped_and_listed_under_its_reason(project: pytest.Pytester) -> None:
    project.makepyfile(test_mixed=MIXED)
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=2, skipped=2)
    result.stdout.fnmatch_lines(["*skipped, and why*", "*1 test *lab: no tun device", "*1 test *not declared"])


def test_a_forbidden_skip_fails_with_its_reason(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_NO_SKIP", "lab postgres")
    project.makepyfile(test_mixed=MIXED)
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=2, skipped=1, errors=1)
    result.stdout.fnmatch_lines(["*skipped, which POINTSMAN_NO_SKIP='lab postgres' forbids here: lab: no tun device"])


def test_a_file_that_skips_itself_is_forbidden(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_NO_SKIP", "lab")
    project.makepyfile("import pytest\npytest.skip('lazy', allow_module_level=True)")
    result = project.runpytest_inprocess()
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*forbids here: lazy"])


def test_an_expected_failure_is_no_skip(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTSMAN_NO_SKIP", "unit")
    project.makepyfile("import pytest\n@pytest.mark.unit\n@pytest.mark.xfail\ndef test_it(): raise ValueError")
    result = project.runpytest_inprocess()
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["skipped: nothing"])


@pytest.fixture
def folders(project: pytest.Pytester) -> pytest.Pytester:
    """A file below `tests/lab` that tells when it is read, and one of unit tests."""
    for folder, text in (("unit", "def test_unit(): pass"), ("lab", "print('read')\ndef test_lab(): pass")):
        file = project.path / "tests" / folder / f"test_{folder}.py"
        file.parent.mkdir(parents=True)
        file.write_text(f"import pytest\npytestmark = pytest.mark.{folder}\n{text}")
    return project


@pytest.mark.parametrize(("chosen", "is_read"), [("unit", False), ("lab", True), ("unit or lab", True)])
def test_the_folder_of_another_marker_is_not_read(folders: pytest.Pytester, chosen: str, is_read: bool) -> None:
    result = folders.runpytest_inprocess("-s", "-m", chosen)
    assert ("read" in result.outlines) == is_read


def test_a_test_in_the_folder_of_another_marker_is_refused(folders: pytest.Pytester) -> None:
    (folders.path / "tests" / "lab" / "test_lost.py").write_text(
        "import pytest\n@pytest.mark.unit\ndef test_it(): pass"
    )
    result = folders.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*tests/lab/test_lost.py: the folder is for tests of the marker*"])
