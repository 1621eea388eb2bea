"""What is ours on a device: remembered before it is made, confirmed by a reading, forgotten when it is gone.

Only what a reading did not show may be entered, so an entry always means "this was not there before us". An entry is
``intended`` from just before the step that creates it until a reading shows it. After a crash the reading decides:
what is there is ours, what is not is dropped. No entry means found.

Beside elements and objects the ledger holds *marks*, which a verified pass lifts. That of a set
(``ports.p24.trunk_vlans``) says that it starts from none: a device may show the vendor's "all" for a moment after a
port became a trunk; while the mark stands the set is held exactly, whatever is shown, and a crash between two commands
changes nothing in that. That of ``ports.p24.enabled`` says that the port is shut by us, for a moment: while it stands
the port is to be open, whoever was cut off in that moment, unless somebody declares that it is shut.

*Tokens* are the verbs that were done or are being done (:mod:`agents.tokens`); no reading shows them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from agents.elements import shows
from device_profiles.paths import Path, parse_path, render_path
from device_profiles.state import State
from device_profiles.wire import LedgerEntry

_MARK_LENGTH = 3


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """Rows to write and paths to forget."""

    put: tuple[LedgerEntry, ...] = ()
    forget: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.put or self.forget)


class Ledger:
    """The entries of one node. Methods change nothing: they give a change, which is applied once it is on disk."""

    def __init__(self, entries: Iterable[LedgerEntry] = ()) -> None:
        self._entries: dict[Path, LedgerEntry] = {}
        self.doubted = False
        """Whether a write failed, so that what is here may not be what is on disk."""
        self._tokens: dict[Path, LedgerEntry] = {}
        self.apply(LedgerChange(put=tuple(entries)))

    @property
    def paths(self) -> Collection[Path]:
        """Everything that is ours, and the marks."""
        return self._entries.keys()

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """All entries, by path; tokens last."""
        return tuple(table[path] for table in (self._entries, self._tokens) for path in sorted(table))

    @property
    def tokens(self) -> Collection[Path]:
        """The leaves whose verbs are known."""
        return self._tokens.keys()

    def token(self, path: Path) -> LedgerEntry | None:
        """The verb of a leaf that was done last, or is being done; None where there was none."""
        return self._tokens.get(path)

    def intend(self, creates: Iterable[Path], *, observed: State, pass_id: str, now: datetime) -> LedgerChange:
        """Entries for what is about to be made; what is shown already was made by others, or is entered."""
        fresh = {
            path for path in creates if path not in self._entries and (_is_mark(path) or not shows(observed, path))
        }
        return LedgerChange(
            tuple(
                LedgerEntry(path=render_path(path), state="intended", pass_id=pass_id, at=now) for path in sorted(fresh)
            )
        )

    def judge(self, observed: State, *, verified: bool, unsaved: bool = False) -> LedgerChange:
        """What a reading says of the entries: shown is confirmed, not shown is dropped; verified lifts the marks.

        What was there once is not dropped while it may be in what the device has saved: a restart would bring it back.
        """
        put, forget = [], []
        for path, entry in self._entries.items():
            if _is_mark(path):
                if verified:
                    forget.append(entry.path)
            elif not shows(observed, path):
                if not unsaved or entry.state == "intended":
                    forget.append(entry.path)
            elif entry.state == "intended":
                put.append(replace(entry, state="confirmed"))
        return LedgerChange(tuple(put), tuple(forget))

    def apply(self, change: LedgerChange) -> None:
        """Take over a change that is on disk."""
        for entry in change.put:
            table = self._tokens if entry.kind == "token" else self._entries
            table[parse_path(entry.path)] = entry
        for text in change.forget:
            self._entries.pop(parse_path(text), None)
            self._tokens.pop(parse_path(text), None)


def merged(first: LedgerChange, second: LedgerChange) -> LedgerChange:
    """Both changes, in this order, as one."""
    put: Mapping[str, LedgerEntry] = {entry.path: entry for entry in (*first.put, *second.put)}
    gone = {*first.forget, *second.forget} - {entry.path for entry in second.put}
    return LedgerChange(tuple(entry for path, entry in put.items() if path not in gone), tuple(sorted(gone)))


def _is_mark(path: Path) -> bool:
    return len(path) == _MARK_LENGTH
