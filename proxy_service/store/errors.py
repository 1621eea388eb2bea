"""The one error by which a database that cannot be used shows outside of the store."""

from __future__ import annotations


class DatabaseUnusable(Exception):
    """The database cannot be reached, read or migrated. The message names no URL: that may hold a password."""


def unusable(error: Exception) -> DatabaseUnusable:
    """What of a driver's error people may see."""
    cause = getattr(error, "orig", None) or error
    text = str(cause).partition("\n")[0][:200]
    return DatabaseUnusable(
        f"the database cannot be used: {text or type(cause).__name__}; look at it and at its address"
    )
