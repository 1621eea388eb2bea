"""A configuration taken apart: blocks between lines with ``#``, each a head at the margin with indented lines below.

Lines that are indented without a head are the switch's own (``sysname``, ``stp``); they become blocks without lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from drivers.switching.blocks import Block


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a configuration."""
    head: str | None = None
    body: list[str] = []
    for line in text.splitlines():
        words = line.strip()
        depth = len(line) - len(line.lstrip())
        if words and depth and head is not None:
            if depth == 1:
                body.append(words)
            continue
        if head is not None:
            yield Block(head, tuple(body))
        head, body = None, []
        if words and depth and words != "#":
            yield Block(words, ())
        elif words and words != "#":
            head = words
    if head is not None:
        yield Block(head, tuple(body))
