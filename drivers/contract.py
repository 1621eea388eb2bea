"""What a driver promises, and what it is given (docs/architecture.md, "Driver contract").

A driver gets a :class:`Connection` that somebody else opened and the node's profile. It reads, plans and applies; it
owns no policy: which elements of a set are ours, what may be touched and when, was settled before. Width grows in
:class:`~device_profiles.state.State`, not in methods. What a driver lacks it declares: nobody finds out by trying.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from device_profiles.compare import Goal
from device_profiles.documents import Allow
from device_profiles.facts import Facts
from device_profiles.links import Neighbour
from device_profiles.operation import Operation
from device_profiles.paths import Path
from device_profiles.profile import Profile
from device_profiles.state import State
from device_profiles.wire import Impact
from drivers.credentials import Login

Want = Collection[str]
"""Shapes (``ports.mode``) that the caller asks for; an empty one asks for all."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change that is declared is not made: a CamelCase reason and a sentence that says what to do.

    A plan tells it in the place of the step, so that the rest of the device converges all the same.
    """

    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One exact change of a plan; nothing is left to decide while applying.

    ``commands`` bring the device there and may be repeated without harm; ``undo`` brings it back to what was observed
    when the plan was made. ``creates`` and ``removes`` are object or element paths
    (``("lags", "lag1")``, ``("ports", "p24", "trunk_vlans", "40")``) for the ledger; ``touches`` are the paths of the
    fields that change, for the guard. ``reopens`` are ports (``("ports", "p24")``) that it shuts for a moment: it, or
    a later step of the plan, opens them again. ``needs`` are words that the node must ``allow`` for it (``vtp``). A
    step that is ``refused`` has no commands and is never taken: it stands for a change that cannot be made on this
    device as it is. No secret is ever in a command's text.
    """

    capability: str
    text: str
    commands: tuple[str, ...]
    undo: tuple[str, ...]
    impact: Impact
    touches: tuple[Path, ...] = ()
    creates: tuple[Path, ...] = ()
    removes: tuple[Path, ...] = ()
    reopens: tuple[Path, ...] = ()
    needs: tuple[Allow, ...] = ()
    refused: Refusal | None = None


class ByteStream(Protocol):
    """Bytes to and from a device's command line, whatever carries them; faults are injected here."""

    async def send(self, data: bytes) -> None:
        """Send all of ``data``. Raises :class:`~drivers.errors.Unreachable`."""

    async def receive(self) -> bytes:
        """The next bytes, at least one; ``b""`` when the far end is gone. Raises ``Unreachable``."""

    async def close(self) -> None:
        """Close this stream only. Never raises."""


class Connection(Protocol):
    """One open connection to a device, held over many passes."""

    @property
    def identity(self) -> str:
        """What the far end proved while connecting (``SHA256:...`` of an SSH host key), or an empty text."""

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""

    async def stream(self, command: str) -> ByteStream:
        """A new byte stream to ``command`` running on the device (an empty text: its login shell)."""

    async def close(self) -> None:
        """Close the connection and all of its streams. Never raises."""


@runtime_checkable
class Sized(Protocol):
    """A stream behind which a terminal has a size: a person's, on a console."""

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size now."""


@runtime_checkable
class Guarded(Protocol):
    """A connection whose streams ask who we are: telnet, a serial line, or enable behind an SSH login."""

    @property
    def login(self) -> Login:
        """Who we are there."""


@runtime_checkable
class Played(Protocol):
    """A connection that plays the command line of a profile: a recording."""

    @property
    def plays(self) -> Profile:
        """Whose command line it is."""


def login_of(connection: Connection) -> Login:
    """Who we are on the lines of a connection."""
    return connection.login if isinstance(connection, Guarded) else Login()


class Driver(Protocol):
    """A vendor's operating system or a protocol.

    All coroutines raise only :class:`~drivers.errors.DeviceError`; cancelling one leaves the device either untouched
    or as a completed command left it, and the driver usable or its connection closed.
    """

    capabilities: ClassVar[frozenset[str]]
    """Shapes that are read and written, and abilities (:data:`device_profiles.profile.ABILITIES`)."""

    def __init__(self, connection: Connection, profile: Profile) -> None: ...

    async def read(self, want: Want) -> State:
        """The device's configuration, as far as ``want`` asks. All of it or an error: never a half reading.

        The same bytes as at the last call give the *same object*, so that ``is`` tells "nothing changed".
        """

    def plan(self, goal: Goal, observed: State) -> tuple[Step, ...]:
        """The steps from ``observed`` to ``goal``, in safe order. Pure and deterministic; equal states give ``()``.

        Raises :class:`~drivers.errors.Unsupported` or ``Rejected`` where the goal cannot be reached on this device.
        """

    async def apply(self, step: Step) -> None:
        """Run a step's commands in order. Raises ``Rejected`` at the first that the device refuses."""

    async def undo(self, step: Step) -> None:
        """Run a step's undo commands in order."""

    async def save(self) -> None:
        """Make the configuration survive a restart, where the profile's persistence is ``startup``."""

    async def operation(self, want: Want) -> Operation:
        """What the device is doing. ``want`` of shapes of :mod:`device_profiles.operation` (``ports``, ``macs``)."""

    async def facts(self) -> Facts:
        """What the device is and holds, in ohai's words."""

    async def links(self) -> tuple[Neighbour, ...]:
        """What its ports see at the other end of their cables."""

    async def close(self) -> None:
        """Close the driver's own streams; the connection stays with whoever opened it. Never raises."""


@runtime_checkable
class Watching(Protocol):
    """A driver whose device pushes changes (capability ``watch``)."""

    def changes(self) -> AsyncIterator[None]:
        """Yields once for the first state and then whenever the configuration may have changed.

        Ends or raises when the connection is lost.
        """


@runtime_checkable
class Confirming(Protocol):
    """A driver whose device makes several steps one change, and takes it back by itself unless it is confirmed
    (capability ``confirmed_commit``).
    """

    async def apply_all(self, steps: Sequence[Step], *, within_s: float | None = None) -> None:
        """All of the steps in one change, or none of them. Raises ``Rejected``.

        With ``within_s`` the device takes the change back unless :meth:`confirm` is called within that time; without,
        it stays.
        """

    async def confirm(self) -> None:
        """Keep the change that waits. Raises ``Rejected`` where none does: the device has taken it back."""

    async def revert(self) -> None:
        """Take the change that waits back now; nothing happens where none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPath:
    """By which way a device is asked just now, as the device itself sees it.

    ``peer`` is the address that our session comes from, ``ports`` are the switched ports (LAGs by their own name) that
    it crosses, and ``vlan`` the VLAN that carries it there. No ports: the session crosses nothing that the device
    switches (a management port of its own, a console). ``evidence`` says in one phrase how that was found.
    """

    peer: str = ""
    ports: tuple[str, ...] = ()
    vlan: int | None = None
    evidence: str = ""


@runtime_checkable
class Placed(Protocol):
    """A driver whose device can tell by which way it is being asked (capability ``own_path``)."""

    async def own_path(self) -> OwnPath | None:
        """The way of this session; None where the device cannot tell just now."""


@runtime_checkable
class Keeping(Protocol):
    """A driver whose device tells whether what it runs was saved (capability ``unsaved``)."""

    async def unsaved(self) -> bool:
        """Whether the running configuration differs from the one that a restart would load."""


@runtime_checkable
class Timed(Protocol):
    """A driver that knows how long it waited for its device, so that a pass can tell the device's time from ours."""

    @property
    def waited_s(self) -> float:
        """Seconds since the driver was made in which some command was under way."""


@runtime_checkable
class Candid(Protocol):
    """A driver that reads what a device lets it read, and tells what it could not.

    Such a driver plans nothing: from half a reading there is no plan.
    """

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read or told so far, a sentence each."""
