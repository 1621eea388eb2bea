"""What the suite is run on: a device, how it is reached, and what on it may be touched."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from device_profiles.profile import Profile
from device_profiles.state import LacpMode
from drivers.contract import Connection, Driver
from drivers.registry import make_driver


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What on a device the suite may change. All of it is out of use; the rest of the device is not touched.

    ``ports`` are four or more, the last two of which can be bundled as ``lag``. ``vlans`` are four numbers that the
    device does not have. ``lacp`` is another mode than active that its LAGs can have. ``prompt`` is a
    description that looks like the end of an answer there (a prompt, an end mark).
    """

    ports: tuple[str, ...] = ()
    lag: str = ""
    vlans: tuple[int, int, int, int] = (3101, 3102, 3103, 3104)
    mtus: tuple[int, int] = (1600, 1500)
    lacp: LacpMode = "passive"
    prompt: str = "sw1#"
    outlets: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    pool: str = ""
    pager: str = " --More-- "


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A login that must fail: with another secret than the device's, or where another device is expected."""

    wrong_secret: bool = False
    wrong_identity: bool = False


class Initiators(Protocol):
    """What the suite does on an array as the machines that use it: log in where it is let in, write and read.

    Exports and volumes by their names in the state. What a machine stores it reads back from the same place, whatever
    became of the volume meanwhile.
    """

    async def log_in(self, export: str, initiator: str) -> bool:
        """Log in; whether the array let it."""

    async def log_out(self, export: str, initiator: str) -> None:
        """Log out."""

    async def store(self, volume: str, data: bytes) -> None:
        """Write at the beginning of a volume."""

    async def stored(self, volume: str) -> bytes:
        """What stands at the beginning of a volume; nothing where there is none."""


class Machines(Protocol):
    """What is behind the slots or outlets of a device, as the suite sees it from there. Places by their keys."""

    async def boots(self, key: str) -> Sequence[str]:
        """What a machine booted from, once for each boot; behind an outlet something else than a boot device."""

    async def hear_nothing(self, key: str) -> None:
        """Let the operating system of a machine obey nobody."""

    async def lie(self, key: str) -> None:
        """Let the device answer commands of power as done, and not do them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A device of some profile, ready for the suite.

    ``open`` makes a connection that is logged in. What a subject can do besides is said by what it has: ``reset``
    brings the device to its known state at once (else the suite undoes what it did); ``writes`` is how many
    state-changing commands the device has had; ``restart`` starts it anew, from what it has saved; ``login`` tries a
    login that must fail; ``proves``: the far end shows who it is before it is sent a secret; ``initiators`` are the
    machines that use an array. ``secrets`` are texts that
    must never be shown: credentials, and secrets in the device's configuration. ``grammar`` names where a twin's
    grammar comes from; empty for a real device.
    """

    profile: Profile
    ground: Ground
    open: Callable[[], Awaitable[Connection]]
    reset: Callable[[], Awaitable[None]] | None = None
    writes: Callable[[], Awaitable[int]] | None = None
    restart: Callable[[], Awaitable[None]] | None = None
    login: Callable[[Login], Awaitable[Connection]] | None = None
    proves: bool = True
    later: Callable[[float], Awaitable[None]] | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    grammar: str = ""
    few: bool = False
    initiators: Initiators | None = None
    machines: Machines | None = None
    nonsense: str = "pointsman-knows-no-such-command"
    """A command that the device refuses, and that can do no harm."""
    driver: Callable[[Connection, Profile], Driver] = make_driver
