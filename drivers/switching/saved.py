"""Whether what a switch runs is what it would start from: two configurations, or the difference that it shows itself.

Configurations are compared line by line, without the lines that say when and by whom they were shown or saved, and
without certificates: IOS shows those in full in the one, and as the name of a file in the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_CERTIFICATES: Final = re.compile(r"crypto (pki|ca) certificate chain\b")
_CHANGED: Final = re.compile(r"(?:! |[-+])(?P<text>.*)\Z", re.DOTALL)
_HEADING: Final = re.compile(r"(?:\+\+\+|---|\*\*\*)(?: |\Z|\*)")


def said(configuration: str, *, heading: re.Pattern[str]) -> list[str]:
    """The lines that configure something. ``heading`` is what a line begins with that does not."""
    return list(_said(configuration, heading))


def _said(configuration: str, heading: re.Pattern[str]) -> Iterator[str]:
    within = False
    for line in configuration.splitlines():
        text = line.rstrip()
        within = (within and text[:1] in (" ", "\t", "")) or _CERTIFICATES.match(text) is not None
        if text.strip() and not within and not heading.match(text):
            yield text


def differs(difference: str, *, heading: re.Pattern[str]) -> bool:
    """Whether a difference, as diff(1) writes it with or without context, holds a line that configures something."""
    for line in difference.splitlines():
        match = _CHANGED.match(line)
        if match is None or _HEADING.match(line):
            continue
        text = match["text"].strip()
        if text and not heading.match(text):
            return True
    return False
