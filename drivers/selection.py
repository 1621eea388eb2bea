"""What of a reading was asked for.

Most devices answer everything in one exchange, whatever is wanted; what nobody asked for is then left out here. The
same state and the same want give the same object, so that a driver keeps its promise to say "nothing changed" by
identity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from device_profiles.leaves import FIELDS, RULES, SECTIONS, build, leaves
from device_profiles.paths import Path, shape_of
from device_profiles.state import EMPTY, State
from drivers.contract import Want


class Selection:
    """Cuts readings down to what is wanted, and remembers the last one."""

    def __init__(self) -> None:
        self._whole = EMPTY
        self._parts: dict[frozenset[str], State] = {}

    def of(self, whole: State, want: Want) -> State:
        """``whole``, as far as ``want`` asks for it; nothing wanted is all."""
        if not want:
            return whole
        if whole is not self._whole:
            self._whole, self._parts = whole, {}
        key = frozenset(want)
        found = self._parts.get(key)
        if found is None:
            found = self._parts[key] = select(whole, key)
        return found


class Remembered:
    """The last reading: the same answer, or another that says the same, is the same object."""

    def __init__(self) -> None:
        self._last: tuple[object, State] | None = None

    def of(self, answer: object, parse: Callable[[], State]) -> State:
        """The state of an answer, parsed only where it is another than the last. Raises what ``parse`` raises."""
        if self._last is not None and self._last[0] == answer:
            return self._last[1]
        state = parse()
        if self._last is not None and self._last[1] == state:
            state = self._last[1]
        self._last = (answer, state)
        return state


def select(whole: State, want: frozenset[str]) -> State:
    """``whole`` itself where all of it is wanted; else a state with less in it.

    Whoever asks for a field of an object that can be made (a VLAN, a LAG) sees the object. The words of ``mode: other``
    come with the mode.
    """
    found = leaves(whole)
    sections = {name.partition(".")[0] for name in want}
    kept = {path: value for path, value in found.items() if _wanted(path, want, sections)}
    if len(kept) == len(found):
        return whole
    return _with_empty_sets(build(kept), whole, want)


def _wanted(path: Path, want: frozenset[str], sections: set[str]) -> bool:
    shape = shape_of(path)
    if len(path) == 2:
        return path[0] in sections
    rule = RULES[shape]
    return shape in want or (rule.observed_only and f"{path[0]}.mode" in want)


def _with_empty_sets(part: State, whole: State, want: frozenset[str]) -> State:
    """Sets without elements have no leaves, and are values all the same (a trunk of no VLANs)."""
    sections = {}
    for section in SECTIONS:
        items = dict(getattr(part, section))
        for key, item in getattr(whole, section).items():
            for entry in FIELDS[section]:
                if f"{section}.{entry.names[0]}" in want and entry.get(item) == ():
                    items[key] = replace(items.get(key) or SECTIONS[section](), **{entry.names[0]: ()})
        sections[section] = dict(sorted(items.items()))
    return State(**sections)
