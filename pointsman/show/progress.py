"""Something moves while people wait: a spinner on a terminal, nothing on a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from pointsman.show.text import safe


@contextmanager
def working(sentence: str) -> Iterator[None]:
    """Show on standard error that work is going on, for as long as the block lasts."""
    if not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True).status(Text(safe(sentence))):
        yield


@contextmanager
def steps(title: str) -> Iterator[Callable[[str], None]]:
    """Many small steps under one title: on a terminal the last of them beside a spinner, on a pipe none.

    The function that is given may be called from any thread.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with Console(stderr=True).status(Text(safe(title))) as status:
        yield lambda sentence: status.update(Text(safe(f"{title}: {sentence}")))
