"""Levels are derived from evidence, and quality is judged by a program wherever it can be."""

from dataclasses import replace
from pathlib import Path

import pytest

from device_profiles.catalogue import all_profiles
from drivers.levels import Evidence, Level, Recordings, Trials, evidence, note
from drivers.pages import page
from drivers.quality import DONE, TODO, problems, quality

pytestmark = pytest.mark.unit

KEPT = Trials(asked=3, kept=3, source="a manual")
OPENVSWITCH = all_profiles()["openvswitch"]


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (Evidence(), Level.UNTRIED),
        (Evidence(recordings=Recordings(files=2, read=1)), Level.UNTRIED),
        (Evidence(recordings=Recordings(files=2, read=2)), Level.READS),
        (Evidence(twin=replace(KEPT, kept=2)), Level.UNTRIED),
        (Evidence(twin=replace(KEPT, source="")), Level.UNTRIED),
        (Evidence(twin=KEPT, recordings=Recordings(files=2, read=1)), Level.WRITES),
        (Evidence(real=replace(KEPT, kept=2), twin=KEPT), Level.WRITES),
        (Evidence(real=KEPT), Level.PROVEN),
    ],
)
def test_a_level_is_what_the_evidence_carries(found: Evidence, level: Level) -> None:
    assert found.level is level


def test_evidence_is_noted_beside_what_is_there_already(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "evidence.json"
    note(file, "zeta_os", "twin", KEPT)
    note(file, "zeta_os", "real", replace(KEPT, source="Zeta 4.2"))
    note(file, "other", "twin", KEPT)
    monkeypatch.setenv("POINTSMAN_PLUGINS", str(tmp_path))
    assert evidence("zeta_os") == Evidence(twin=KEPT, real=replace(KEPT, source="Zeta 4.2"))
    assert evidence("nobody") == Evidence()


def test_no_profile_says_of_its_quality_what_is_not_so() -> None:
    said = [problem for name, profile in all_profiles().items() for problem in problems(profile, evidence(name))]
    assert said == []


@pytest.mark.parametrize(
    ("rule", "said", "word"),
    [
        ("twin", "todo", "a check says otherwise"),
        ("real", "done", "a check says otherwise"),
        ("facts", "exempt: it tells nothing", "a check says otherwise"),
        ("documents", "nearly", "is done, todo or"),
        ("documents", "exempt: ", "has a reason"),
        ("beauty", "done", "there is no such rule"),
    ],
)
def test_a_quality_block_that_is_not_so_is_told(rule: str, said: str, word: str) -> None:
    profile = replace(OPENVSWITCH, quality={rule: said})
    (problem,) = problems(profile, Evidence(twin=KEPT))
    assert problem.startswith(f"openvswitch: quality.{rule}")
    assert word in problem


def test_what_a_program_can_check_needs_no_word_in_the_profile() -> None:
    status = quality(replace(OPENVSWITCH, quality={"way-back": "exempt: there is none"}), Evidence(twin=KEPT))
    assert (status["twin"], status["real"], status["facts"]) == (DONE, TODO, DONE)
    assert status["way-back"] == "exempt: there is none"
    assert status["documents"] == TODO


def test_the_page_of_drivers_is_current() -> None:
    printed = Path(__file__).parents[3] / "docs" / "drivers.md"
    now = page(all_profiles().values())
    assert printed.read_text() == now, "print it again: pointsman driver list --markdown > docs/drivers.md"
