"""What differs between Comware-like systems: the quirks of a profile, checked strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict, TypeAdapter

from device_profiles.patterns import Pattern
from device_profiles.profile import Profile
from device_profiles.scalars import VLAN_MIN
from device_profiles.state import Port
from drivers.quirks import checked
from drivers.switching.interfaces import Interfaces
from drivers.switching.reading import without

_STRICT: Final = ConfigDict(extra="forbid")
OVERHEAD_BYTES: Final = 22
"""What a frame has beside what the schema counts as MTU: header (14), tag (4), check sum (4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What is asked; ``older_lldp`` where ``lldp`` is refused. An empty text: the system has no such command.

    ``users`` to ``mac`` tell by which way we come; ``{peer}`` and ``{mac}`` are filled in. ``startup`` shows what was
    saved.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    running: str = "display current-configuration"
    status: str = "display interface brief"
    spanning_tree: str = "display stp brief"
    bundles: str = "display link-aggregation verbose"
    macs: str = "display mac-address"
    lldp: str = "display lldp neighbor-information verbose"
    older_lldp: str = "display lldp neighbor-information"
    version: str = "display version"
    inventory: str = "display device manuinfo"
    users: str = "display users"
    connections: str = "display tcp"
    addresses: str = "display ip interface brief"
    arp: str = "display arp {peer}"
    route: str = "display ip routing-table {peer}"
    mac: str = "display mac-address {mac}"
    startup: str = "display saved-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How something is said in the configuration; what is in braces is filled in.

    ``passive`` is said of each member of a LAG by LACP; an empty text: the system has no such thing. What is not said
    with a number (``access``, ``pvid``) is taken back by ``undo`` and the words before it. That a port refuses the
    ``tolerated`` ones means that there is nothing to be taken back.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    access: str = "port access vlan {vlan}"
    permit: str = "port trunk permit vlan {vlans}"
    pvid: str = "port trunk pvid vlan {vlan}"
    member: str = "port link-aggregation group {number}"
    lacp: str = "link-aggregation mode dynamic"
    no_lacp: str = "undo link-aggregation mode"
    passive: str = "lacp mode passive"
    min_links: str = "link-aggregation selected-port minimum {number}"
    edge: str = "stp edged-port"
    frame: str = "jumboframe enable {size}"
    tolerated: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """A Comware-like system.

    ``platform`` is the word of the facts. ``ports`` are the canonical names of interfaces that switch, ``bundle`` is a
    LAG's name. ``unsaid`` is what a port is where nothing is said of its link type. ``resets``: a change of link type
    takes away what went with the old one; else all of that must be gone before. ``plain_members``: a member may have no
    switching of its own; else it must have that of its LAG. ``default_frame`` is the longest frame where nothing is
    said, ``least_frame`` the shortest that can be said; ``undo`` is 1522 bytes. ``aside`` are the names of management
    ports, which switch nothing.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    platform: str
    manufacturer: str
    ports: Pattern
    bundle: Pattern
    unsaid: Literal["access", "dynamic"] = "access"
    resets: bool = True
    plain_members: bool = False
    ends_with: str = "return"
    default_frame: int = 10000
    least_frame: int = 1536
    aside: Pattern = r"M-?(G|GE|E|Eth|GigabitEthernet|Ethernet)\d[\d/]*"
    volatile: tuple[Pattern, ...] = ()
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
        self.plain = Port() if self.quirks.unsaid == "dynamic" else Port(mode="access", access_vlan=VLAN_MIN)
        """The switching of an interface of which nothing is said."""
        volatile = [f" ?(?:{text})" for text in self.quirks.volatile]
        self.headings = re.compile("|".join((r"\s*#|!", *volatile)))
        """What a line of the configuration begins with that configures nothing."""
        self._tolerated = tuple(map(re.compile, self.words.tolerated))
        self.steady = without(volatile)
        """Makes of a running configuration what of it changes only when somebody changes it."""

    def bundle_name(self, number: str) -> str:
        """The name of the LAG of that number."""
        return self.quirks.bundle.replace(r"(\d+)", number)

    def is_tolerated(self, line: str) -> bool:
        """Whether it means nothing that a line is refused."""
        return any(pattern.fullmatch(line) for pattern in self._tolerated)

    def said(self, template: str) -> re.Pattern[str]:
        """A line of the configuration that says ``template``; its group is what is filled in."""
        head, brace, tail = template.partition("{")
        return re.compile(f"{re.escape(head)}(.+)\\Z" if brace else f"{re.escape(head)}{tail}\\Z")


def undone(template: str) -> str:
    """The line that takes back what ``template`` says, whatever is filled in."""
    return f"undo {template.partition(' {')[0]}"
