"""Typed changes of an array: all that there is to say of a volume or an export in one plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from device_profiles.documents import Allow
from device_profiles.paths import Path
from device_profiles.state import Export
from drivers.contract import Refusal
from drivers.storage.words import human

Kind = Literal["create", "grow", "shrink", "change", "remove"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeChange:
    """A volume is made, grown, shrunk or removed. Sizes in bytes; ``mapped`` is where it is shown now."""

    kind: Kind
    name: str
    pool: str = ""
    size: int = 0
    before: int | None = None
    mapped: tuple[tuple[str, int], ...] = ()
    paths: tuple[Path, ...] = ()
    needs: tuple[Allow, ...] = ()
    refused: Refusal | None = None

    @property
    def text(self) -> str:
        """The change as a sentence."""
        if self.kind == "remove":
            return f"volume {self.name}: remove, with all that is on it"
        if self.kind == "create":
            return f"volume {self.name}: {human(self.size)} in pool {self.pool}"
        return f"volume {self.name}: {self.kind} from {human(self.before)} to {human(self.size)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportChange:
    """An export is made, changed or removed; its mask and its LUNs together. ``before`` and ``after`` are whole."""

    kind: Kind
    name: str
    before: Export
    after: Export
    paths: tuple[Path, ...] = ()
    creates: tuple[Path, ...] = ()
    removes: tuple[Path, ...] = ()
    live: bool = False
    """Whether somebody is logged in there."""
    needs: tuple[Allow, ...] = ()
    refused: Refusal | None = None

    @property
    def new_initiators(self) -> tuple[str, ...]:
        """Initiators that join."""
        return tuple(each for each in self.after.initiators or () if each not in (self.before.initiators or ()))

    @property
    def gone_initiators(self) -> tuple[str, ...]:
        """Initiators that leave."""
        return tuple(each for each in self.before.initiators or () if each not in (self.after.initiators or ()))

    @property
    def new_luns(self) -> Mapping[int, str]:
        """LUNs that are added, or that show another volume than before."""
        return _beyond(self.after, self.before)

    @property
    def gone_luns(self) -> Mapping[int, str]:
        """LUNs that are taken away, or that show another volume afterwards."""
        return _beyond(self.before, self.after)

    @property
    def text(self) -> str:
        """The change as a sentence."""
        if self.kind == "remove":
            return f"export {self.name}: remove"
        words = [f"{'+' if new else '-'}{name}" for new, names in self._initiators() for name in names]
        words += [f"-lun {number}={name}" for number, name in self.gone_luns.items()]
        words += [f"+lun {number}={name}" for number, name in self.new_luns.items()]
        made = "make" if self.kind == "create" else "change"
        return f"export {self.name}: {', '.join(words) or made}"

    def _initiators(self) -> tuple[tuple[bool, tuple[str, ...]], ...]:
        return (False, self.gone_initiators), (True, self.new_initiators)


def _beyond(one: Export, other: Export) -> Mapping[int, str]:
    known = other.luns or {}
    return {number: name for number, name in sorted((one.luns or {}).items()) if known.get(number) != name}


ArrayChange: TypeAlias = VolumeChange | ExportChange
