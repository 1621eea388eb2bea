"""``show configuration | display set`` as a tree: each word of a statement is a key, and what follows it is below.

``set interfaces ge-0/0/0 mtu 9014`` is ``{"interfaces": {"ge-0/0/0": {"mtu": {"9014": {}}}}}``. Statements that are
deactivated are taken out. Groups (``apply-groups``) and interface ranges are worked in: what an object says itself goes
before what it inherits (Junos CLI User Guide, "Use Configuration Groups" and "Interface Ranges").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final, TypeAlias

from device_profiles.names import printable
from drivers.errors import Garbled

Tree: TypeAlias = "dict[str, Tree]"

_WORD: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\S+')
_QUOTES: Final = re.compile(r'(?<!\\)"')
_ESCAPED: Final = re.compile(r"\\(.)")
_BESIDE: Final = re.compile(
    r"(#|/\*|\{(?:master|backup|linecard|primary|secondary)[^}]*\}|protect |activate |annotate )"
)
_SPAN: Final = re.compile(r"(?P<stem>\S+?)(?P<first>\d+)\Z")
_SINGLE: Final = frozenset(
    ("description", "mtu", "interface-mode", "port-mode", "native-vlan-id", "vlan-id", "minimum-links", "802.3ad")
)
"""Statements that hold one value, so that an inherited one does not come beside one's own."""
_RANGE: Final = "interface-range"
_GROUPS: Final = "apply-groups"


def parse(text: str, *, ports: Iterable[str] = ()) -> Tree:
    """The tree of a configuration. ``ports`` are what wildcards of groups and ranges may stand for.

    Raises :class:`~drivers.errors.Garbled` where a line is no statement.
    """
    root: Tree = {}
    off: list[list[str]] = []
    for line in _lines(text):
        verb, *path = words(line)
        if verb == "set":
            _put(root, path)
        elif verb == "deactivate":
            off.append(path)
        elif not _BESIDE.match(line):
            raise Garbled(f"a configuration of statements has '{_shown(line)}': nothing was concluded from it")
    if not root:
        raise Garbled("the configuration is empty: nothing was concluded from it")
    for path in off:
        _cut(root, path)
    _inherit(root, root.get("groups", {}))
    _spread(root.get("interfaces", {}), tuple(ports))
    return root


def words(line: str) -> list[str]:
    """The words of a statement, unquoted."""
    return [_ESCAPED.sub(r"\1", word[1:-1]) if word[:1] == '"' else word for word in _WORD.findall(line)]


def statements(tree: Tree, *path: str) -> Iterator[str]:
    """The statements below a place, one line each, with the words of ``path`` before them."""
    if not tree:
        yield " ".join(map(quoted, path))
    for word, below in tree.items():
        yield from statements(below, *path, word)


def quoted(word: str) -> str:
    """A word as it is typed."""
    return word if re.fullmatch(r"[\w./:*<>\[\]@,+-]+", word) else f'"{word}"'


def at(tree: Tree, *path: str) -> Tree:
    """What is below a place; empty where there is nothing."""
    for word in path:
        tree = tree.get(word, {})
    return tree


def value(tree: Tree, *path: str) -> str | None:
    """The one word below a place, or None."""
    return next(iter(at(tree, *path)), None)


def expanded(ranges: Tree, name: str, ports: Iterable[str]) -> list[str]:
    """The interfaces of an interface range; ``name`` itself where there is none of that name."""
    if name not in ranges:
        return [name]
    found = list(at(ranges, name, "member"))
    spans = [(first, below) for first, below in at(ranges, name, "member-range").items()]
    names = [port for port in ports for pattern in found if fnmatchcase(port, pattern)]
    names += [member for member in found if "*" not in member and "[" not in member]
    for first, below in spans:
        names += _between(first, value(below, "to") or first)
    return list(dict.fromkeys(names))


def _lines(text: str) -> Iterator[str]:
    """Lines with something in them; a text in quotes may go over several."""
    held = ""
    for line in text.splitlines():
        held = f"{held}\n{line}" if held else line.strip()
        if len(_QUOTES.findall(held)) % 2 == 0:
            if held:
                yield held
            held = ""
    if held:
        yield held


def _shown(line: str) -> str:
    """The first words of a line: what comes later may be a secret."""
    return printable(" ".join(line.split()[:2]), most=40)


def _put(tree: Tree, path: Sequence[str]) -> None:
    for word in path:
        tree = tree.setdefault(word, {})


def _cut(tree: Tree, path: Sequence[str]) -> None:
    *way, last = list(path)
    for word in way:
        if word not in tree:
            return
        tree = tree[word]
    tree.pop(last, None)


def _inherit(root: Tree, groups: Tree) -> None:
    """Work groups in, wherever one is applied."""
    for name in root.get(_GROUPS, {}):
        _merge(root, groups.get(name, {}))
    interfaces = root.get("interfaces", {})
    for source, place in ((interfaces, interfaces), *((below, below) for below in list(interfaces.values()))):
        for name in list(source.get(_GROUPS, {})):
            inherited = at(groups, name, "interfaces")
            if place is interfaces:
                _merge(place, inherited)
            else:
                own = next(key for key, below in interfaces.items() if below is place)
                _merge({own: place}, {key: below for key, below in inherited.items() if key == own or key[:1] == "<"})


def _merge(own: Tree, inherited: Tree) -> None:
    """Add what is inherited to what is said; ``<ge-*>`` stands for every name that is there and fits."""
    for word, below in inherited.items():
        if word.startswith("<") and word.endswith(">"):
            for name in [name for name in own if fnmatchcase(name, word[1:-1])]:
                _merge(own[name], below)
        elif word not in _SINGLE or word not in own:
            _merge(own.setdefault(word, {}), below)


def _spread(interfaces: Tree, ports: Sequence[str]) -> None:
    """Give the members of interface ranges what their range says."""
    ranges = interfaces.get(_RANGE, {})
    for name, said in ranges.items():
        shared = {word: below for word, below in said.items() if word not in ("member", "member-range", "description")}
        for member in expanded(ranges, name, (*ports, *interfaces)):
            if member != _RANGE:
                _merge(interfaces.setdefault(member, {}), shared)


def _between(first: str, last: str) -> Iterator[str]:
    low, high = _SPAN.match(first), _SPAN.match(last)
    if low is None or high is None or low["stem"] != high["stem"]:
        yield from (first, last)
        return
    yield from (f"{low['stem']}{number}" for number in range(int(low["first"]), int(high["first"]) + 1))
