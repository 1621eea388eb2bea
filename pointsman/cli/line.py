"""The options of the root command, as every command finds them in its context."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Line:
    """What stood on the line for all commands."""

    service: str | None = None
    token_file: Path | None = None
    ca_file: Path | None = None
    insecure_http: bool = False
    debug: bool = False
