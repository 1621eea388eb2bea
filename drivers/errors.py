"""Every way in which talking to a device can fail, in two families.

:class:`Transient` errors are tried again later by themselves; :class:`Blocked` ones stay until somebody changes
something. ``reason`` of each is the word that a condition shows. Errors of libraries are mapped to these at one
seam (transport or session) and never pass it. A message is one sentence, names what failed and what to do next, and
never holds a secret or raw bytes of the device beyond one printable line.
"""

from __future__ import annotations

from typing import ClassVar


class DeviceError(Exception):
    """A device did not do what was asked of it."""

    reason: ClassVar[str] = "DeviceError"


class Transient(DeviceError):
    """May go well next time."""

    reason: ClassVar[str] = "Transient"


class Unreachable(Transient):
    """No connection, or it was lost, or no answer within the time."""

    reason: ClassVar[str] = "Unreachable"


class Crowded(Unreachable):
    """No thread was free for a blocking library: nothing was asked of the device."""

    reason: ClassVar[str] = "Crowded"


class Garbled(Transient):
    """An answer that cannot be read; nothing was concluded from it."""

    reason: ClassVar[str] = "Garbled"


class Busy(Transient):
    """Somebody else is configuring the device; they are waited for, not broken into."""

    reason: ClassVar[str] = "Busy"


class LineBusy(Transient):
    """Somebody else holds the device's line; nothing was sent, and they are waited for."""

    reason: ClassVar[str] = "LineBusy"


class Blocked(DeviceError):
    """Will not go well until something changes: a credential, a declaration, the device."""

    reason: ClassVar[str] = "Blocked"


class AuthFailed(Blocked):
    """The device refused our credentials."""

    reason: ClassVar[str] = "AuthFailed"


class Rejected(Blocked):
    """The device refused a command."""

    reason: ClassVar[str] = "Rejected"


class WrongDevice(Blocked):
    """Another device answers at this address; nothing was sent to it. ``shown``: what it proved to be, if anything."""

    reason: ClassVar[str] = "WrongDevice"

    def __init__(self, message: str, *, shown: str = "") -> None:
        super().__init__(message)
        self.shown = shown


class SecretRefused(Blocked):
    """A credential may not be used, or not for this address, or is not there."""

    reason: ClassVar[str] = "SecretRefused"


class Unsupported(Blocked):
    """Declared, but the device, its profile or its access cannot do it."""

    reason: ClassVar[str] = "Unsupported"
