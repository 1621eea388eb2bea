"""Which driver a profile names. Vendors are found by file name; third parties add theirs as entry points.

The entry point group is ``pointsman.drivers``: name of the driver to its class. Folders of plug-ins (see
:mod:`drivers.plugins`) are looked into as well.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import Final

import drivers.vendors
from device_profiles.installed import entry_points
from device_profiles.profile import Profile
from drivers import plugins
from drivers.contract import Connection, Driver
from drivers.errors import Unsupported

ENTRY_POINTS: Final = "pointsman.drivers"


def driver_names() -> tuple[str, ...]:
    """The names of all drivers that are installed."""
    own = {module.name for module in pkgutil.iter_modules(drivers.vendors.__path__)}
    others = {entry.name for entry in entry_points(ENTRY_POINTS)}
    return tuple(sorted(own | others | {name for name in plugins.names() if hasattr(plugins.module(name), "DRIVER")}))


def driver_class(name: str) -> type[Driver]:
    """The class of a driver. Raises :class:`~drivers.errors.Unsupported` where there is none of that name."""
    plugged: type[Driver] | None = getattr(plugins.module(name), "DRIVER", None)
    return plugged or _installed(name)


@functools.cache
def _installed(name: str) -> type[Driver]:
    for entry in entry_points(ENTRY_POINTS):
        if entry.name == name:
            loaded: type[Driver] = entry.load()
            return loaded
    if name not in {module.name for module in pkgutil.iter_modules(drivers.vendors.__path__)}:
        raise Unsupported(f"there is no driver {name!r} here: install it beside this agent, or use another profile")
    found: type[Driver] = importlib.import_module(f"drivers.vendors.{name}").DRIVER
    return found


def make_driver(connection: Connection, profile: Profile) -> Driver:
    """A driver for a profile over an open connection. Raises ``Unsupported``."""
    return driver_class(profile.driver)(connection, profile)
