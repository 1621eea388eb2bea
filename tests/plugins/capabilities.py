"""What this machine can do for the tests: an answer for each marker, tried and not guessed, and given once.

`unit`, `system` and `conformance` need nothing. Each other marker has a question that answers None, or one sentence
that says what is lacking.
"""

import functools
import shutil
from collections.abc import Callable

from tests.plugins import postgres_server

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "chrome-headless-shell")


def lacking_for_lab() -> str | None:
    """The lab says itself whether it can be made, by making a namespace, a cable and a tun device."""
    try:
        from pointsman.lab import can_make_lab  # noqa: PLC0415  a run of unit tests need not load the lab
    except ImportError as error:
        return f"the lab cannot be imported: {error}"
    able, reason = can_make_lab()
    return None if able else reason


def lacking_for_postgres() -> str | None:
    """PostgreSQL's programs must be there, and an account to run them as: the server refuses to run as root."""
    try:
        postgres_server.find_programs()
        postgres_server.find_account()
    except LookupError as error:
        return str(error)
    return None


def lacking_for_browser() -> str | None:
    """Any Chromium that runs headless."""
    if any(shutil.which(name) for name in BROWSERS):
        return None
    return "no headless browser found (looked for " + ", ".join(BROWSERS) + ")"


QUESTIONS: dict[str, Callable[[], str | None]] = {
    "unit": lambda: None,
    "system": lambda: None,
    "conformance": lambda: None,
    "postgres": lacking_for_postgres,
    "lab": lacking_for_lab,
    "browser": lacking_for_browser,
}


@functools.cache
def lacking(marker: str) -> str | None:
    """One sentence about what this machine lacks for tests with `marker`, or None where it lacks nothing."""
    return QUESTIONS[marker]()
