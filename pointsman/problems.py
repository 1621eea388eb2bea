"""The one family of errors that the command shows: a sentence for people and an exit code for scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NOT_CONVERGED: Final = 3
STOPPED: Final = 130


class PointsmanError(Exception):
    """What failed, on what, why, and what to do next, in one sentence."""

    exit_code: ClassVar[int] = FAILED

    def __init__(self, sentence: str, *, details: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details
        """Further lines, where one sentence has to stand for many findings."""


class WrongUsage(PointsmanError):
    """The command was called in a way that can not be meant."""

    exit_code: ClassVar[int] = USAGE


class NotConverged(PointsmanError):
    """Something is not as declared, or a gate is closed."""

    exit_code: ClassVar[int] = NOT_CONVERGED


class ServiceAway(PointsmanError):
    """Nobody answers at the service's address."""


class ServiceRefused(PointsmanError):
    """The service answered with a problem. ``slug`` is its type, ``status`` the HTTP status, ``more`` its body."""

    def __init__(
        self,
        sentence: str,
        *,
        slug: str,
        status: int,
        details: tuple[str, ...] = (),
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence, details=details)
        self.slug = slug
        self.status = status
        self.more = more or {}
