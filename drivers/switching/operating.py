"""What a switch is doing, put together from what its tables say of each port."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from device_profiles.operation import PortOperation, StpState


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


def colons(mac: str) -> str:
    """A MAC address in lower case with colons, whatever stood between its digits."""
    digits = re.sub(r"[.:-]", "", mac).lower()
    return ":".join(digits[index : index + 2] for index in range(0, 12, 2))
