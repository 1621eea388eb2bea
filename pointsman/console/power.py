"""The power key: a declaration, as everything that is done to a device.

A press puts a role ``console-NODE`` on the node that has the outlet or slot, with a new ``cycled_at``. What guards the
cycle there (the last feed, an approval, a protected path) guards this one too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from pointsman.client import Client
from pointsman.endpoint import Endpoint
from pointsman.problems import WrongUsage

_WHAT: Final = re.compile(r"(?P<node>[^/]+)/(?P<section>outlets|slots)\.(?P<key>.+)")


@dataclass(frozen=True, slots=True)
class PowerKey:
    """What is cycled, and the role by which it is."""

    endpoint: Endpoint
    role: str
    node: str
    section: str
    key: str

    @classmethod
    def of(cls, endpoint: Endpoint, console: str, text: str) -> Self:
        """The key written ``pdu1/outlets.7``. Raises :class:`~pointsman.problems.WrongUsage`."""
        found = _WHAT.fullmatch(text)
        if found is None:
            raise WrongUsage(f"--power {text!r} is not NODE/outlets.KEY or NODE/slots.KEY, like pdu1/outlets.7")
        return cls(endpoint, f"console-{console}", found["node"], found["section"], found["key"])

    async def press(self) -> str:
        """Declare the cycle; a sentence that says so. Raises :class:`~pointsman.problems.PointsmanError`."""
        at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        state = {self.section: {self.key: {"cycled_at": at}}}
        async with Client(self.endpoint) as client:
            await client.put("roles", self.role, {"attach": {"nodes": [self.node]}, "state": state})
        return (
            f"{self.node} shall cycle {self.section}.{self.key}, by the role {self.role}: `pointsman show {self.node}`"
        )
