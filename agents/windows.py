"""Steps with an impact wait until their node's window opens; those without go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from agents.findings import Finding
from agents.guard import Scene, reach
from device_profiles.paths import render_path
from device_profiles.windows import Window
from drivers.contract import Step

WAITING_FOR_WINDOW = "WaitingForWindow"


@dataclass(frozen=True, slots=True)
class Shut:
    """Holds back steps of the window's impacts while it is shut; a pass that began in time goes on to its end."""

    window: Window
    now: datetime

    def objection(self, step: Step, scene: Scene) -> Finding | None:
        """See :class:`agents.guard.Guard`."""
        del scene
        if step.impact not in self.window.impacts or self.window.is_open(self.now):
            return None
        path = render_path(next(iter(reach(step)), ("desired",)))
        opens = self.window.next_opening(self.now).isoformat(timespec="minutes")
        message = f"'{step.text}' ({step.impact}) waits for the window, which opens at {opens}"
        return Finding(path, WAITING_FOR_WINDOW, message)

    @property
    def opens_at(self) -> datetime:
        """The next opening, UTC."""
        return self.window.next_opening(self.now).astimezone(UTC)
