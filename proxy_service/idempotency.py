"""``Idempotency-Key``: a POST that is sent again answers what it answered the first time, and does nothing again.

The key belongs to the token. Its row is made before the work and completed after it; only successes are kept, so a
call that failed can be repeated. A row without an answer whose call is not running any more (the service was killed)
is taken over. Secrets are shown once: the text of a token is left out of what is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from proxy_service import clock
from proxy_service.answers import JSON
from proxy_service.callers import Caller
from proxy_service.problems import Refused, Slug, refused_at
from proxy_service.store import Cause, Store, Unit
from proxy_service.store import tables as t

LONGEST_KEY: Final = 200
ABANDONED_S: Final = 120.0
_CAUSE: Final = Cause(action="idempotency")


async def once(store: Store, request: Request, caller: Caller, work: Callable[[], Awaitable[Response]]) -> Response:
    """Answer a POST: by ``work``, or as the same call was answered before. Raises :class:`Refused`."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return await work()
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        message = f"is 1 to {LONGEST_KEY} printable characters"
        raise refused_at(Slug.INVALID_DOCUMENT, "Idempotency-Key", message)
    digest = hashlib.sha256(
        f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body()
    )
    kept = await store.unit(_CAUSE, _begin, caller.token, key, digest.hexdigest())
    if kept is not None:
        return Response(
            kept.body, status_code=kept.status, media_type=kept.media_type, headers={"Idempotent-Replayed": "true"}
        )
    try:
        response = await work()
    except BaseException:
        await store.unit(_CAUSE, _forget, caller.token, key)
        raise
    await store.unit(_CAUSE, _finish, caller.token, key, response.status_code, _without_token(bytes(response.body)))
    return response


def _begin(unit: Unit, token: str, key: str, digest: str) -> Any:
    """The kept answer; None where the call is to be done. Raises where the key is in use."""
    c = t.idempotency.c
    unit.declare()
    row = unit.first(sa.select(t.idempotency).where(c.token == token, c.key == key))
    if row is not None and row.request_hash != digest:
        detail = "this Idempotency-Key was used for another call; use a new one for each call"
        raise Refused(Slug.IDEMPOTENCY_MISMATCH, detail)
    if row is not None and row.status is not None:
        return row
    if row is not None and clock.age_s(row.at) < ABANDONED_S:
        raise Refused(
            Slug.IDEMPOTENCY_MISMATCH, "the first call with this Idempotency-Key is still under way; ask again"
        )
    values = {"token": token, "key": key, "request_hash": digest, "at": unit.at, "status": None, "media_type": None}
    unit.upsert(t.idempotency, [{**values, "body": None}])
    return None


def _finish(unit: Unit, token: str, key: str, status: int, body: str) -> None:
    c = t.idempotency.c
    unit.execute(
        sa.update(t.idempotency).where(c.token == token, c.key == key).values(status=status, media_type=JSON, body=body)
    )


def _forget(unit: Unit, token: str, key: str) -> None:
    c = t.idempotency.c
    unit.execute(sa.delete(t.idempotency).where(c.token == token, c.key == key))


def _without_token(body: bytes) -> str:
    value = orjson.loads(body) if body else None
    if isinstance(value, dict) and "token" in value:
        return orjson.dumps({**value, "token": None}).decode()
    return body.decode()
