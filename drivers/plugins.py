"""Drivers, profiles and twins out of a folder, for who does not want to make a Python distribution of them.

``POINTSMAN_PLUGINS`` holds folders (joined as in PATH). A folder holds ``<profile>.toml``, ``<driver>.py`` with
``DRIVER`` in it, and ``<driver>_twin.py`` with ``subject``. Its code runs as ours does: whoever may write there may
do what the agent may.
"""

from __future__ import annotations

import functools
import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Final

VARIABLE: Final = "POINTSMAN_PLUGINS"
"""The same folders as :mod:`device_profiles.catalogue` looks into for profiles."""


def folders() -> tuple[Path, ...]:
    """The folders of plug-ins, in the order in which they are looked into."""
    return tuple(Path(text) for text in os.environ.get(VARIABLE, "").split(os.pathsep) if text)


def module(name: str) -> ModuleType | None:
    """The module ``name`` out of the first folder that has it; None where none has. Loaded once."""
    for folder in folders():
        file = folder / f"{name}.py"
        if name.isidentifier() and file.is_file():
            return _load(file.resolve())
    return None


def names() -> tuple[str, ...]:
    """The names of all modules in the folders."""
    return tuple(sorted({file.stem for folder in folders() for file in folder.glob("*.py")}))


@functools.cache
def _load(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"pointsman_plugins.{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} cannot be imported")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made
