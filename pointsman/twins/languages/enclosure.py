"""A blade enclosure as its controller sees it: slots, blades that are switched, and how they take it.

An operating system that is asked to shut down does so after a few looks, or never where it ``hangs``; power that is
switched shows a look later, as a controller's does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_LOOKS: dict[str, int] = {"soft": 3, "hard": 1, "on": 1}


@dataclass(slots=True)
class TwinBlade:
    """A blade. ``boots``: the devices it has booted from; ``stuck``: its controller takes commands and does nothing."""

    serial: str
    mac: str
    on: bool = True
    hangs: bool = False
    stuck: bool = False
    once: str = ""
    boots: list[str] = field(default_factory=list)
    _coming: tuple[bool, int] | None = None

    def tell(self, word: str) -> None:
        """Do ``on``, ``soft`` or ``hard``; it shows after a few looks."""
        wanted = word == "on"
        if self.stuck or (word == "soft" and self.hangs):
            return
        self._coming = (wanted, _LOOKS[word]) if wanted != self.on else None

    def look(self) -> bool:
        """Whether it is on, for whoever looks now."""
        if self._coming is not None:
            wanted, looks = self._coming
            self._coming = (wanted, looks - 1) if looks > 1 else None
            if looks <= 1:
                self.on = wanted
                if wanted:
                    self.boots.append(self.once or "disk")
                    self.once = ""
        return self.on


@dataclass(slots=True)
class TwinEnclosure:
    """An enclosure of eight slots, of which three hold blades. ``writes`` are the commands that changed something."""

    name: str = "enc1"
    serial: str = "TWIN-ENC-1"
    slots: dict[str, TwinBlade | None] = field(default_factory=dict)
    writes: int = 0

    def __post_init__(self) -> None:
        for number in range(1, 9):
            blade = TwinBlade(f"TWINB{number}", f"02:00:00:00:0b:0{number}") if number in {1, 2, 4} else None
            self.slots.setdefault(str(number), blade)

    def tell(self, slot: str, word: str) -> bool:
        """Switch a slot; False where it holds nothing."""
        blade = self.slots.get(slot)
        if blade is None:
            return False
        self.writes += 1
        blade.tell(word)
        return True

    def boot_once(self, slot: str, device: str) -> bool:
        """Set what the next boot is from; False where the slot holds nothing."""
        blade = self.slots.get(slot)
        if blade is None:
            return False
        self.writes += 1
        blade.once = "" if device == "none" else device
        return True
