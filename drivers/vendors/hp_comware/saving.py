"""Whether a Comware-like switch would start from what it runs: it shows both configurations in the same words."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from drivers.session import Reply
from drivers.switching import saved
from drivers.vendors.hp_comware.dialect import Dialect

_NOTHING: Final = re.compile(r"not exist|no saved|not been saved|\A\Z", re.IGNORECASE)
"""What is said, or an empty answer, where nothing was saved."""


async def unsaved(run: Callable[[str], Awaitable[Reply]], dialect: Dialect) -> bool:
    """Whether what runs and what was saved differ. Raises ``Rejected`` where the switch does not show both."""
    commands = dialect.commands
    return await saved.unlike(
        run,
        running=commands.running,
        startup=commands.startup,
        ends_with=dialect.quirks.ends_with,
        heading=dialect.headings,
        nothing=_NOTHING,
    )
