"""Which device is the right one: what was declared, else what the first contact showed (semantics, section 5).

An identity is a set of members: serial numbers of all stack members, base MAC, UUID, and what the transport proves (SSH
host key, SNMP engine id). The profile says which count. What a manufacturer left unset never does: a hundred boards
show it. The transport finds a mismatch before a secret is sent; what a device says of itself is looked at after the
connection is open, and before its configuration is read or written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from device_profiles.facts import Facts, pick
from device_profiles.names import printable
from device_profiles.profile import Profile

Members = Mapping[str, str]
"""Kind to value; several serial numbers are separated by blanks."""

LINE: Final = "line"
"""Which line a device is on: it counts only where the profile says that the device shows nothing else."""
CONTROLLER: Final = "controller"
"""Who serves a line over LAN: not the device, but what is told the secret that opens its line."""
PROVED_BY: Final = {
    **dict.fromkeys(("ssh", "netconf"), "ssh_host_key"),
    "snmpv3": "engine_id",
    "ipmi": "uuid",
    **dict.fromkeys(("https", "redfish+https"), "tls_certificate"),
    **dict.fromkeys(("serial", "rfc2217", "tcp", "telnet"), LINE),
    **dict.fromkeys(("sol+ipmi", "sol+redfish+https", "sol+redfish+http", "line+ssh"), CONTROLLER),
}
"""What the transport of each scheme proves about the far end."""
_SHOWN_AT: Final = {"base_mac": ("macaddress", "chassis.base_mac"), "uuid": ("dmi.system.uuid",)}
FACT_KINDS: Final = frozenset({"serial", *_SHOWN_AT})
"""The members that facts can show."""
_SERIALS: Final = ("dmi.system.serial_number", "dmi.chassis.serial_number")
_LIKE_ALL_OTHERS: Final = re.compile(
    r"tobefilled.*|default(string)?|(system|chassis)?serial(number|no)?|not(specified|available|applicable)|none|null"
    r"|n/?a|unknown|invalid|undefined|empty|(?P<each>.)(?P=each)*|0?123456789\w*|[0f:.-]+"
    r"|03000200-0400-0500-0006-000700080009",
    re.IGNORECASE,
)
"""What is no member, blanks left out. The last is the UUID that AMI's firmware has until somebody sets one."""


def proved_by(scheme: str, profile: Profile) -> str:
    """The member that a transport proves of a device; empty where it proves none that counts."""
    kind = PROVED_BY.get(scheme, "")
    return "" if kind == LINE and LINE not in profile.identity else kind


def shown(facts: Facts, profile: Profile) -> dict[str, str]:
    """The members that facts hold, as far as the profile counts them and they are a device's own."""
    found = {}
    serials = dict.fromkeys(filter(_is_own, _serials(facts)))
    if serials and "serial" in profile.identity:
        found["serial"] = " ".join(serials)
    for kind, places in _SHOWN_AT.items():
        value = next((text for place in places if _is_own(text := _text(facts, place))), "")
        if value and kind in profile.identity:
            found[kind] = value.lower()
    return found


def difference(known: Members, found: Members) -> str:
    """A sentence that says what the device shows instead; empty where it is the one that is known.

    One known serial number suffices for a stack, and then its base MAC may be another: that of the new master.
    """
    matched = {kind for kind in known if kind in found and _words(known[kind]) & _words(found[kind])}
    for kind, value in known.items():
        if kind in found and kind not in matched and not (kind == "base_mac" and "serial" in matched):
            return f"the device shows the {kind} {printable(found[kind])}, and shall show {value}"
    missing = [kind for kind in known if kind not in found]
    if missing and not matched:
        kind = missing[0]
        return f"the device shows no {kind}, and shall show {known[kind]}: correct the node's identity"
    return ""


def _words(value: str) -> set[str]:
    return {word.strip(",").lower() for word in value.split()}


def _serials(facts: Facts) -> Iterator[str]:
    for place in _SERIALS:
        yield _text(facts, place)
    try:
        members: Any = pick(facts, "chassis.members")
    except KeyError:
        return
    for member in members if isinstance(members, list) else ():
        if isinstance(member, Mapping):
            yield "".join(str(member.get("serial_number", "")).split())


def _text(facts: Facts, place: str) -> str:
    try:
        return "".join(str(pick(facts, place)).split())
    except KeyError:
        return ""


def _is_own(text: str) -> bool:
    return bool(text) and _LIKE_ALL_OTHERS.fullmatch(text) is None
