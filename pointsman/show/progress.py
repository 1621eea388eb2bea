"""Something moves while people wait: a spinner on a terminal, nothing on a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator
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
