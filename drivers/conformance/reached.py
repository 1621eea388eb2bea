"""Any device that can be reached, as a subject: what ``pointsman driver test --against URL`` runs the suite on.

It has no write counter, is not restarted, and is brought back by undoing step by step what the suite did; only what its
owner named is changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from device_profiles.profile import Profile
from drivers import credentials
from drivers.access import Access
from drivers.conformance.subject import Ground, Login, Subject
from drivers.contract import Connection
from drivers.credentials import Credential
from drivers.transports import open_connection

_ANOTHER: Final = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_NAMELESS: Final = frozenset({"telnet", "http", "redfish+http"})
"""Over these lines a device proves nothing before it is sent a password."""


@dataclass(slots=True)
class _Device:
    profile: Profile
    access: Access
    credential: Credential | None
    pin: str | None = None

    async def open(self) -> Connection:
        """Connect; whoever answered first is who must answer from then on."""
        made = await self._dial(self.credential, self.pin)
        self.pin = self.pin or made.identity or None
        return made

    async def login(self, wanted: Login) -> Connection:
        credential = _stranger(self.credential) if wanted.wrong_secret else self.credential
        return await self._dial(credential, _ANOTHER if wanted.wrong_identity else self.pin)

    async def _dial(self, credential: Credential | None, pin: str | None) -> Connection:
        timeout_s = self.profile.connect_timeout_s
        return await open_connection(self.access, credential=credential, pin=pin, timeout_s=timeout_s)


def reached(
    profile: Profile, access: Access, credential: Credential | None, ground: Ground, *, few: bool = True
) -> Subject:
    """The device at ``access``; nothing is connected yet."""
    device = _Device(profile, access, credential)
    return Subject(
        profile=profile,
        ground=ground,
        open=device.open,
        few=few,
        login=None if credential is None else device.login,
        proves=access.scheme not in _NAMELESS,
        secrets=() if credential is None else _telling(credential),
    )


def _stranger(credential: Credential | None) -> Credential | None:
    """A credential of the same kind that the device does not know."""
    if credential is None:
        return None
    if not credential.is_private_key:
        return replace(credential, text="no-" + credential.text.strip()[::-1])
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    return replace(credential, text=key.decode())


def _telling(credential: Credential) -> tuple[str, ...]:
    """What of a credential would tell that it was shown: passwords, or the longest line of a key."""
    if not credential.is_private_key:
        return credentials.Login(secret=credential).texts
    lines = credential.text.strip().splitlines()
    return (max(lines[1:-1] or lines, key=len),)
