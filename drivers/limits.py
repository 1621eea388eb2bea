"""What may not become a step: what the device was not declared to do, and names that a command line could take amiss.

Every driver's plan passes its edits through :func:`check`. Declarations were checked when they were made; this is the
last place before a device's command line, and it trusts nobody. Only what changes is looked at, so that a plan for a
device that is as it shall be costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

from device_profiles import names
from device_profiles.names import printable
from device_profiles.paths import render_path
from drivers.errors import Unsupported
from drivers.planning import Edit


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removesuffix("$") + r"\Z")


_KEYS: Final = {
    "vlans": _whole(r"^\d{1,4}$"),
    "ports": _whole(names.PORT_NAME),
    "lags": _whole(names.PORT_NAME),
    **dict.fromkeys(("outlets", "slots", "volumes", "exports"), _whole(names.DEVICE_OBJECT_NAME)),
}
_TEXTS: Final = {
    "vlans.name": _whole(names.VLAN_NAME),
    "ports.description": _whole(names.DESCRIPTION),
    "lags.members": _whole(names.PORT_NAME),
    "outlets.name": _whole(names.DESCRIPTION),
    "volumes.pool": _whole(names.DEVICE_OBJECT_NAME),
    "exports.initiators": _whole(names.INITIATOR_NAME),
    "exports.luns": _whole(names.DEVICE_OBJECT_NAME),
}
_WORD: Final = _whole(r"^[a-z_]{1,20}$")
"""Values of enumerations."""


def check(edits: Iterable[Edit], *, capabilities: Collection[str], implicit: Collection[str] = ()) -> tuple[Edit, ...]:
    """The edits. Raises :class:`~drivers.errors.Unsupported`, naming the leaf, where one may not become a step."""
    found = tuple(edits)
    for edit in found:
        _check(edit, capabilities, implicit)
    return found


def _check(edit: Edit, capabilities: Collection[str], implicit: Collection[str]) -> None:
    if not _KEYS[edit.section].match(edit.key):
        raise Unsupported(f"{edit.section}: the name '{printable(edit.key, most=40)}' is never sent to a device")
    for change in edit.changes:
        shape = ".".join((edit.section, *change.path[2:]))
        if shape not in capabilities and shape not in implicit:
            raise Unsupported(f"{render_path(change.path)} is declared, and the device has nothing for it")
        for text in _texts(change.after):
            if not _TEXTS.get(shape, _WORD).match(text):
                shown = printable(text, most=40)
                raise Unsupported(f"{render_path(change.path)}: the text '{shown}' is never sent to a device")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        yield from (item for item in value if isinstance(item, str))
    elif isinstance(value, dict):
        yield from value.values()
