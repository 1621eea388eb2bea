"""What differs between IOS-like systems: the quirks of a profile, checked strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict, TypeAdapter

from device_profiles.patterns import LinePattern, Pattern, at_line_start
from device_profiles.profile import Profile
from drivers.quirks import checked
from drivers.switching.interfaces import Interfaces
from drivers.switching.reading import without

_STRICT: Final = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What is asked. An empty text: the system has no such command, or needs none.

    ``modules`` is asked where ``inventory`` is refused; ``lldp_ports`` tells the ports that ``lldp`` leaves out.
    ``vlans`` lists VLANs with their names; ``vlans_apart`` says that the running configuration does not have them all.
    ``users`` to ``mac`` tell by which way we come; ``{peer}`` and ``{mac}`` are filled in. ``unsaved`` shows what the
    running configuration has and that of the next start has not; without it ``startup`` shows the latter.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    running: str = "show running-config"
    vlans: str = "show vlan brief"
    vlans_apart: bool = False
    vtp: str = ""
    status: str = "show interfaces status"
    bundles: str = "show etherchannel summary"
    spanning_tree: str = "show spanning-tree"
    macs: str = "show mac address-table"
    version: str = "show version"
    inventory: str = "show inventory"
    modules: str = ""
    lldp: str = "show lldp neighbors detail"
    lldp_ports: str = "show lldp neighbors"
    cdp: str = ""
    users: str = "show users"
    connections: str = ""
    addresses: str = "show ip interface brief"
    arp: str = "show ip arp {peer}"
    route: str = "show ip route {peer}"
    mac: str = "show mac address-table address {mac}"
    unsaved: str = ""
    startup: str = "show startup-config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How something is said in the configuration. ``{number}`` is filled in; an empty text: it cannot be said.

    ``drops_untagged`` is said of a trunk that drops untagged frames; where it is empty, a native VLAN is taken that the
    trunk does not carry. ``trunk_needs`` and ``lag_needs`` come before a port becomes a trunk, or a LAG is made. A
    device may not know the ``tolerated`` ones; that it refuses them means nothing.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    edge: str = "spanning-tree portfast"
    edge_trunk: str = "spanning-tree portfast trunk"
    no_edge: str = "spanning-tree portfast disable"
    drops_untagged: str = ""
    trunk_needs: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()
    min_links: str = "port-channel min-links {number}"
    fallback: str = ""
    lag_needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """An IOS-like system.

    ``platform`` is the word of the facts. ``ports`` are the canonical names of interfaces that switch, ``bundle`` is a
    LAG's name with its number as group 1. ``unsaid`` is what a port is where nothing is said of its mode. ``volatile``
    are lines of the running configuration that change by themselves; ``ends_with`` is its last line.
    ``harmless`` are ``switchport`` lines that do not change which VLANs a port carries. ``aside`` are the names of
    management ports, which switch nothing; ``headings`` are lines of a configuration that configure nothing.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    platform: str
    manufacturer: str
    ports: Pattern
    bundle: Pattern
    aside: Pattern = "(?!)"
    headings: tuple[LinePattern, ...] = ("!",)
    unsaid: Literal["dynamic", "access"] = "access"
    ends_with: str = ""
    routed_ports_are_shut: bool = False
    volatile: tuple[LinePattern, ...] = ()
    harmless: tuple[Pattern, ...] = ()
    commands: Commands = Commands()
    words: Words = Words()


_QUIRKS: Final = TypeAdapter(Quirks)


class Dialect:
    """A profile as this driver needs it, compiled."""

    def __init__(self, profile: Profile) -> None:
        self.quirks = checked(profile, _QUIRKS)
        self.profile = profile
        self.commands = self.quirks.commands
        self.words = self.quirks.words
        self.canonical = profile.port_names.canonical
        self.names = Interfaces.of(physical=self.quirks.ports, bundle=self.quirks.bundle)
        self._harmless = tuple(map(re.compile, self.quirks.harmless))
        self.headings = re.compile("|".join(map(at_line_start, self.quirks.headings)))
        self.steady = without(self.quirks.volatile)
        """Makes of a running configuration what of it changes only when somebody changes it."""

    @property
    def negotiates(self) -> bool:
        """Whether a port of which nothing is said finds its mode out with its neighbour."""
        return self.quirks.unsaid == "dynamic"

    @property
    def trunk_edges_differ(self) -> bool:
        """Whether an edge that is a trunk is told in other words than another edge."""
        return self.words.edge != self.words.edge_trunk

    def bundle_name(self, number: str) -> str:
        """The name of the LAG of that number."""
        return self.canonical(f"Po{number}")

    def is_harmless(self, line: str) -> bool:
        """Whether a ``switchport`` line leaves alone which VLANs a port carries."""
        return any(pattern.match(line) for pattern in self._harmless)
