"""Actions that resources offer, and which values they take (DSP0266, section 7.5.2).

The values stand beside the action (``ResetType@Redfish.AllowableValues``), or in a resource of their own
(``@Redfish.ActionInfo``). Where they stand nowhere, everything may be tried, and the device's refusal is the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from drivers.errors import Garbled
from drivers.redfish.documents import at, objects, reference, text
from drivers.rest.messages import path_of
from drivers.rest.session import Document

ALLOWED: Final = "@Redfish.AllowableValues"
INFO: Final = "@Redfish.ActionInfo"


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a resource. ``allowed``: the values of its parameter; empty where nothing says which."""

    target: str
    parameter: str
    allowed: tuple[str, ...] = ()

    def first_of(self, wanted: Sequence[str]) -> str:
        """The first of several values that the action takes; an empty text where it takes none of them."""
        if not self.allowed:
            return wanted[0] if wanted else ""
        return next((value for value in wanted if value in self.allowed), "")


def info_path(document: Document, name: str) -> str:
    """Where the values of an action stand, where they do not stand beside it."""
    action = at(document, "Actions", name)
    value = at(action, INFO)
    return reference({"@odata.id": value} if isinstance(value, str) else value)


def action_of(document: Document, name: str, parameter: str, info: Document | None = None) -> Action | None:
    """The action ``name`` (``#ComputerSystem.Reset``); None where the resource offers none. ``info``: its values."""
    offered = at(document, "Actions", name)
    target = text(offered, "target")
    if not isinstance(offered, Mapping) or not target:
        return None
    try:
        place = path_of(target)
    except Garbled:
        return None
    return Action(place, parameter, _values(at(offered, parameter + ALLOWED)) or _told(info, parameter))


def _told(info: Document | None, parameter: str) -> tuple[str, ...]:
    for each in objects(info, "Parameters"):
        if text(each, "Name") == parameter:
            return _values(at(each, "AllowableValues"))
    return ()


def _values(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def allowed_values(document: Document | None, *keys: str) -> tuple[str, ...]:
    """The values that a property takes; empty where nothing says which."""
    *way, name = keys
    return _values(at(document, *way, name + ALLOWED))
