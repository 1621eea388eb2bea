"""Tokens: made, shown once, kept as a hash, checked at every call.

A token is ``pm_<id>_<secret>``; the id finds its row, the SHA-256 of the secret (32 random bytes, so no slow hash is
needed) must be equal. Rows are kept in memory for two seconds, so a revocation reaches other replicas within that
time; in this process it holds at once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter

from proxy_service import clock
from proxy_service.callers import PEOPLE, Caller, Limits, Scope
from proxy_service.problems import Refused, Slug
from proxy_service.store import Rows, Store, Unit
from proxy_service.store import tables as t

LIMITS: Final = TypeAdapter(Limits)
KEPT_S: Final = 2.0
MOST_KEPT: Final = 10_000
_FIND = sa.select(t.tokens).where(t.tokens.c.id == sa.bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class Known:
    """A token's row as far as checking needs it."""

    digest: str
    caller: Caller
    expires_at: str | None
    read_at_s: float


def make_token(
    unit: Unit,
    *,
    name: str,
    owner: str,
    scopes: Iterable[Scope],
    limits: Limits | None = None,
    location: str | None = None,
    agent: str | None = None,
    uses: int | None = None,
    expires_in_s: float | None = None,
) -> tuple[str, str]:
    """Store a new token; its id and its text, which is nowhere else."""
    number, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    row = {
        "id": number,
        "digest": _digest(secret),
        "name": name,
        "owner": owner,
        "scopes": orjson.dumps(sorted(scopes)).decode(),
        "limits": LIMITS.dump_json(limits or Limits(), exclude_none=True).decode(),
        "location": location,
        "agent": agent,
        "uses_left": uses,
        "made_at": unit.at,
        "expires_at": clock.now_text(plus_s=expires_in_s) if expires_in_s is not None else None,
        "revoked_at": None,
    }
    unit.execute(sa.insert(t.tokens), row)
    return number, f"pm_{number}_{secret}"


def revoke(unit: Unit, number: str) -> bool:
    """Revoke a token; False where there is none that could be."""
    c = t.tokens.c
    statement = sa.update(t.tokens).where(c.id == number, c.revoked_at.is_(None)).values(revoked_at=unit.at)
    if unit.execute(statement).rowcount != 1:
        return False
    # Streams that were opened with it hear of this, here and at other replicas, and look at their token again.
    unit.event("token.revoked", {"token": number})
    unit.touch(f"token:{number}")
    agent = unit.value(sa.select(c.agent).where(c.id == number))
    if agent is not None:
        unit.touch(f"agent:{agent}")
    return True


def make_first_token(unit: Unit) -> str | None:
    """A token that may do everything, where there is no token of a person at all; else None."""
    if unit.value(sa.select(t.tokens.c.id).where(t.tokens.c.agent.is_(None)).limit(1)) is not None:
        return None
    return make_token(unit, name="first", owner="admin", scopes=PEOPLE)[1]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Doorkeeper:
    """Finds out who calls."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, Known] = {}

    def forget(self, number: str) -> None:
        """Look at this token's row again at its next use."""
        self._known.pop(number, None)

    async def caller(self, authorization: str | None, *, not_before_s: float | None = None) -> Caller:
        """Who sent this ``Authorization`` header. Raises :class:`Refused`, without saying what was wrong with it.

        What was read before ``not_before_s`` (of the monotonic clock; absent: two seconds ago) is read again.
        """
        number, secret = _parts(authorization)
        known = self._known.get(number)
        oldest_s = time.monotonic() - KEPT_S if not_before_s is None else not_before_s
        if known is None or known.read_at_s < oldest_s:
            known = await self._read(number)
        expired = known.expires_at is not None and known.expires_at <= clock.now_text()
        if expired or not hmac.compare_digest(known.digest, _digest(secret)):
            raise _unknown()
        return known.caller

    async def holder(self, number: str, *, not_before_s: float | None = None) -> Caller:
        """Who has the token of this id, which was shown before. Raises :class:`Refused` where it is no longer good."""
        known = self._known.get(number)
        oldest_s = time.monotonic() - KEPT_S if not_before_s is None else not_before_s
        if known is None or known.read_at_s < oldest_s:
            known = await self._read(number)
        if known.expires_at is not None and known.expires_at <= clock.now_text():
            raise _unknown()
        return known.caller

    async def _read(self, number: str) -> Known:
        asked_at_s = time.monotonic()
        row = await self._store.view(Rows.first, _FIND, {"wanted": number})
        if row is None or row.revoked_at is not None:
            self.forget(number)
            raise _unknown()
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        known = self._known[number] = Known(row.digest, _caller(row), row.expires_at, asked_at_s)
        return known


def _caller(row: Any) -> Caller:
    return Caller(
        token=row.id,
        owner=row.owner,
        scopes=frozenset(Scope(scope) for scope in orjson.loads(row.scopes)),
        limits=LIMITS.validate_json(row.limits),
        agent=row.agent,
        location=row.location,
    )


def _parts(authorization: str | None) -> tuple[str, str]:
    scheme, _, token = (authorization or "").partition(" ")
    parts = token.strip().split("_", 2)
    if scheme.lower() != "bearer" or len(parts) != 3 or parts[0] != "pm" or not parts[1].isalnum():
        raise _unknown()
    return parts[1], parts[2]


def _unknown() -> Refused:
    detail = "send a token that is valid: Authorization: Bearer pm_...; tokens can expire and be revoked"
    return Refused(Slug.UNAUTHENTICATED, detail)


def shown(row: Any) -> Mapping[str, Any]:
    """A token's row for people: everything but what could be used."""
    return {
        "id": row.id,
        "name": row.name,
        "owner": row.owner,
        "scopes": orjson.loads(row.scopes),
        "limits": orjson.loads(row.limits),
        "location": row.location,
        "agent": row.agent,
        "uses_left": row.uses_left,
        "made_at": row.made_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
    }
