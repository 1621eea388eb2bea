"""Twins as subjects of the conformance suite: one module for each driver that has a twin, named after the driver.

A module has ``subject``, a function from a profile to an asynchronous context manager of a
:class:`~drivers.conformance.Subject`; each has a device of its own. Third parties add theirs as entry points (group
``pointsman.subjects``, the driver's name) or as ``<driver>_twin.py`` in a folder of plug-ins.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from device_profiles.installed import entry_points
from device_profiles.profile import Profile
from drivers import plugins
from drivers.conformance import Subject

ENTRY_POINTS: Final = "pointsman.subjects"

Factory = Callable[[Profile], AbstractAsyncContextManager[Subject]]


def factory(driver: str) -> Factory | None:
    """What makes subjects of the twin of ``driver``; None where it has no twin."""
    found: Any = plugins.module(f"{driver}_twin")
    if found is None:
        found = next((entry.load() for entry in entry_points(ENTRY_POINTS) if entry.name == driver), None)
    if found is None and driver in {module.name for module in pkgutil.iter_modules(__path__)}:
        found = importlib.import_module(f"{__name__}.{driver}")
    made: Factory | None = getattr(found, "subject", found)
    return made
