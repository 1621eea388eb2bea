"""What differs between Junos systems: the quirks of a profile, checked strictly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

from annotated_types import Gt
from pydantic import ConfigDict, TypeAdapter, ValidationError

from device_profiles.patterns import Pattern
from device_profiles.problems import problems_of
from device_profiles.profile import Profile
from drivers.errors import Unsupported

_STRICT: Final = ConfigDict(extra="forbid")
HEADER_BYTES: Final = 14
"""What Junos counts into an interface's MTU, and the schema does not: the Ethernet header, without a tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """A Junos system.

    ``ports`` are the names of physical interfaces that can switch. ``els``: it speaks the Enhanced Layer 2 Software's
    language (``interface-mode``; else ``port-mode``). ``options`` holds a port's membership in a LAG (``ether-options``
    on EX and QFX, ``gigether-options`` on EX9200 and MX). ``stp`` is the protocol in which edges are declared.
    ``commit_s`` is how long a commit may take.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    platform: str = "juniper_junos"
    manufacturer: str = "Juniper Networks"
    ports: Pattern
    els: bool = True
    options: Literal["ether-options", "gigether-options"] = "ether-options"
    stp: Literal["rstp", "mstp"] = "rstp"
    default_mtu: int = 1514
    most_mtu: int = 9216
    commit_s: Annotated[float, Gt(0)] = 90.0


_QUIRKS: Final = TypeAdapter(Quirks)
_BUNDLE: Final = re.compile(r"ae(\d+)\Z")


class Dialect:
    """A profile as this driver needs it, compiled."""

    def __init__(self, profile: Profile) -> None:
        try:
            self.quirks = _QUIRKS.validate_python(dict(profile.quirks))
        except ValidationError as error:
            first = problems_of(error)[0]
            raise Unsupported(f"{profile.name}.toml: quirks.{first.path}: {first.message}") from None
        self.profile = profile
        self.canonical = profile.port_names.canonical
        self._ports = re.compile(self.quirks.ports)

    def is_physical(self, name: str) -> bool:
        """Whether an interface of that name is a port and no LAG."""
        return self._ports.fullmatch(name) is not None

    def is_port(self, name: str) -> bool:
        """Whether an interface of that name is a port or a LAG."""
        return self.is_physical(name) or self.bundle_number(name) is not None

    def bundle_number(self, name: str) -> int | None:
        """The number of the LAG of that name; None where it is no LAG's name."""
        match = _BUNDLE.match(name)
        return int(match[1]) if match is not None else None
