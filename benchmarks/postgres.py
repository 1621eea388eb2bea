"""A PostgreSQL server for one row: the one that the tests start for themselves (``tests/plugins``)."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.plugins import postgres_server


def lacking() -> str | None:
    """What keeps us from starting a server, in a sentence; None if nothing does."""
    try:
        postgres_server.find_programs()
        postgres_server.find_account()
    except LookupError as error:
        return str(error)
    return None


@contextmanager
def database() -> Iterator[str]:
    """The address of a new, empty database on a server that ends with the block."""
    with postgres_server.running() as server:
        yield server.create_database()
