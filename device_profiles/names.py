"""Names and texts that may reach a device or come from one: allow-lists, never deny-lists.

Whatever a user writes ends up, sooner or later, on a command line of a device. So each kind of name is a pattern
of what is known to be harmless on every CLI (no quote, blank at an end, control character, ``;``, ``$``, backslash,
``?``, ``!``), and drivers quote it all the same. Lengths are those of the strictest device met so far.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, Strict, ValidationInfo
from pydantic.fields import FieldInfo

NODE_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
OBJECT_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
PORT_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9/._:-]{0,62}$"
VLAN_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
DEVICE_OBJECT_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
INITIATOR_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9.:_-]{0,222}$"
DESCRIPTION: Final = (
    r"^[A-Za-z0-9._:/@#()+,=*\[\]-]([A-Za-z0-9 ._:/@#()+,=*\[\]-]{0,198}[A-Za-z0-9._:/@#()+,=*\[\]-])?$"
)
MAC_ADDRESS: Final = r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$"
CABLE_END: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}/[A-Za-z0-9][A-Za-z0-9/._:-]{0,62}$"
HOST_NAME: Final = r"^[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
USER_NAME: Final = r"^[A-Za-z][A-Za-z0-9._-]{0,30}$"
PASSWORD: Final = r"^[A-Za-z0-9._:/@#()+,=*\[\]-]{8,64}$"  # noqa: S105 -- a pattern
LABEL: Final = r"^[A-Za-z0-9]([A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$"
CREDENTIAL_REFERENCE: Final = (
    r"^(env:POINTSMAN_SECRET_[A-Z0-9_]{1,100}|file:[A-Za-z0-9][A-Za-z0-9._-]{0,100}"
    r"|keyring:[A-Za-z0-9][A-Za-z0-9._/-]{0,100}|vault:[A-Za-z0-9][A-Za-z0-9._/-]{0,200}(#[A-Za-z0-9_-]{1,60})?)$"
)

OBSERVED: Final = "observed"
"""Validation context for what a device showed: any text, made safe to show; declarations need the pattern."""

_LONGEST_OBSERVED: Final = 500


def _checked(pattern: str) -> tuple[Strict, AfterValidator, FieldInfo]:
    """The annotations of a text that must match ``pattern`` when it is declared."""
    allowed = re.compile(pattern.removesuffix("$") + r"\Z")

    def check(text: str, info: ValidationInfo) -> str:
        if info.context == OBSERVED:
            return printable(text, most=_LONGEST_OBSERVED)
        if not allowed.match(text):
            raise ValueError(f"only letters, digits and a few marks are allowed here ({pattern})")
        return text

    return Strict(), AfterValidator(check), Field(json_schema_extra={"pattern": pattern})


NodeName = Annotated[str, *_checked(NODE_NAME)]
ObjectName = Annotated[str, *_checked(OBJECT_NAME)]
PortName = Annotated[str, *_checked(PORT_NAME)]
VlanName = Annotated[str, *_checked(VLAN_NAME)]
DeviceObjectName = Annotated[str, *_checked(DEVICE_OBJECT_NAME)]
InitiatorName = Annotated[str, *_checked(INITIATOR_NAME)]
Description = Annotated[str, *_checked(DESCRIPTION)]
Label = Annotated[str, *_checked(LABEL)]
MacAddress = Annotated[str, *_checked(MAC_ADDRESS)]
CableEnd = Annotated[str, *_checked(CABLE_END)]
CredentialReference = Annotated[str, *_checked(CREDENTIAL_REFERENCE)]


def printable(text: str, *, most: int = 200) -> str:
    """Text from the wire, made safe to show: control characters escaped, cut to ``most`` characters."""
    if len(text) <= most and text.isprintable():
        return text
    safe = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[: most + 1])
    return safe if len(safe) <= most else safe[: most - 1] + "…"
