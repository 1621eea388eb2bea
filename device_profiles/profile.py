"""A profile: data about one device model or operating system, loaded strictly from a TOML file.

A profile names its driver, what of the schema the device holds, how its command line speaks, and its quirks. A new
device that an existing driver can serve is one new file. Anything unknown in a file is an error at load time that
names file and key: a typing error must not become a silent default.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Annotated, ClassVar, Final, Literal, Protocol, TypeVar

from annotated_types import Gt
from pydantic import AfterValidator, ConfigDict, JsonValue, TypeAdapter, ValidationError

from device_profiles.bootstrap import Bootstrap
from device_profiles.cli import Cli
from device_profiles.leaves import SHAPES
from device_profiles.names import ObjectName
from device_profiles.patterns import Pattern
from device_profiles.problems import problems_of
from device_profiles.redfish import Redfish
from device_profiles.snmp import Snmp
from device_profiles.state import STRICT

IdentityMember = Literal["serial", "base_mac", "uuid", "ssh_host_key", "engine_id", "tls_certificate", "line"]
Kind = Literal["switch", "pdu", "chassis", "san"]
ABILITIES: Final = frozenset(
    {"operation", "facts", "neighbours", "fdb", "watch", "confirmed_commit", "own_path", "unsaved"}
)
"""Capabilities that are not fields of the state."""
FOLDER: Final = File(__file__).parent / "profiles"


class ProfileError(Exception):
    """A profile file that cannot be used; the message names file and key."""


def _capability(name: str) -> str:
    if name not in SHAPES and name not in ABILITIES:
        raise ValueError(f"{name!r} is neither a field of the state nor an ability")
    return name


Capability = Annotated[str, AfterValidator(_capability)]
Seconds = Annotated[float, Gt(0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """How a command line frames one command and its answer.

    ``start`` is what to run on the device for a session (over SSH), ``frame`` what is sent for one command:
    ``{command}`` and ``{nonce}`` are filled in. ``done`` is what ends an answer; its group ``status`` is the exit
    status where the line has one. A nonce of the session keeps a device's output from ending its own answer.
    ``typed`` is what starts such a session on a line where one has logged in by hand (telnet, a console), and ``leave``
    what ends it there, so that the line is as it was.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    start: str = ""
    typed: str = ""
    leave: str = ""
    frame: str
    done: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortNames:
    """Rules that bring a port's spellings to the canonical one: (pattern, replacement), first match wins.

    A pattern stands for the whole name, in capitals or not (``gi(gabitethernet)?(\\d.*)``).
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    rules: tuple[tuple[Pattern, str], ...] = ()

    def canonical(self, name: str) -> str:
        """The canonical spelling of ``name``; the name itself where no rule knows it."""
        return _canonical(self.rules, name)


@functools.lru_cache(maxsize=65536)
def _canonical(rules: tuple[tuple[str, str], ...], name: str) -> str:
    for pattern, replacement in rules:
        match = re.fullmatch(pattern, name, re.IGNORECASE)
        if match is not None:
            return match.expand(replacement)
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What tells that a device is one of a profile: the answer to ``command`` has ``shows`` in it.

    Without a command it is what a line shows before anything was asked: banner and prompt. ``unless`` is in the answers
    of relatives that show the same.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    command: str = ""
    shows: Pattern
    unless: Pattern = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One device model or operating system, as data.

    ``capabilities`` is what of the schema is read and written; ``implicit`` are shapes that the device has no object
    for, so that declaring them asks nothing of it (VLANs on Open vSwitch are there by use). ``quirks`` are what else
    the driver wants to know of this device; the driver checks them, strictly. Times in seconds. ``signs`` are how such
    a device is recognised; ``secrets`` are patterns of what must not stand in a recording of it, beside the general
    ones: their groups are taken out, or the whole match where there are none.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: ObjectName
    title: str
    vendor: str
    kind: Kind
    driver: ObjectName
    capabilities: tuple[Capability, ...]
    implicit: tuple[Capability, ...] = ()
    persistence: Literal["startup", "immediate", "none"] = "startup"
    identity: tuple[IdentityMember, ...] = ()
    reserved_vlans: tuple[int, ...] = ()
    connect_timeout_s: Seconds = 10.0
    command_timeout_s: Seconds = 20.0
    poll_s: Seconds = 60.0
    facts_s: Seconds = 900.0
    shell: Shell | None = None
    cli: Cli | None = None
    snmp: Snmp | None = None
    redfish: Redfish | None = None
    bootstrap: Bootstrap | None = None
    port_names: PortNames = PortNames()
    signs: tuple[Sign, ...] = ()
    secrets: tuple[Pattern, ...] = ()
    quirks: Mapping[str, JsonValue] = field(default_factory=dict)
    quality: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.bootstrap is None or self.cli is None:
            return
        if self.bootstrap.mode not in {mode.name for mode in self.cli.modes}:
            raise ValueError(f"bootstrap: mode: there is no mode {self.bootstrap.mode}")


_ADAPTER: Final = TypeAdapter(Profile)


class Named(Protocol):
    """What a file holds that is called as the file is."""

    @property
    def name(self) -> str:
        """Its name."""


_N = TypeVar("_N", bound=Named)


def load_profile(file: File) -> Profile:
    """The profile in ``file``. Raises :class:`ProfileError`."""
    return load_strictly(file, _ADAPTER)


def load_strictly(file: File, adapter: TypeAdapter[_N]) -> _N:
    """What is in ``file``. Raises :class:`ProfileError`, which names the key, and where the name is another."""
    try:
        found = adapter.validate_python(tomllib.loads(file.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{file.name}: not TOML: {error}") from None
    except ValidationError as error:
        first = problems_of(error)[0]
        raise ProfileError(f"{file.name}: {first.path or 'the file'}: {first.message}") from None
    if found.name != file.stem:
        raise ProfileError(f"{file.name}: name: is {found.name!r}, and must be the file's name")
    return found


@functools.cache
def load_profiles(folder: File = FOLDER) -> Mapping[str, Profile]:
    """All profiles of ``folder`` by name. Raises :class:`ProfileError` for the first that cannot be used."""
    return {file.stem: load_profile(file) for file in sorted(folder.glob("*.toml"))}
