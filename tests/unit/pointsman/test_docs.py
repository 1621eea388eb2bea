"""The pages on how to use Pointsman: their commands are commands, their documents are valid, their links are there."""

import io
import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from agents.settings import Settings
from device_profiles.checks import state_problems
from device_profiles.documents import Document
from pointsman.cli.app import ENTRIES, app
from pointsman.cli.hoist import hoisted
from pointsman.demo.rack import rack_document
from pointsman.origin import HOME
from tests.unit.pointsman.pages import blocks

pytestmark = pytest.mark.unit

PAGES = [HOME / "README.md", *(HOME / "docs" / f"{name}.md" for name in ("getting-started", "cli", "serial"))]


def lines(page: Path) -> list[str]:
    """The `pointsman` commands in a page's shell blocks, without what stands around them."""
    found = []
    for line in "".join(blocks(page, "sh")).splitlines():
        words = re.search(r"(?:^|\s)pointsman (.*)$", line)
        if words and not line.startswith("#"):
            found.append(re.sub(r"\s*(?:[&|].*|\s#.*)$", "", words[1]))
    return found


def check(words: list[str]) -> None:
    """Parse a line as the program would, down to the command, without running it."""
    command: Any = typer.main.get_command(app)
    context = command.make_context("pointsman", hoisted(words))
    while hasattr(command, "commands"):
        name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)


@pytest.mark.parametrize(
    ("page", "line"), [(page, line) for page in PAGES for line in lines(page)], ids=lambda value: str(value)[:60]
)
def test_every_command_in_the_pages_is_one(page: Path, line: str) -> None:
    check(shlex.split(line))


def test_a_wrong_line_would_be_found() -> None:
    with pytest.raises(typer.BadParameter.__mro__[2]):
        check(["get", "nodes", "--colour"])
    with pytest.raises(typer.BadParameter.__mro__[2]):
        check(["token", "forge"])


def test_the_overview_has_every_command() -> None:
    named = {line.split()[0] for line in lines(HOME / "docs" / "cli.md")}
    assert {entry.name for entry in ENTRIES} - named == set()


@pytest.mark.parametrize(
    "text",
    [*(body for page in PAGES for body in blocks(page, "yaml")), rack_document().read_text()],
    ids=lambda text: text[:40],
)
def test_every_document_in_the_pages_is_valid(text: str) -> None:
    found = TypeAdapter(Document).validate_python(YAML(typ="safe", pure=True).load(io.StringIO(text)))
    for name, role in found.roles.items():
        assert state_problems(role.state) == [], name


def test_the_agents_file_in_the_pages_is_valid() -> None:
    (text,) = blocks(HOME / "docs" / "cli.md", "toml")
    settings = TypeAdapter(Settings).validate_python(tomllib.loads(text))
    assert settings.secrets[0].name == "file:lab.key"
