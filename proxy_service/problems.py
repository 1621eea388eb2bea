"""What a caller hears when something is refused: one envelope (RFC 9457, ``application/problem+json``) on every route.

A problem has a slug of one enum, a sentence that says what, where, why and what to do next, and a list of places in
the caller's document. It never repeats a value: that may be a secret or an attack. Each slug has a section in
``docs/problems.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from device_profiles.problems import Problem


class Slug(StrEnum):
    """The kinds of problems; the last part of a problem's ``type``."""

    INVALID_DOCUMENT = "invalid-document"
    UNKNOWN_PROFILE = "unknown-profile"
    UNKNOWN_LOCATION = "unknown-location"
    CONFLICT = "conflict"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    PRECONDITION_FAILED = "precondition-failed"
    IDEMPOTENCY_MISMATCH = "idempotency-mismatch"
    AGENT_AWAY = "agent-away"
    REQUEST_TIMEOUT = "request-timeout"
    REQUEST_FAILED = "request-failed"
    NO_CONSOLE = "no-console"
    STREAM_ELSEWHERE = "stream-elsewhere"
    GONE = "gone"
    TOO_LARGE = "too-large"
    NOT_IN_THIS_VERSION = "not-in-this-version"
    BUDGET_EXCEEDED = "budget-exceeded"
    STOPPING = "stopping"
    INTERNAL = "internal"


STATUS: Final = {
    Slug.INVALID_DOCUMENT: 422,
    Slug.UNKNOWN_PROFILE: 422,
    Slug.UNKNOWN_LOCATION: 422,
    Slug.CONFLICT: 409,
    Slug.NOT_FOUND: 404,
    Slug.METHOD_NOT_ALLOWED: 405,
    Slug.UNAUTHENTICATED: 401,
    Slug.FORBIDDEN: 403,
    Slug.PRECONDITION_FAILED: 412,
    Slug.IDEMPOTENCY_MISMATCH: 409,
    Slug.AGENT_AWAY: 409,
    Slug.REQUEST_TIMEOUT: 504,
    Slug.REQUEST_FAILED: 502,
    Slug.NO_CONSOLE: 409,
    Slug.STREAM_ELSEWHERE: 409,
    Slug.GONE: 410,
    Slug.TOO_LARGE: 413,
    Slug.NOT_IN_THIS_VERSION: 422,
    Slug.BUDGET_EXCEEDED: 409,
    Slug.STOPPING: 503,
    Slug.INTERNAL: 500,
}
TITLES: Final = {
    Slug.INVALID_DOCUMENT: "The document is not valid",
    Slug.UNKNOWN_PROFILE: "There is no such profile",
    Slug.UNKNOWN_LOCATION: "There is no such location",
    Slug.CONFLICT: "This contradicts what is there",
    Slug.NOT_FOUND: "There is nothing by this name",
    Slug.METHOD_NOT_ALLOWED: "This cannot be done here",
    Slug.UNAUTHENTICATED: "A valid token is needed",
    Slug.FORBIDDEN: "The token does not allow this",
    Slug.PRECONDITION_FAILED: "The object has changed meanwhile",
    Slug.IDEMPOTENCY_MISMATCH: "The idempotency key was used for another call",
    Slug.AGENT_AWAY: "The agent is away",
    Slug.REQUEST_TIMEOUT: "The agent did not answer in time",
    Slug.REQUEST_FAILED: "The agent could not do it",
    Slug.NO_CONSOLE: "The node has no console",
    Slug.STREAM_ELSEWHERE: "Another replica serves this console",
    Slug.GONE: "These events are no longer kept",
    Slug.TOO_LARGE: "The body is too large",
    Slug.NOT_IN_THIS_VERSION: "This version cannot do that yet",
    Slug.BUDGET_EXCEEDED: "More would be deleted than is allowed without confirmation",
    Slug.STOPPING: "The service is stopping",
    Slug.INTERNAL: "The service failed",
}
PROBLEM_TYPE: Final = "application/problem+json"
MOST_PROBLEMS: Final = 100


class Refused(Exception):
    """A call is refused. ``extra`` joins the envelope (``last_observed_at``, ``owner``, ``oldest``)."""

    def __init__(self, slug: Slug, detail: str, problems: Sequence[Problem] = (), **extra: Any) -> None:
        super().__init__(detail)
        self.slug = slug
        self.detail = detail
        self.problems = tuple(problems)
        self.extra = extra


def refused_at(slug: Slug, path: str, message: str) -> Refused:
    """A refusal because of one place of the document."""
    return Refused(slug, f"{path}: {message}" if path else message, (Problem(path, message),))


def invalid(problems: Sequence[Problem]) -> Refused:
    """A refusal of a document in which at least one thing is wrong."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    where = f"{first.path}: " if first.path else ""
    return Refused(Slug.INVALID_DOCUMENT, f"{where}{first.message}{more}", problems)


def not_found(what: str, name: str) -> Refused:
    """A refusal because an object does not exist."""
    return Refused(Slug.NOT_FOUND, f"there is no {what} {name}; a list shows what there is")


def envelope(refusal: Refused) -> dict[str, Any]:
    """The body of the answer."""
    return {
        "type": f"/problems/{refusal.slug}",
        "title": TITLES[refusal.slug],
        "status": STATUS[refusal.slug],
        "detail": refusal.detail,
        "problems": [{"path": p.path, "message": p.message} for p in refusal.problems[:MOST_PROBLEMS]],
        **refusal.extra,
    }
