"""A switch that speaks a Comware-like language: its configuration and what it does. Small, stateful, of two dialects.

Grammar: "H3C S5130-EI Layer 2 - LAN Switching Command Reference" and "Fundamentals Command Reference" (Comware 7);
Huawei "S1720, S2700, S5700, and S6720 Series Ethernet Switches Command Reference" (VRP V200R): VLANs, link types,
link aggregation, spanning tree, saving.

What of a real switch is kept: a trunk begins with VLAN 1; on Comware a link type that changes takes away what went with
the old one, a hybrid port becomes a trunk only by way of an access port, and what a Bridge-Aggregation is told reaches
its members, who are selected only where they are configured like it; on VRP a link type changes only when what went
with the old one is gone, an Eth-Trunk takes only ports that have nothing of their own, changes its mode only without
members, and goes only when it has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pointsman.twins.languages.switch import SavingSwitch

EVERY: Final = frozenset(range(1, 4095))
ONE: Final = frozenset((1,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What differs between the two."""

    name: str
    bundle: str
    access: str
    permit: str
    member: str
    dynamic: str
    edge: str
    short: tuple[tuple[str, str], ...]
    """Long and short beginnings of names."""


COMWARE: Final = Dialect(
    name="comware",
    bundle="Bridge-Aggregation",
    access="port access vlan",
    permit="port trunk permit vlan",
    member="port link-aggregation group",
    dynamic="link-aggregation mode dynamic",
    edge="stp edged-port",
    short=(("GigabitEthernet", "GE"), ("Bridge-Aggregation", "BAGG")),
)
VRP: Final = Dialect(
    name="vrp",
    bundle="Eth-Trunk",
    access="port default vlan",
    permit="port trunk allow-pass vlan",
    member="eth-trunk",
    dynamic="mode lacp",
    edge="stp edged-port enable",
    short=(("GigabitEthernet", "GE"), ("Eth-Trunk", "Eth-Trunk")),
)
PORTS: Final = {
    "hp_comware": (COMWARE, tuple(f"GigabitEthernet1/0/{number}" for number in range(1, 13))),
    "huawei_vrp": (VRP, tuple(f"GigabitEthernet0/0/{number}" for number in range(1, 13))),
}
"""Dialect and ports of the twin of each profile."""


@dataclass(slots=True)
class Interface:
    """One interface, as it is configured."""

    name: str
    description: str | None = None
    shut: bool = False
    link_type: str | None = None
    access: int = 1
    pvid: int = 1
    permitted: frozenset[int] = ONE
    tagged: frozenset[int] = frozenset()
    untagged: frozenset[int] = ONE
    frame: int | None = None
    """The longest frame; 0 where long ones are not let through."""
    group: int | None = None
    passive: bool = False
    dynamic: bool = False
    edge: bool = False
    min_links: int | None = None
    others: list[str] = field(default_factory=list)
    """Further lines (``voice-vlan 20 enable``, ``port link-mode route``)."""

    @property
    def switching(self) -> tuple[object, ...]:
        """What members of a bundle must have in common."""
        match self.link_type or "access":
            case "trunk":
                return ("trunk", self.pvid, self.permitted)
            case "hybrid":
                return ("hybrid", self.pvid, self.tagged, self.untagged)
        return ("access", self.access)

    def renew(self) -> None:
        """Take away what goes with a link type."""
        self.access = self.pvid = 1
        self.permitted = self.untagged = ONE
        self.tagged = frozenset()

    @property
    def is_new(self) -> bool:
        """Whether nothing is said of its switching but its link type."""
        return (self.access, self.pvid, self.permitted, self.tagged, self.untagged) == (1, 1, ONE, frozenset(), ONE)


@dataclass(slots=True)
class Config:
    """All that is configured. A VLAN without a name has None."""

    interfaces: dict[str, Interface]
    vlans: dict[int, str | None] = field(default_factory=lambda: {1: None})
    hostname: str = "sw1"
    address: tuple[str, str] | None = None
    """Of Vlan-interface1, with its mask."""
    gateway: str = ""
    users: dict[str, set[str]] = field(default_factory=dict)
    """The lines of each user."""
    ssh: set[str] = field(default_factory=set)
    """The lines about SSH."""
    remote: set[str] = field(default_factory=set)
    """The lines of ``line vty 0 63``."""


class Switch(SavingSwitch[Interface, Config]):
    """The device: its configuration, that of its next start, and what its ports see."""

    def __init__(self, profile: str = "hp_comware", *, name: str = "sw1", serial: str = "TWIN00000001") -> None:
        self.profile = profile
        self.dialect, ports = PORTS[profile]
        config = Config({port: Interface(port) for port in ports}, hostname=name)
        super().__init__(self.dialect, config, ports=ports, serial=serial)

    @property
    def is_vrp(self) -> bool:
        """Whether it is Huawei's."""
        return self.dialect is VRP

    def interface(self, name: str) -> Interface | None:
        """The interface of that name; a LAG is made."""
        long = self.long(name)
        found = self.config.interfaces.get(long)
        if found is None and re.fullmatch(rf"{self.dialect.bundle}\d{{1,3}}", long):
            found = self.config.interfaces[long] = Interface(long)
        return found

    def is_selected(self, port: Interface) -> bool:
        """Whether a member carries traffic in its LAG."""
        bundle = self.bundle_of(port)
        alike = bundle is not None and (self.is_vrp or port.switching == bundle.switching)
        return alike and bundle is not None and not bundle.shut and self.is_up(port)

    def is_up(self, port: Interface) -> bool:
        """Whether a port has a link, and may use it; a LAG, whether a member of it does."""
        if port.name.startswith(self.dialect.bundle):
            return not port.shut and any(map(self.is_selected, self.members(port.name)))
        return port.name in self.linked and not port.shut

    def long(self, name: str) -> str:
        """A name in full."""
        compact = name.replace(" ", "")
        for long, short in self.dialect.short:
            match = re.fullmatch(rf"(?:{short}|{long})(\d[\d/]*)", compact, re.IGNORECASE)
            if match is not None:
                return long + match[1]
        return compact
