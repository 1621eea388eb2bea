"""What the agent counts about itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Numbers since the start of the process."""

    passes_quiet: int = 0
    """Passes that found everything as it was."""
    passes_changed: int = 0
    passes_failed: int = 0
    steps_applied: int = 0
    connects: int = 0
    reports_sent: int = 0
    reports_refused: int = 0
    """Reports that the service would not take, and that were dropped."""
    reports_given_up: int = 0
    """Reports that were dropped because too many waited."""
