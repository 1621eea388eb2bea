"""Whether a Comware-like switch would start from what it runs: it shows both configurations in the same words."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from drivers.errors import Rejected
from drivers.session import Reply
from drivers.switching import reading, saved
from drivers.vendors.hp_comware.dialect import Dialect

_NOTHING: Final = re.compile(r"not exist|no saved|not been saved", re.IGNORECASE)


async def unsaved(run: Callable[[str], Awaitable[Reply]], dialect: Dialect) -> bool:
    """Whether what runs and what was saved differ. Raises ``Rejected`` where the switch does not show both."""
    commands, ends_with, heading = dialect.commands, dialect.quirks.ends_with, dialect.headings
    running = reading.ended((await run(commands.running)).text, ends_with, command=commands.running)
    try:
        startup = (await run(commands.startup)).text
    except Rejected as error:
        if _NOTHING.search(str(error)):
            return True
        raise
    if not startup.strip() or _NOTHING.search(startup.strip().partition("\n")[0]):
        return True
    startup = reading.ended(startup, ends_with, command=commands.startup)
    return saved.said(running, heading=heading) != saved.said(startup, heading=heading)
