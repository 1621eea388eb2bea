"""Something moves while people wait: a spinner on a terminal, nothing on a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from pointsman.show.text import safe

_TURNS = "dots"
_A_SECOND = 12.5


@contextmanager
def working(sentence: str) -> Iterator[None]:
    """Show on standard error that work is going on, for as long as the block lasts."""
    with steps(sentence):
        yield


@contextmanager
def steps(title: str) -> Iterator[Callable[[str], None]]:
    """Many small steps under one title: on a terminal the last of them beside a spinner, on a pipe none.

    The function that is given may be called from any thread. Lines that are printed meanwhile stand above the
    spinner; standard output is led there only if it is a terminal too, or a pipe would miss them.
    """
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    spinner = Spinner(_TURNS, Text(safe(title)), style="green")
    with Live(
        spinner,
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=_A_SECOND,
        redirect_stdout=sys.stdout.isatty(),
    ):
        yield lambda sentence: spinner.update(text=Text(safe(f"{title}: {sentence}")))
