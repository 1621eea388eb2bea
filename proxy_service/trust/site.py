"""What the service knows of itself, whichever replica it is: its epoch, its signing key, and the chain of its keys.

An epoch is one life of a database. It begins with the first start, with a restored backup, and where somebody overrules
agents that know more of this epoch than the database does.
"""

from __future__ import annotations

import base64
import functools
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter

from device_profiles.signing import KeyLink, Kind, key_id, key_to_sign, sealed, to_sign
from proxy_service.store import Rows, Unit
from proxy_service.store import tables as t
from proxy_service.store.prepared import prepared

_LINKS: Final = TypeAdapter(tuple[KeyLink, ...])
_PUT: Final = ("epoch", "key", "keys")


def word(name: str) -> sa.ScalarSelect[Any]:
    """One word of the site, to stand beside the columns of another query."""
    return sa.select(t.site.c.value).where(t.site.c.name == name).scalar_subquery()


_ALL: Final = prepared(sa.select(t.site.c.name, t.site.c.value))


class Signer:
    """A signing key in use."""

    def __init__(self, private: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self.public = self._key.public_key().public_bytes_raw()
        self.id = key_id(self.public)

    def sign(self, what: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(what)


@functools.lru_cache(maxsize=8)
def signer_of(text: str) -> Signer:
    """The signer of a stored key."""
    return Signer(base64.b64decode(text))


@dataclass(frozen=True, slots=True)
class Seal:
    """What one stream's messages are signed with: whose they are, and what its agent shall accept all the same."""

    agent: str
    epoch: str
    signer: Signer
    overrules: Mapping[str, str]

    def message(self, kind: Kind, body: Mapping[str, Any], event: int) -> bytes:
        """A message with all that makes it this agent's, signed."""
        data = orjson.dumps({**body, "agent": self.agent, "epoch": self.epoch, "event": event})
        return sealed(data, key=self.signer.id, signature=self.signer.sign(to_sign(kind, data)))

    def for_node(self, node: str) -> dict[str, str]:
        """What an assignment says beside what it assigns."""
        mark = self.overrules.get(node)
        return {"overrules": mark} if mark is not None else {}


def words(rows: Rows) -> dict[str, str]:
    """All words of the site."""
    return {row.name: row.value for row in rows.fetch(_ALL, {})}


def keys(rows: Rows) -> tuple[KeyLink, ...]:
    """The chain of public keys, the oldest first."""
    return _LINKS.validate_json(words(rows).get("keys", "[]"))


def ensure(unit: Unit) -> None:
    """Give a database its epoch and key, where it has none."""
    if words(unit).keys() >= set(_PUT):
        return
    # Replicas that start at once wait for each other here; the later one finds what it needs.
    unit.first(sa.select(t.counters.c.value).where(t.counters.c.name == "declare").with_for_update())
    missing = set(_PUT) - words(unit).keys()
    if "key" in missing:
        private = Ed25519PrivateKey.generate()
        _put(unit, {"key": _text(private), "keys": _chain([KeyLink(key=_public(private))])})
    if "epoch" in missing:
        begin_epoch(unit)


def begin_epoch(unit: Unit) -> str:
    """Begin another epoch; streams of the one before end."""
    before = words(unit).get("epoch")
    epoch = secrets.token_hex(12)
    _put(unit, {"epoch": epoch})
    if before is not None:
        unit.event("epoch.begun", {"epoch": epoch, "before": before})
        unit.touch("site")
    return epoch


def rotate(unit: Unit) -> str:
    """Sign with another key from now on, which the one before vouches for; its short name."""
    unit.first(sa.select(t.counters.c.value).where(t.counters.c.name == "declare").with_for_update())
    before, chain = signer_of(words(unit)["key"]), keys(unit)
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    signature = base64.b64encode(before.sign(key_to_sign(public))).decode()
    link = KeyLink(key=_public(private), by=before.id, signature=signature)
    _put(unit, {"key": _text(private), "keys": _chain([*chain, link])})
    unit.event("key.changed", {"key": key_id(public), "before": before.id})
    unit.touch("site")
    return key_id(public)


def raise_fence(unit: Unit, fence: int) -> None:
    """Remember a fence that was given and is in no row any more: none is ever given again."""
    _put(unit, {"fence": str(max(fence, highest_fence(unit)))})


def highest_fence(rows: Rows) -> int:
    """The highest fence that was given to an agent that is gone."""
    return int(words(rows).get("fence", "0"))


def _put(unit: Unit, found: Mapping[str, str]) -> None:
    unit.upsert(t.site, [{"name": name, "value": value} for name, value in found.items()])


def _text(private: Ed25519PrivateKey) -> str:
    return base64.b64encode(private.private_bytes_raw()).decode()


def _public(private: Ed25519PrivateKey) -> str:
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


def _chain(links: list[KeyLink]) -> str:
    return _LINKS.dump_json(tuple(links)).decode()
