"""Ending in good order: the first SIGINT or SIGTERM asks, and what was begun is taken down."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_requested() -> Iterator[asyncio.Event]:
    """An event that is set by SIGINT or SIGTERM; more of them change nothing while the block is being left."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
