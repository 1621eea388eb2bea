"""What makes a device reachable over the network for the first time, as data: steps over its serial line.

A step fills values into commands, and is proven by a question whose answer ``shows`` it; what shows already is not
sent again. These steps are no part of what is declared: they are planned, confirmed by a person and done once.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

from annotated_types import Gt, MinLen
from pydantic import ConfigDict

from device_profiles.names import HOST_NAME, PASSWORD, PORT_NAME, USER_NAME, ObjectName
from device_profiles.patterns import Pattern

_STRICT: Final = ConfigDict(extra="forbid")
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]*)\}")
HIDDEN: Final = "***"
SECRETS: Final = frozenset({"password"})
ValueName = Literal[
    "hostname",
    "interface",
    "address",
    "netmask",
    "prefix_length",
    "gateway",
    "user",
    "password",
    "key",
    "key_md5",
]
_PATTERNS: Final = {
    "hostname": (HOST_NAME, "a name of a device: a letter, then letters, digits and dashes"),
    "user": (USER_NAME, "a name of a user: a letter, then letters, digits, dots and dashes"),
    "password": (PASSWORD, "a password that every command line takes: 8 to 64 letters, digits and plain marks"),
    "key": (r"^[a-z0-9-]{4,40} [A-Za-z0-9+/]{40,1000}={0,2}$", "a public key: its kind, and its data in base64"),
    "key_md5": (r"^[0-9A-F]{32}$", "the MD5 of a public key"),
    "interface": (PORT_NAME, "a name of an interface"),
}


class BadValue(ValueError):
    """A value that may not reach a device; the message names the value, and never shows a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A step with its values. ``shown`` is ``send`` as people may see it; ``renames`` the name that it gives."""

    name: str
    send: tuple[str, ...]
    shown: tuple[str, ...]
    asks: str
    shows: re.Pattern[str]
    unless: re.Pattern[str] | None
    renames: str
    timeout_s: float | None

    def is_shown(self, answer: str) -> bool:
        """Whether the answer to ``asks`` shows that the step is done."""
        return self.shows.search(answer) is not None and not (self.unless and self.unless.search(answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: taken where all that it ``needs`` is given. ``{address}`` and so on are filled in.

    ``shows`` is in the answer to ``asks`` once it is done, and ``unless`` is not. ``renames``: the device is called
    ``{hostname}`` behind it. ``timeout_s`` is for commands that take longer than others.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: ObjectName
    needs: Annotated[tuple[ValueName, ...], MinLen(1)]
    send: Annotated[tuple[str, ...], MinLen(1)]
    asks: str
    shows: Pattern
    unless: Pattern = ""
    renames: bool = False
    timeout_s: Annotated[float, Gt(0)] | None = None

    def __post_init__(self) -> None:
        named = {name for text in (*self.send, self.shows, self.unless) for name in _PLACE.findall(text)}
        if named - set(self.needs):
            raise ValueError(f"{self.name}: needs: lacks {', '.join(sorted(named - set(self.needs)))}")
        if self.renames and "hostname" not in self.needs:
            raise ValueError(f"{self.name}: renames: needs hostname")

    def filled(self, values: Mapping[str, str]) -> Filled:
        """The step with ``values``, which were checked."""
        masked = {name: HIDDEN if name in SECRETS else value for name, value in values.items()}
        escaped = {name: re.escape(value) for name, value in values.items()}
        return Filled(
            name=self.name,
            send=tuple(_fill(line, values) for line in self.send),
            shown=tuple(_fill(line, masked) for line in self.send),
            asks=self.asks,
            shows=re.compile(_fill(self.shows, escaped)),
            unless=re.compile(_fill(self.unless, escaped)) if self.unless else None,
            renames=values["hostname"] if self.renames else "",
            timeout_s=self.timeout_s,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HostKey:
    """Where a device shows its own SSH host key: the group ``key`` is its base64, over several lines perhaps."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    asks: str
    shows: Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """The steps in their order, and the mode of the command line in which they are taken.

    ``interface`` gets the management address where nobody names another one.
    ``running`` and ``saved`` are the questions of steps whose doing must be saved: what the first shows and the second
    does not is saved still. ``key_types`` are the SSH keys that users may have there; none: it knows passwords only.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    mode: ObjectName
    interface: str
    running: str = ""
    saved: str = ""
    key_types: tuple[str, ...] = ()
    host_key: HostKey | None = None
    steps: Annotated[tuple[Step, ...], MinLen(1)]

    @property
    def takes_passwords(self) -> bool:
        """Whether a user may get a password there."""
        return any("password" in step.needs for step in self.steps)

    def filled(self, values: Mapping[str, str]) -> tuple[Filled, ...]:
        """The steps for which there are values. Raises :class:`BadValue`."""
        known = dict(_checked(values))
        return tuple(step.filled(known) for step in self.steps if set(step.needs) <= set(known))


def network(management: str) -> dict[str, str]:
    """``10.0.0.2/24`` as the values ``address``, ``netmask`` and ``prefix_length``. Raises :class:`BadValue`."""
    try:
        found = ipaddress.IPv4Interface(management)
    except ValueError:
        found = None
    if found is None or "/" not in management or not _is_host(found):
        raise BadValue(f"management {management!r} is no address of a host with its prefix length, like 10.0.0.2/24")
    netmask, length = str(found.netmask), str(found.network.prefixlen)
    return {"address": str(found.ip), "netmask": netmask, "prefix_length": length}


def _is_host(found: ipaddress.IPv4Interface) -> bool:
    few = found.network.prefixlen >= ipaddress.IPV4LENGTH - 1  # RFC 3021: a link of two has no further addresses
    return few or found.ip not in (found.network.network_address, found.network.broadcast_address)


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values[place[1]], text)


def _checked(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        pattern, said = _PATTERNS.get(name, ("", ""))
        if pattern and not re.fullmatch(pattern.removesuffix("$"), value):
            raise BadValue(f"{name} {HIDDEN if name in SECRETS else repr(value)} is not {said}")
        if name == "gateway" and not _is_address(value):
            raise BadValue(f"gateway {value!r} is no address, like 10.0.0.1")
        yield name, value


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
