"""Assignments as they come from the service or from the store, read so that one odd leaf harms nobody else.

A service that is newer than this agent may say things that the agent does not know. Within a desired state and a
profile whatever is not understood is left out *and named*, so that it becomes a problem of that leaf; anything else
that is wrong makes only that assignment unusable. Equal profiles are one object, whatever the number of nodes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from agents.findings import Finding
from device_profiles.names import printable
from device_profiles.paths import render_path
from device_profiles.profile import Profile
from device_profiles.wire import WIRE_SCHEMA, Assignment

_ASSIGNMENTS: Final = TypeAdapter(Assignment)
_BESIDE: Final = frozenset({"ledger", "agent", "epoch", "event", "overrules", "signature"})
"""What an assignment says beside what it assigns."""
_MOST_UNKNOWN: Final = 200
_TOLERATED: Final = (("desired", "state"), ("profile",))


class BadAssignment(Exception):
    """An assignment that this agent cannot read; the message says where."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """An assignment with what of it was not understood. ``digest`` tells whether another one says the same."""

    assignment: Assignment
    unknown: tuple[Finding, ...]
    digest: str
    mark: str
    """Generation and content of the desired state: what a node was once brought to."""
    epoch: str = ""
    """In which epoch of the service it was assigned; empty where it was not signed."""
    event: int = 0
    overrules: str = ""
    """What this is to be accepted instead of (:attr:`holds`), though it be newer."""

    @property
    def content(self) -> str:
        """The desired state without its number: equal where it says the same."""
        return self.mark.partition(":")[2]

    @property
    def holds(self) -> str:
        """Just this assignment's desired state, in just this epoch."""
        return f"{self.epoch}:{self.mark}"


class AssignmentReader:
    """Reads assignments; keeps one object for profiles that are equal, and reads those once that it understands."""

    def __init__(self) -> None:
        self._profiles: dict[str, Profile] = {}
        self._understood: set[str] = set()

    def read(self, raw: Any) -> Accepted:
        """The assignment in a JSON document. Raises :class:`BadAssignment`."""
        if not isinstance(raw, dict):
            raise BadAssignment("an assignment is an object")
        if raw.get("schema") not in (WIRE_SCHEMA, WIRE_SCHEMA - 1):
            raise BadAssignment(
                f"the service speaks schema {raw.get('schema')!r}, this agent {WIRE_SCHEMA}: bring it up to date"
            )
        mark = f"{_get(raw, 'desired', 'generation')}:{_digest(_without_number(raw.get('desired')))}"
        profile_key = _digest(raw.get("profile"))
        rest = {key: value for key, value in raw.items() if key not in _BESIDE}
        digest = _digest({**rest, "desired": mark, "profile": profile_key})
        assignment, unknown = self._with_known_profile(raw, profile_key) or _validated(raw)
        profile = self._profiles.setdefault(profile_key, assignment.profile)
        if not unknown:
            self._understood.add(profile_key)
        epoch, event, overrules = (raw.get(key) for key in ("epoch", "event", "overrules"))
        return Accepted(
            replace(assignment, profile=profile),
            unknown,
            digest,
            mark,
            epoch=epoch if isinstance(epoch, str) else "",
            event=event if isinstance(event, int) else 0,
            overrules=overrules if isinstance(overrules, str) else "",
        )

    def _with_known_profile(self, raw: dict[str, Any], key: str) -> tuple[Assignment, tuple[Finding, ...]] | None:
        """The assignment where its profile was read before and nothing else is wrong; a profile is most of it."""
        if key not in self._understood:
            return None
        try:
            return _ASSIGNMENTS.validate_python({**raw, "profile": self._profiles[key]}), ()
        except ValidationError:
            return None


def _digest(document: Any) -> str:
    text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=12).hexdigest()


def _without_number(desired: Any) -> Any:
    if not isinstance(desired, dict):
        return desired
    return {key: value for key, value in desired.items() if key != "generation"}


def _get(raw: Mapping[str, Any], *keys: str) -> Any:
    value: Any = raw
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _validated(raw: dict[str, Any]) -> tuple[Assignment, tuple[Finding, ...]]:
    unknown: list[Finding] = []
    for _ in range(_MOST_UNKNOWN):
        try:
            return _ASSIGNMENTS.validate_python(raw), tuple(unknown)
        except ValidationError as error:
            places = [tuple(str(part) for part in item["loc"]) for item in error.errors(include_url=False)]
        raw = orjson.loads(orjson.dumps(raw))
        removed = {place for place in (_remove(raw, place) for place in _tolerable(places)) if place is not None}
        if not removed:
            raise BadAssignment(f"{printable('.'.join(places[0]))}: is not understood")
        unknown.extend(_finding(place) for place in sorted(removed))
    raise BadAssignment("too much of it is not understood")


def _tolerable(places: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Where something may be left out, the last first, so that elements of a list keep their index."""
    found = {place for place in places if any(place[: len(prefix)] == prefix for prefix in _TOLERATED)}
    return sorted(found, reverse=True)


def _remove(raw: Any, place: tuple[str, ...]) -> tuple[str, ...] | None:
    """Take what stands at ``place`` out of a document; where that was. Names of types, no keys, end a place."""
    holder: Any = None
    done: list[str] = []
    value = raw
    for part in place:
        key = _key_in(value, part)
        if key is None:
            break
        holder, value = value, value[key]
        done.append(part)
    if holder is None or len(done) < 2 or tuple(done) in _TOLERATED:
        return None
    del holder[_key_in(holder, done[-1])]
    return tuple(done)


def _key_in(value: Any, part: str) -> str | int | None:
    """The key or index that ``part`` writes in a JSON value; None where there is none."""
    if isinstance(value, dict):
        return part if part in value else None
    if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
        return int(part)
    return None


def _finding(place: tuple[str, ...]) -> Finding:
    parts = place[2:] if place[0] == "desired" else place
    path = render_path(tuple(printable(part, most=80).replace("[", "(").replace("]", ")") for part in parts))
    return Finding(path, "Unsupported", "this agent does not know this: bring the agent up to date")
