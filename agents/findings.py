"""What stands between a declaration and a device: a path, a reason, a sentence that says what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that was found. ``path`` is written; ``reason`` a CamelCase word that a condition can show."""

    path: str
    reason: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"
