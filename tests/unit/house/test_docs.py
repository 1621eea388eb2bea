"""The documents: no dead link, the licence whole, every decision listed, and CI runs the README's test command."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.unit.house.checkout import ROOT

pytestmark = pytest.mark.unit

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def documents() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])


def anchors(document: Path) -> set[str]:
    """The names that GitHub gives to a document's headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(document.read_text())
    }


def is_dead(document: Path, target: str) -> bool:
    if target.startswith(("http://", "https://", "mailto:")):
        return False
    name, _, anchor = target.partition("#")
    path = (document.parent / name).resolve() if name else document
    return not path.exists() or (bool(anchor) and path.suffix == ".md" and anchor not in anchors(path))


def prose(document: Path) -> str:
    return re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)


def test_links_within_the_documents_lead_somewhere() -> None:
    dead = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents()
        for target in LINK.findall(prose(document))
        if is_dead(document, target)
    ]
    assert dead == []


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One heading\n")
    assert [is_dead(page, target) for target in ("page.md", "#one-heading", "other.md", "#two")] == [
        False,
        False,
        True,
        True,
    ]


def test_every_decision_is_listed_and_shaped_like_the_template() -> None:
    folder = ROOT / "docs/decisions"
    pages = sorted(page for page in folder.glob("[0-9]*.md") if not page.name.startswith("0000"))
    index = (folder / "README.md").read_text()
    assert [page.name for page in pages if f"({page.name})" not in index] == []
    headings = ["Context", "Decision", "Cost"]
    assert [page.name for page in pages if re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE) != headings] == []
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))


def test_the_licence_is_whole() -> None:
    licence = (ROOT / "LICENSE").read_text()
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["license"] == "Apache-2.0"


def test_ci_runs_the_readmes_test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POINTSMAN_NO_SKIP", raising=False)
    monkeypatch.delenv("MAKEFLAGS", raising=False)
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci/run").write_bytes((ROOT / ".ci/run").read_bytes())
    (tmp_path / "README.md").write_bytes((ROOT / "README.md").read_bytes())
    (tmp_path / "Makefile").write_text('check test:\n\t@echo "made $@ no_skip=$$POINTSMAN_NO_SKIP"\n')
    done = subprocess.run(
        ["bash", tmp_path / ".ci/run"], check=True, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
    )
    assert re.findall("^made .*$", done.stdout, re.MULTILINE) == [
        "made check no_skip=",
        "made test no_skip=lab postgres",
    ]
