"""Pushes: what makes the switch say that its configuration may have changed.

``ovsdb-client monitor`` prints a line for each change of the columns that we read, ``ip monitor link`` one for each
change of a kernel device (admin state, MTU; also its carrier, which costs a reading that finds nothing). ovsdb-client
takes only one table; whatever adds or removes an interface changes its Port, and an MTU shows at the kernel's device.
``lldpcli watch`` prints neighbours that appear, change or go; a switch without lldpd is watched without it.

A command over SSH without a terminal is not stopped when its channel closes, and two silent watchers would stay on the
switch for ever. So the shell reads its input, which ends with the channel, and then stops its own process group, which
sshd made for it; so does whichever watcher ends first (the database was restarted), and then we see the stream end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from drivers.contract import Connection
from drivers.errors import Unreachable
from drivers.vendors.openvswitch.words import line

_PORTS: Final = line(
    *("ovsdb-client", "--format=json", "monitor", "Open_vSwitch", "Port"),
    "name,interfaces,tag,trunks,vlan_mode,cvlans,lacp,external_ids,other_config",
)
_LINKS: Final = line("ip", "-o", "monitor", "link")
_NEIGHBOURS: Final = line("lldpcli", "watch")
COMMAND: Final = line(
    *("exec", "sh", "-c"),
    f"{_NEIGHBOURS} </dev/null 2>/dev/null & {{ {_LINKS}; kill 0; }} </dev/null & "
    f"{{ {_PORTS}; kill 0; }} </dev/null & cat >/dev/null; kill 0",
)


async def changes(connection: Connection, *, timeout_s: float) -> AsyncIterator[None]:
    """Yields once when the switch has begun to watch, and then whenever something may have changed.

    Ends when the watchers or the connection do. Raises :class:`~drivers.errors.Unreachable`.
    """
    try:
        async with asyncio.timeout(timeout_s):
            stream = await connection.stream(COMMAND)
    except TimeoutError:
        raise Unreachable(f"the switch did not begin to watch within {timeout_s:g} s") from None
    try:
        while await stream.receive():
            yield
    finally:
        await stream.close()
