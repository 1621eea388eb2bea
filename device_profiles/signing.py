"""What service and agent sign and how it stands in a message: bytes in, bytes out, no cryptography.

A signed message is a JSON object whose last key is ``signature``. What is signed is a domain, which names the kind of
the message, and the SHA-256 of the object as it was without that key. So a message can be verified and kept as it came,
and none can be taken for one of another kind. The signed object says itself for which ``agent`` it is, of which
``epoch`` of the service and of which ``event``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

from annotated_types import MaxLen
from pydantic import ConfigDict

from device_profiles.names import NodeName
from device_profiles.operation import TOLERANT

Kind = Literal["service", "snapshot", "assignment", "unassigned", "request"]

_DOMAIN: Final = b"pointsman assignment stream 1\0"
_KEY_DOMAIN: Final = b"pointsman service key 1\0"
_MARK: Final = b',"signature":"'
_KEY_LENGTH: Final = 16
_SIGNATURE_LENGTH: Final = 88
_TAIL: Final = len(_MARK) + _KEY_LENGTH + 1 + _SIGNATURE_LENGTH + 2


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed message taken apart: the object without its signature, which key signed it, the signature."""

    body: bytes
    key: str
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLink:
    """One public key of a service (base64 of 32 bytes), signed by the key before it; the first stands for itself."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    key: str
    by: str = ""
    signature: str = ""

    @property
    def public(self) -> bytes:
        """The key itself; empty where what stands there is none."""
        try:
            return base64.b64decode(self.key, validate=True)
        except binascii.Error:
            return b""

    @property
    def signed(self) -> bytes:
        """The signature; empty where what stands there is none."""
        try:
            return base64.b64decode(self.signature, validate=True)
        except binascii.Error:
            return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first event of a signed stream (``service``): who speaks.

    ``last_seq``: up to which number the service holds the agent's reports. ``standing``: whether it keeps one of it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    schema: int
    agent: str
    epoch: str
    event: int
    last_seq: int
    keys: tuple[KeyLink, ...]
    standing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A node of which an agent does not accept what the service says. ``holds`` marks what it goes on with."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    node: NodeName
    message: Annotated[str, MaxLen(2000)]
    holds: Annotated[str, MaxLen(200)]
    epoch: Annotated[str, MaxLen(64)]
    generation: int
    offered: int | None = None
    """The generation that was offered; None where the service does not know the node (any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All nodes of which an agent does not accept what the service says; none ends it."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    schema: int
    refused: Annotated[tuple[Refusal, ...], MaxLen(100_000)] = ()


def to_sign(kind: Kind, body: bytes) -> bytes:
    """What is signed of a message."""
    return _DOMAIN + kind.encode() + b"\0" + hashlib.sha256(body).digest()


def key_to_sign(public: bytes) -> bytes:
    """What an older key signs of a newer one."""
    return _KEY_DOMAIN + public


def key_id(public: bytes) -> str:
    """The short name of a public key."""
    return hashlib.sha256(public).hexdigest()[:_KEY_LENGTH]


def sealed(body: bytes, *, key: str, signature: bytes) -> bytes:
    """A JSON object, not an empty one, with its signature as the last key."""
    return body[:-1] + _MARK + key.encode() + b":" + base64.b64encode(signature) + b'"}'


def unsealed(data: bytes) -> Signed | None:
    """A message taken apart; None where it bears no signature."""
    body, tail = data[:-_TAIL], data[-_TAIL:]
    if len(tail) < _TAIL or not tail.startswith(_MARK) or not tail.endswith(b'"}'):
        return None
    key, _, signature = tail[len(_MARK) : -2].partition(b":")
    try:
        return Signed(body + b"}", key.decode("ascii"), base64.b64decode(signature, validate=True))
    except (binascii.Error, UnicodeDecodeError):
        return None
