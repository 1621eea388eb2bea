"""Whether a device is the one that was declared, by what its facts show (semantics, section 5).

The SSH host key is looked at by the transport, before anything is sent. What a device says of itself (serial number,
UUID) is looked at here, after the connection is open and before its configuration is read or written. Only what the
profile counts as identity is looked at.
"""

from __future__ import annotations

from typing import Final

from device_profiles.documents import Identity
from device_profiles.facts import Facts, pick
from device_profiles.names import printable
from device_profiles.profile import Profile

_SHOWN_AT: Final = {"serial": "dmi.system.serial_number", "uuid": "dmi.system.uuid"}


def declared_words(identity: Identity, profile: Profile) -> dict[str, str]:
    """What was declared, and can be looked up in facts: kind to value."""
    found = {kind: getattr(identity, kind) for kind in _SHOWN_AT if kind in profile.identity}
    return {kind: value for kind, value in found.items() if value}


def difference(declared: dict[str, str], facts: Facts) -> str:
    """A sentence that says what the device shows instead; empty where it shows what was declared."""
    for kind, expected in declared.items():
        try:
            shown = str(pick(facts, _SHOWN_AT[kind]))
        except KeyError:
            return f"the device shows no {kind}, and shall show {expected}: correct the node's identity"
        if shown.strip().lower() != expected.strip().lower():
            return f"the device shows the {kind} {printable(shown)}, and shall show {expected}"
    return ""
