"""What a switch is doing, put together from what its tables say of each port."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from device_profiles.operation import MacEntry, Operation, PortOperation, StpState
from device_profiles.state import State


def worst(states: Iterable[tuple[str, StpState]]) -> dict[str, StpState]:
    """The state of each port, of all VLANs or instances together: forwarding only where it forwards in each."""
    found: dict[str, StpState] = {}
    for port, state in states:
        if found.get(port, "forwarding") == "forwarding":
            found[port] = state
    return found


def together(
    ports: Mapping[str, PortOperation], states: Mapping[str, StpState], bundles: Mapping[str, bool]
) -> dict[str, PortOperation]:
    """What three tables say of each port."""
    names = sorted({*ports, *states, *bundles})
    return {
        name: replace(ports.get(name, PortOperation()), stp_state=states.get(name), bundled=bundles.get(name))
        for name in names
    }


def operation(
    state: State, ports: Mapping[str, PortOperation], macs: Iterable[MacEntry], *, at: datetime, source: str
) -> Operation:
    """What is so of the ports that a configuration has; of all, where it has none or may not be seen."""
    return Operation(
        at=at,
        source=source,
        ports={name: port for name, port in ports.items() if not state.ports or name in state.ports},
        macs=tuple(entry for entry in macs if not state.ports or entry.port in state.ports),
        vlans_carried=tuple(state.vlans),
    )


def colons(mac: str) -> str:
    """A MAC address in lower case with colons, whatever stood between its digits."""
    digits = re.sub(r"[.:-]", "", mac).lower()
    return ":".join(digits[index : index + 2] for index in range(0, 12, 2))
