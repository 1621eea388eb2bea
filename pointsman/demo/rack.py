"""The document of the demo's rack, where it lies in a checkout and where it lies in an installed wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pointsman.origin import HOME
from pointsman.problems import PointsmanError

NAME: Final = "rack.yaml"
_PLACES: Final = (HOME / "deploy" / "lab", HOME / "pointsman" / "data" / "lab")


def rack_document(places: tuple[Path, ...] = _PLACES) -> Path:
    """The file that declares the rack. Raises PointsmanError where the installation lacks it."""
    for place in places:
        if (place / NAME).is_file():
            return place / NAME
    raise PointsmanError(f"{NAME} is missing from {places[-1]}: install pointsman again")
