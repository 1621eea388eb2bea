"""The shape of the house, as rules that a program checks: sizes, docstrings, names, and nothing of one machine."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.unit.house.checkout import PACKAGES, ROOT, files

pytestmark = pytest.mark.unit

CODE = (*PACKAGES, "benchmarks")
FOLDERS = {*CODE, "tests", "deploy", "docs", ".ci"}
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc"}

# Of a place where somebody develops or builds, and of a tracker that a reader of the source does not have.
MACHINE = re.compile(r"(?<![\w.])/(home/(?!me/)|Users/|root/|work/|workspace/|builds/)\w|\b[Ii]ssue #?\d{1,2}\b")


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    """Path within the project and text of each Python file below `folders`."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path.read_text()


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rules ask of a file; its tree is not kept, for a thousand of them slow down whatever runs later."""

    has_docstring: bool
    functions: tuple[tuple[str, int], ...]
    swallows: bool


@cache
def shape(text: str) -> Shape:
    """A file as the compiler sees it; several tests look at each."""
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return Shape(
        has_docstring=ast.get_docstring(tree) is not None,
        functions=tuple((node.name, length(node)) for node in functions),
        swallows=any(swallows(node) for node in nodes),
    )


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function, without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        words = function.body[0]
        lines -= (words.end_lineno or words.lineno) - words.lineno + 1
    return lines


def test_no_file_is_too_long() -> None:
    lengths = {name: len(text.splitlines()) for name, text in sources(*CODE, "tests")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    long = [
        (name, function, lines)
        for name, text in sources(*CODE, "tests")
        for function, lines in shape(text).functions
        if lines > LONGEST_FUNCTION and "/migrations/versions/" not in name  # one list of tables, never edited again
    ]
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [name for name, text in sources(*CODE, "tests") if not shape(text).has_docstring]
    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name for name, _ in sources(*CODE) if Path(name).stem in VAGUE or Path(name).parent.name in VAGUE] == []


def test_nothing_swallows_every_error() -> None:
    assert [name for name, text in sources(*CODE) if shape(text).swallows] == []


def swallows(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler) or not all(isinstance(line, ast.Pass) for line in node.body):
        return False
    return node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})


def test_tests_do_not_shadow_the_packages() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_the_folders_at_the_top_are_those_of_the_house() -> None:
    found = {name.split("/")[0] for name in files() if "/" in name}
    assert found - FOLDERS == set()


def test_nothing_speaks_of_one_machine() -> None:
    found = [f"{name}: {hit}" for name in files() for hit in machine_words(ROOT / name)]
    assert found == []


def machine_words(path: Path) -> list[str]:
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return []
    hits = [match.group() for match in MACHINE.finditer(text)]
    return hits + [str(ROOT)] * (f"{ROOT}/" in text)
