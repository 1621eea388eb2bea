"""All that is logged while a promise is tried: a secret could be shown there as well."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator

import structlog.testing


class _Listener(logging.Handler):
    """Hears what libraries log, at every level."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.NOTSET)
        self.heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        """Remember one record."""
        self.heard.append(record.getMessage())


@contextlib.contextmanager
def listening(heard: list[str]) -> Iterator[None]:
    """All that is logged, by structlog and by logging, is heard; nothing of it is written anywhere else."""
    root = logging.getLogger()
    listener, level = _Listener(heard), root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        with structlog.testing.capture_logs() as entries:
            yield
    finally:
        heard += map(str, entries)
        root.setLevel(level)
        root.removeHandler(listener)
