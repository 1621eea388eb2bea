"""Whether an IOS-like switch would start from what it runs.

NX-OS and EOS show the difference themselves: ``show running-config diff`` (Cisco "NX-OS Fundamentals Configuration
Guide") and ``show running-config diffs`` (Arista "EOS User Manual", "Configuration Files"). IOS shows both, of which
the second begins with how much room it takes ("Using 1630 out of 65536 bytes"), and refuses the second where nothing
was saved yet ("%% Non-volatile configuration memory is not present", "startup-config is not present").
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from drivers.session import Reply
from drivers.switching import saved
from drivers.vendors.cisco_ios.dialect import Dialect

_NOTHING: Final = re.compile(r"not present", re.IGNORECASE)


async def unsaved(run: Callable[[str], Awaitable[Reply]], dialect: Dialect) -> bool:
    """Whether what runs and what was saved differ. Raises ``Rejected`` where the switch shows neither."""
    commands = dialect.commands
    if commands.unsaved:
        return saved.differs((await run(commands.unsaved)).text, heading=dialect.headings)
    return await saved.unlike(
        run,
        running=commands.running,
        startup=commands.startup,
        ends_with=dialect.quirks.ends_with,
        heading=dialect.headings,
        nothing=_NOTHING,
    )
