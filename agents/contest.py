"""Leaves that somebody else keeps changing: who puts them back again and again only makes a device flap.

Put back five times in ten minutes, a leaf is *contested*: it is left alone for ten minutes, then put back once; found
changed again it is left alone for twice as long, and so on up to two hours. It is contested no more when it is found as
declared at the end of such a time. Times are kept in the node's memory, so that a restart of the agent forgets none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, Final

from pydantic import ConfigDict

from agents.findings import Finding
from device_profiles.names import printable
from device_profiles.operation import TOLERANT
from device_profiles.scalars import Time

CONTESTED: Final = "Contested"
MOST_PUT_BACK: Final = 5
WITHIN: Final = timedelta(minutes=10)
FIRST_REST: Final = timedelta(minutes=10)
LONGEST_REST: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """When a leaf was put back lately; ``until`` when it is left alone, where it is contested, for ``rest_s``."""

    __pydantic_config__: ClassVar[ConfigDict] = TOLERANT
    path: str
    times: tuple[Time, ...] = ()
    until: Time | None = None
    rest_s: float = 0.0

    def is_left(self, now: datetime) -> bool:
        """Whether the leaf is left alone now. A clock that was set back leaves it no longer than it ever would be."""
        return self.until is not None and now < self.until <= now + LONGEST_REST

    def finding(self, *, found: object) -> Finding:
        """What is said of it while it is left alone."""
        until = self.until.isoformat(timespec="seconds") if self.until is not None else ""
        message = (
            f"was put back {MOST_PUT_BACK} times within 10 minutes, and is {printable(str(found))} again; it is"
            f" left alone until {until}: see what else changes it, or change the role"
        )
        return Finding(self.path, CONTESTED, message)


def left_alone(contests: Iterable[Contest], now: datetime) -> dict[str, Contest]:
    """The contested leaves that are left alone now."""
    return {contest.path: contest for contest in contests if contest.is_left(now)}


def put_back(contests: Iterable[Contest], paths: Collection[str], now: datetime) -> tuple[Contest, ...]:
    """Remember that leaves were put back ``now``."""
    known = {contest.path: contest for contest in contests}
    for path in dict.fromkeys(paths):
        known[path] = _once_more(known.get(path, Contest(path=path)), now)
    return tuple(known.values())


def _once_more(contest: Contest, now: datetime) -> Contest:
    times = tuple(time for time in (*contest.times, now) if now - WITHIN < time <= now)[-MOST_PUT_BACK:]
    if contest.until is not None:
        rest = min(timedelta(seconds=contest.rest_s) * 2, LONGEST_REST)
    elif len(times) == MOST_PUT_BACK:
        rest = FIRST_REST
    else:
        return replace(contest, times=times)
    return replace(contest, times=times, until=now + rest, rest_s=rest.total_seconds())


def ended(contests: Iterable[Contest], now: datetime) -> tuple[Contest, ...]:
    """What is still to be remembered after a pass in which whatever differed and may be was put back."""
    return tuple(
        contest
        for contest in contests
        if contest.is_left(now) or (contest.until is None and any(now - WITHIN < time <= now for time in contest.times))
    )
