"""Where a twin's sessions come from, as the twin itself sees them: who its other parts are asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where whoever asks a twin sits.

    ``over`` a VLAN's interface, the management port, or the console. ``peer`` is the address that sessions come from
    (``shown`` what stands in its place in the table of users), ``local`` the twin's own. The MAC of the peer (or of the
    ``gateway``, where there is one between) is learned wherever the twin's table of MAC addresses says.
    """

    over: Literal["vlan", "aside", "console"] = "vlan"
    peer: str = "10.0.20.5"
    shown: str = ""
    local: str = "10.0.20.2"
    vlan: int = 20
    gateway: str = ""
    mac: str = "02:00:00:00:01:02"

    @property
    def user_from(self) -> str:
        """What the table of users shows of the peer."""
        return self.shown or self.peer

    @property
    def next_hop(self) -> str:
        """The address that ARP has the MAC of."""
        return self.gateway or self.peer


SEAT: Final = Seat()
