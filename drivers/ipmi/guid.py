"""A controller's GUID as a UUID. Its bytes stand in one of three orders, and controllers do not say in which.

The specification (IPMI v2.0, section 20.8) sends a UUID backwards; SMBIOS, whose UUID most controllers give, has the
first three fields backwards; and some send it as it is written (RFC 4122). Where nobody says which, the first order is
taken that makes a UUID of a known version, in the order of how common they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from uuid import RFC_4122, UUID

_DECODE: Final[Mapping[str, Callable[[bytes], UUID]]] = {
    "smbios": lambda guid: UUID(bytes_le=guid),
    "rfc4122": lambda guid: UUID(bytes=guid),
    "ipmi": lambda guid: UUID(bytes=guid[::-1]),
}
ORDERS: Final = frozenset(_DECODE)
_VERSIONS: Final = frozenset(range(1, 6))
_SIZE: Final = 16


def uuid_of(guid: bytes, order: str = "") -> str:
    """The UUID, lower case with dashes; an empty text where the controller has none."""
    if len(guid) != _SIZE or not any(guid) or not any(byte ^ 0xFF for byte in guid):
        return ""
    if order:
        return str(_DECODE[order](guid))
    found = [decode(guid) for decode in _DECODE.values()]
    fitting = (each for each in found if each.variant == RFC_4122 and each.version in _VERSIONS)
    return str(next(fitting, UUID(bytes=guid)))


def bytes_of(uuid: str, order: str = "") -> tuple[bytes, ...]:
    """The GUIDs that are this UUID in some order; none where it is no UUID."""
    try:
        wanted = UUID(uuid)
    except ValueError:
        return ()
    made = {"smbios": wanted.bytes_le, "rfc4122": wanted.bytes, "ipmi": wanted.bytes[::-1]}
    return tuple(dict.fromkeys(guid for name, guid in made.items() if order in ("", name)))
