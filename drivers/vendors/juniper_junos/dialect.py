"""What differs between Junos systems: the quirks of a profile, checked strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

from annotated_types import Gt
from pydantic import ConfigDict, TypeAdapter

from device_profiles.patterns import Pattern
from device_profiles.profile import Profile
from drivers.quirks import checked
from drivers.switching.interfaces import Interfaces

_STRICT: Final = ConfigDict(extra="forbid")
HEADER_BYTES: Final = 14
"""What Junos counts into an interface's MTU, and the schema does not: the Ethernet header, without a tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """A Junos system.

    ``ports`` are the names of physical interfaces that can switch. ``els``: it speaks the Enhanced Layer 2 Software's
    language (``interface-mode``; else ``port-mode``). ``options`` holds a port's membership in a LAG (``ether-options``
    on EX and QFX, ``gigether-options`` on EX9200 and MX). ``stp`` is the protocol in which edges are declared.
    ``aside`` are the names of management ports, which switch nothing. ``commit_s`` is how long a commit may take.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    platform: str = "juniper_junos"
    manufacturer: str = "Juniper Networks"
    ports: Pattern
    aside: Pattern = r"(fxp|em|me)\d+(\.0)?|vme(\.0)?"
    els: bool = True
    options: Literal["ether-options", "gigether-options"] = "ether-options"
    stp: Literal["rstp", "mstp"] = "rstp"
    default_mtu: int = 1514
    most_mtu: int = 9216
    commit_s: Annotated[float, Gt(0)] = 90.0


_QUIRKS: Final = TypeAdapter(Quirks)
_BUNDLE: Final = r"ae(\d+)"


class Dialect:
    """A profile as this driver needs it, compiled."""

    def __init__(self, profile: Profile) -> None:
        self.quirks = checked(profile, _QUIRKS)
        self.profile = profile
        self.canonical = profile.port_names.canonical
        self.names = Interfaces.of(physical=self.quirks.ports, bundle=_BUNDLE)
