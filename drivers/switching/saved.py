"""Whether what a switch runs is what it would start from: two configurations, or the difference that it shows itself.

Configurations are compared line by line, without the lines that say when and by whom they were shown or saved, and
without certificates: IOS shows those in full in the one, and as the name of a file in the other.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from drivers.errors import Rejected
from drivers.session import Reply
from drivers.switching import reading

_CERTIFICATES: Final = re.compile(r"crypto (pki|ca) certificate chain\b")
_CHANGED: Final = re.compile(r"(?:! |[-+])(?P<text>.*)\Z", re.DOTALL)
_HEADING: Final = re.compile(r"(?:\+\+\+|---|\*\*\*)(?: |\Z|\*)")


async def unlike(
    run: Callable[[str], Awaitable[Reply]],
    *,
    running: str,
    startup: str,
    ends_with: str,
    heading: re.Pattern[str],
    nothing: re.Pattern[str],
) -> bool:
    """Whether the configurations differ that two commands show, each of which ends with the line ``ends_with``.

    ``nothing`` is found in a refusal, or in the first line of an answer, where nothing was saved yet. Raises
    ``Rejected`` where one is refused otherwise, and ``Garbled`` where one has no end.
    """
    runs = reading.ended((await run(running)).text, ends_with, command=running)
    try:
        starts = (await run(startup)).text
    except Rejected as error:
        if nothing.search(str(error)):
            return True
        raise
    if nothing.search(starts.strip().partition("\n")[0]):
        return True
    starts = reading.ended(starts, ends_with, command=startup)
    return said(runs, heading=heading) != said(starts, heading=heading)


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
