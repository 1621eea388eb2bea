"""A configuration taken apart: each line that begins at the margin, with the lines below it that are indented.

Texts of banners stand in the configuration as they are, and may look like anything, so they are skipped: a banner ends
at the mark that it names itself (IOS shows a control character as ``^C``), on EOS at ``EOF``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from drivers.switching.blocks import Block

_BANNER: Final = re.compile(r"banner \S+ ?(?P<mark>\^.|\S)?(?P<rest>.*)\Z")
_EOF: Final = "EOF"


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a configuration, comments left out."""
    head: str | None = None
    body: list[str] = []
    indent = 0
    for line in _without_banners(text):
        words = line.strip()
        if not words or words.startswith("!"):
            continue
        depth = len(line) - len(line.lstrip())
        if depth == 0:
            if head is not None:
                yield Block(head, tuple(body))
            head, body, indent = words, [], 0
            continue
        indent = indent or depth
        if depth <= indent:
            body.append(words)
    if head is not None:
        yield Block(head, tuple(body))


def _without_banners(text: str) -> Iterator[str]:
    end = ""
    for line in text.splitlines():
        if end:
            end = "" if (line.strip() == _EOF if end == _EOF else end in line) else end
            continue
        match = _BANNER.match(line)
        if match is None:
            yield line
        elif match["mark"] is None:
            end = _EOF
        elif match["mark"] not in match["rest"]:
            end = match["mark"]
