"""The section ``[redfish]`` of a profile: what tells that a service is one of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Le
from pydantic import ConfigDict

from device_profiles.patterns import Pattern
from device_profiles.state import STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class RedfishSign:
    """Something that a service shows: the value ``at`` a pointer is there, and ``shows`` is in it.

    A pointer begins with the name of a resource: ``root``, or the first ``manager``, ``system``, ``chassis``, ``pdu``,
    ``outlet``, ``storage`` or ``pool`` (``root/Vendor``, ``manager/Oem/Supermicro``). Of an object its keys are what is
    shown. ``unless`` is a pointer to what relatives have.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    at: str
    shows: Pattern = ""
    unless: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redfish:
    """Any one of ``signs`` suffices. Of several profiles that fit, those of the highest ``rank`` do."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    signs: tuple[RedfishSign, ...] = ()
    rank: Annotated[int, Ge(0), Le(9)] = 5
