"""Whose packages these are: the four names that Pointsman imports must lie beside this one.

`agents` and `drivers` are common words. Another distribution in the same environment (or a folder in the directory
where the command was started) can own one of them, and Python then silently takes whichever it finds first. So the
first act of the program is to look where each name would be imported from, without importing it.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Final

PACKAGES: Final = ("agents", "drivers", "device_profiles", "proxy_service")
HOME: Final = Path(__file__).resolve().parent.parent
"""The folder that holds all five packages: the checkout, or the environment's site-packages."""


def foreign_packages(
    home: Path = HOME, *, find: Callable[[str], ModuleSpec | None] = importlib.util.find_spec
) -> list[str]:
    """One sentence for each package that does not lie in ``home``; empty when all are ours."""
    sentences = []
    for name in PACKAGES:
        folder = _folder_of(find(name))
        if folder is None:
            sentences.append(f"the package {name!r} is missing from {home}: install pointsman again")
        elif folder.parent != home:
            sentences.append(
                f"the package {name!r} in this environment is somebody else's ({folder}), not the one of {home}: "
                f"install pointsman in an environment of its own"
            )
    return sentences


def foreign_now() -> str | None:
    """The sentence with which this program refuses to start, or None."""
    sentences = foreign_packages()
    return f"{sentences[0]} (Python is {sys.executable})" if sentences else None


def _folder_of(spec: ModuleSpec | None) -> Path | None:
    if spec is None:
        return None
    if spec.origin is not None:
        return Path(spec.origin).resolve().parent
    places = list(spec.submodule_search_locations or ())
    return Path(places[0]).resolve() if places else None
