"""The public keys by which the agent knows its service: pinned at enrolment, continued by a chain, never forgotten.

An old key goes on being good: replicas change theirs one after the other, and a service that was restored signs with
the key of its backup.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from device_profiles.signing import KeyLink, Kind, key_id, key_to_sign, to_sign, unsealed

_PUBLIC_LENGTH = 32


class Mistrusted(Exception):
    """What was received is not the service's word, or not for this agent; the message says why."""


class KeyRing:
    """The keys of one service. Empty: none is known yet."""

    def __init__(self, publics: Iterable[bytes] = ()) -> None:
        self._keys = {key_id(public): Ed25519PublicKey.from_public_bytes(public) for public in publics}

    def __len__(self) -> int:
        return len(self._keys)

    def dump(self) -> str:
        """As it is kept in the store."""
        return orjson.dumps([base64.b64encode(key.public_bytes_raw()).decode() for key in self._keys.values()]).decode()

    @classmethod
    def load(cls, text: str | None) -> KeyRing:
        """The keys that :meth:`dump` wrote."""
        return cls(base64.b64decode(each) for each in orjson.loads(text or "[]"))

    def learn(self, links: Iterable[KeyLink]) -> bool:
        """Take over what a chain adds to the keys that are known (to none: all of it); whether it added any.

        Raises :class:`Mistrusted` where no key of the chain is known, or follows from one.
        """
        first, added = not self._keys, False
        for link in links:
            public = link.public
            if len(public) != _PUBLIC_LENGTH or key_id(public) in self._keys:
                continue
            if first or self._vouched(link, public):
                self._keys[key_id(public)] = Ed25519PublicKey.from_public_bytes(public)
                added = True
        if not any(key_id(link.public) in self._keys for link in links):
            raise Mistrusted(
                "the service signs with a key that this agent does not know: is it the right service? If it was set up "
                "anew, start the agent once with --new-service"
            )
        return added

    def _vouched(self, link: KeyLink, public: bytes) -> bool:
        return link.by in self._keys and self._good(link.by, link.signed, key_to_sign(public))

    def _good(self, key: str, signature: bytes, what: bytes) -> bool:
        try:
            self._keys[key].verify(signature, what)
        except (InvalidSignature, KeyError):
            return False
        return True

    def opened(self, kind: Kind, data: bytes) -> bytes:
        """What was signed of a message. Raises :class:`Mistrusted` where it is not signed by a key that is known."""
        signed = unsealed(data)
        if signed is None:
            raise Mistrusted(
                "the service does not sign what it says, and this agent knows its key: it is older than the one that "
                "the agent enrolled with, or somebody stands between"
            )
        if not self._good(signed.key, signed.signature, to_sign(kind, signed.body)):
            raise Mistrusted(f"a message ({kind}) is not signed by a key of the service: somebody has changed it")
        return signed.body
