"""Answers as bytes: what the routes send, without a detour through response models."""

from __future__ import annotations

from typing import Any, Final

import orjson
from starlette.responses import Response

from proxy_service.problems import PROBLEM_TYPE, STATUS, Refused, envelope

JSON: Final = "application/json"
SSE_HEADERS: Final = {"cache-control": "no-store", "x-accel-buffering": "no"}


def answer(value: Any, *, status: int = 200, etag: int | None = None) -> Response:
    """A JSON answer; ``etag`` is the revision of the object."""
    headers = {"etag": f'"{etag}"'} if etag is not None else None
    return Response(orjson.dumps(value), status_code=status, media_type=JSON, headers=headers)


def problem_event(refusal: Refused) -> bytes:
    """Why a stream of events ends, as its last event."""
    return b"event: problem\ndata: %b\n\n" % orjson.dumps(envelope(refusal))


def problem(refusal: Refused) -> Response:
    """The answer to a call that is refused."""
    status = STATUS[refusal.slug]
    headers = {"www-authenticate": "Bearer"} if status == 401 else None
    return Response(orjson.dumps(envelope(refusal)), status_code=status, media_type=PROBLEM_TYPE, headers=headers)
