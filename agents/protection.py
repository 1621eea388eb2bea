"""Paths that nothing may touch, as people write them: ``ports.Ethernet49-54``, ``vlans.1``, ``sw1/ports.p48``.

A protected path covers all that is below it. A key that ends in two numbers (``Ethernet49-54``) stands for each port
of that range, and for a port of just that name; ``*`` stands for every key.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from agents.findings import Finding
from device_profiles.leaves import SECTIONS
from device_profiles.paths import Path, parse_path, render_path
from device_profiles.state import State

_RANGE: Final = re.compile(r"^(.*?)(\d{1,6})-(\d{1,6})$")
_NUMBERED: Final = re.compile(r"^(.*?)(\d{1,6})$")


@dataclass(frozen=True, slots=True)
class Protected:
    """One protected path; ``node`` is empty where it holds for all."""

    path: Path
    node: str = ""

    @property
    def text(self) -> str:
        """The path as people write it."""
        return render_path(self.path)

    def covers(self, path: Path) -> bool:
        """Whether ``path`` lies under this one, or this one under ``path``: either way a change would reach it."""
        return all(_fits(own, other) for own, other in zip(self.path, path, strict=False))


def parse_protected(text: str) -> Protected:
    """``text`` as a protected path. Raises ValueError where it is none."""
    node, rest = "", text
    if text.split(".", 1)[0].split("[", 1)[0] not in SECTIONS:
        node, slash, rest = text.partition("/")
        if not slash:
            raise ValueError("a protected path begins with a section, like ports.p1, or with a node, like sw1/ports.p1")
    path = parse_path(rest)
    if path[0] not in SECTIONS:
        raise ValueError(f"a protected path begins with one of {', '.join(SECTIONS)}")
    return Protected(path, node)


def protections(texts: Iterable[str], *, node: str) -> tuple[Protected, ...]:
    """Those of ``texts`` that hold for ``node``. Raises ValueError for the first that is no path."""
    found = (parse_protected(text) for text in texts)
    return tuple(item for item in found if item.node in {"", node})


def absent_ports(texts: Iterable[str], observed: State, *, node: str) -> tuple[Finding, ...]:
    """The ports that are to be protected on ``node`` and that it does not have: they may come yet, or be misspelt."""
    found = []
    for text in texts:
        with contextlib.suppress(ValueError):  # said elsewhere, and nothing is written then
            for item in protections((text,), node=node):
                if item.path[0] == "ports" and len(item.path) > 1 and not _covers_any(item, observed):
                    message = "is protected, and the device has no such port: see how it is spelt there"
                    found.append(Finding(item.text, "NoSuchPort", message))
    return tuple(found)


def _covers_any(item: Protected, observed: State) -> bool:
    return any(item.covers(("ports", port)) for port in (*observed.ports, *observed.lags))


def _fits(own: str, other: str) -> bool:
    if own in {other, "*"}:
        return True
    span, number = _RANGE.match(own), _NUMBERED.match(other)
    if span is None or number is None or span[1] != number[1]:
        return False
    return int(span[2]) <= int(number[2]) <= int(span[3])
