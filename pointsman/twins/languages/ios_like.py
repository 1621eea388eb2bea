"""A switch that speaks an IOS-like language: its configuration and what it does. Small, stateful, of three dialects.

Grammar: Cisco "Catalyst 2960 Switch Command Reference" 12.2/15.0, "Cisco Nexus 9000 Layer 2 Switching Configuration
Guide", Arista "EOS User Manual" (VLANs, port channels, spanning tree); the form of what is printed was compared with
recordings of ntc-templates, napalm and batfish by the parsers of the driver (``tests/recordings``).

What of a real switch is kept: VLANs of IOS come into being when their mode is left, and survive a restart by
themselves; a configuration line for a Port-channel reaches its members; a channel group refuses another mode than that
of its members; a member that is not configured like its LAG does not bundle; LACP is a feature on NX-OS; ports that
know ISL refuse to trunk before their encapsulation is set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from pointsman.twins.languages.switch import SavingSwitch

EVERY: Final = frozenset(range(1, 4095))
RESERVED: Final = {1002: "fddi-default", 1003: "token-ring-default", 1004: "fddinet-default", 1005: "trnet-default"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What differs between the three."""

    name: str
    indent: str
    bundle: str
    invalid: str
    end: str
    mode: str | None
    """The mode of a port of which nothing is said."""
    edge: tuple[str, ...]
    """The lines that make an edge of a port, as they are kept."""
    short: tuple[tuple[str, str], ...]
    """Long and short beginnings of names."""
    late_vlans: bool = False
    reaches_members: bool = True


IOS: Final = Dialect(
    name="ios",
    indent=" ",
    bundle="Port-channel",
    invalid="                      ^\n% Invalid input detected at '^' marker.\n\n",
    end="end\n",
    mode=None,
    edge=("spanning-tree portfast", "spanning-tree portfast trunk", "spanning-tree portfast disable"),
    short=(("GigabitEthernet", "Gi"), ("TenGigabitEthernet", "Te"), ("Port-channel", "Po"), ("Vlan", "Vl")),
    late_vlans=True,
)
NXOS: Final = Dialect(
    name="nxos",
    indent="  ",
    bundle="port-channel",
    invalid="                    ^\n% Invalid command at '^' marker.\n",
    end="",
    mode="access",
    edge=("spanning-tree port type edge", "spanning-tree port type edge trunk", "spanning-tree port type normal"),
    short=(("Ethernet", "Eth"), ("port-channel", "Po"), ("Vlan", "Vlan")),
)
EOS: Final = Dialect(
    name="eos",
    indent="   ",
    bundle="Port-Channel",
    invalid="% Invalid input\n",
    end="end\n",
    mode="access",
    edge=("spanning-tree portfast",),
    short=(("Ethernet", "Et"), ("Port-Channel", "Po"), ("Vlan", "Vl")),
    reaches_members=False,
)
PORTS: Final = {
    "cisco_ios": (IOS, tuple(f"GigabitEthernet0/{number}" for number in range(1, 13))),
    "cisco_xe": (IOS, tuple(f"GigabitEthernet1/0/{number}" for number in range(1, 13))),
    "cisco_nxos": (NXOS, tuple(f"Ethernet1/{number}" for number in range(1, 13))),
    "arista_eos": (EOS, tuple(f"Ethernet{number}" for number in range(1, 13))),
}
"""Dialect and ports of the twin of each profile."""


@dataclass(slots=True)
class Interface:
    """One interface, as it is configured."""

    name: str
    description: str | None = None
    shut: bool = False
    routed: bool = False
    mode: str | None = None
    access: int = 1
    native: int | str = 1
    allowed: frozenset[int] = EVERY
    encapsulated: bool = False
    mtu: int | None = None
    group: int | None = None
    group_mode: str = "on"
    edge: str | None = None
    guard: bool | None = None
    min_links: int | None = None
    fallback: bool = False
    others: list[str] = field(default_factory=list)
    """Further lines that say something of VLANs (``switchport voice vlan 20``)."""

    def __deepcopy__(self, memo: object) -> Interface:
        """All but the lines is frozen, and a set of four thousand VLANs is not copied for every restart."""
        return replace(self, others=list(self.others))

    @property
    def switching(self) -> tuple[object, ...]:
        """What members of a bundle must have in common."""
        if self.mode == "trunk":
            return (self.routed, "trunk", self.native, self.allowed, tuple(self.others))
        return (self.routed, self.mode, self.access, tuple(self.others))


@dataclass(slots=True)
class Config:
    """All that is configured."""

    interfaces: dict[str, Interface]
    vlans: dict[int, str] = field(default_factory=lambda: {1: "default"})
    features: set[str] = field(default_factory=set)
    hostname: str = "sw1"
    banner: str = ""
    address: tuple[str, str] | None = None
    """Of Vlan1, with its mask."""
    gateway: str = ""
    users: dict[str, str] = field(default_factory=dict)
    """What stands behind each user's name."""
    user_keys: dict[str, str] = field(default_factory=dict)
    """The MD5 of each user's public key."""
    ssh_version: str = "1.99"
    remote: list[str] = field(default_factory=list)
    """Lines of ``line vty 0 4``."""


class Switch(SavingSwitch[Interface, Config]):
    """The device: its configuration, that of its next start, and what its ports see."""

    def __init__(self, profile: str = "cisco_ios", *, name: str = "sw1", serial: str = "TWIN00000001") -> None:
        self.profile = profile
        self.dialect, ports = PORTS[profile]
        config = Config({port: Interface(port) for port in ports}, hostname=name)
        config.interfaces["Vlan1"] = Interface("Vlan1", routed=True, shut=True)
        super().__init__(self.dialect, config, ports=ports, serial=serial)
        self.isl = profile == "cisco_ios"
        """Whether its ports know ISL beside 802.1Q."""
        self.enable_secret = ""
        self.host_key = ""
        """Its SSH key, as ``ssh-rsa AAAA...``; it answers by SSH once that was generated."""
        self.vtp_mode, self.vtp_domain = "Server", ""
        self.lldp_hides_ports = False
        """Whether LLDP's details leave out where a neighbour was seen (IOS 12 and some 15)."""
        self.changed_at = 1

    def restart(self) -> None:
        """Start anew with what was saved; IOS keeps VLANs in a file of their own."""
        vlans = self.config.vlans
        super().restart()
        if self.dialect.late_vlans:
            self.config.vlans = vlans

    def interface(self, name: str) -> Interface | None:
        """The interface of that name; a Port-channel or a Vlan is made."""
        found = self.config.interfaces.get(self.long(name))
        if found is not None:
            return found
        own = {"eos": "|Management1", "nxos": "|mgmt0"}.get(self.dialect.name, "")
        match = re.fullmatch(rf"{self.dialect.bundle}(\d{{1,3}})|Vlan(\d{{1,4}}){own}", self.long(name))
        if match is None:
            return None
        made = Interface(self.long(name), routed=match[1] is None)
        self.config.interfaces[made.name] = made
        return made

    def is_bundled(self, port: Interface) -> bool:
        """Whether a member carries traffic in its LAG."""
        bundle = self.bundle_of(port)
        return bundle is not None and self.is_up(port) and not bundle.shut and port.switching == bundle.switching

    def is_up(self, port: Interface) -> bool:
        """Whether a port has a link, and may use it."""
        return port.name in self.linked and not port.shut

    def long(self, name: str) -> str:
        """A name in full (``Gi0/1``, ``interface gigabitethernet0/1``)."""
        match = re.fullmatch(r"([A-Za-z-]+) ?(\d[\d/.]*)", name)
        if match is None:
            return name
        word = match[1].lower()
        for long, short in (*self.dialect.short, ("Loopback", "Lo")):
            if long.lower().startswith(word) and word.startswith(short.lower()[:2]):
                return f"{long}{match[2]}"
        return name
