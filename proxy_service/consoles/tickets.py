"""Tickets: what a browser shows in place of a token, which it cannot send with a WebSocket.

A ticket is ``pt_<id>_<secret>``, good once, for a minute, for the console of one node, and worth what the token is
worth that made it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any, Final

import sqlalchemy as sa

from proxy_service import clock
from proxy_service.problems import Refused, Slug
from proxy_service.store import Unit
from proxy_service.store import tables as t

GOOD_S: Final = 60.0


def make_ticket(unit: Unit, *, node: str, token: str) -> dict[str, Any]:
    """Store a ticket; its text is in the answer and nowhere else."""
    number, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    expires_at = clock.now_text(plus_s=GOOD_S)
    row = {"id": number, "digest": _digest(secret), "node": node, "token": token, "expires_at": expires_at}
    unit.execute(sa.insert(t.tickets), row)
    # Under "token" and nowhere else: that is what is left out where answers are kept for Idempotency-Key.
    return {"node": node, "token": f"pt_{number}_{secret}", "expires_at": expires_at}


def use_ticket(unit: Unit, text: str, *, node: str) -> str:
    """The id of the token behind a ticket, which is gone now. Raises :class:`Refused`, and does not say why."""
    kind, _, rest = text.partition("_")
    number, _, secret = rest.partition("_")
    c = t.tickets.c
    row = unit.first(sa.select(t.tickets).where(c.id == number).with_for_update())
    good = (
        kind == "pt"
        and row is not None
        and hmac.compare_digest(row.digest, _digest(secret))
        and row.node == node
        and row.expires_at > unit.at
    )
    if row is not None:
        unit.execute(sa.delete(t.tickets).where(c.id == number))
    if row is None or not good:
        raise Refused(Slug.UNAUTHENTICATED, "the ticket is not valid: it is good once, for a minute and for one node")
    return str(row.token)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
