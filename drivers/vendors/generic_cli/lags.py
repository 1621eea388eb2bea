"""Tables of LAGs: which ports are members, and which of them carry traffic."""

from __future__ import annotations

import re
from typing import Final

from device_profiles.state import LacpMode
from drivers.vendors.generic_cli import values
from drivers.vendors.generic_cli.findings import Findings
from drivers.vendors.generic_cli.index import Row
from drivers.vendors.generic_cli.names import Names
from drivers.vendors.generic_cli.words import LAG, Reading

_CARRIES: Final = re.compile(r"(?i)(P|p|A|S|U|up|bndl|bundled|selected|collecting distributing|PG\+?|P\w?)")
_STATIC: Final = re.compile(r"(?i)(none|static|manual|trunk|on|-|normal)")


def note_lags(reading: Reading, found: Findings, names: Names) -> None:
    """Take over what a table says of LAGs. Whether LACP is active or passive no such table tells."""
    for row in reading.rows:
        name = reading.text(row, LAG, "lag")
        members = [each for part in reading.texts(row, LAG, "members") for each in values.ports(part)]
        if not name or not members:
            continue
        lag = found.lag(names.canonical(name))
        states = reading.texts(row, LAG, "states")
        for position, member in enumerate(members):
            state = states[position] if len(states) == len(members) else ""
            lag.members[names.canonical(member)] = bool(_CARRIES.fullmatch(state.strip())) if state.strip() else None
        if lag.lacp is None:
            lag.lacp = _lacp(reading, row)


def _lacp(reading: Reading, row: Row) -> LacpMode | None:
    return "off" if _STATIC.fullmatch(reading.raw(row, LAG, "protocol")) else None
