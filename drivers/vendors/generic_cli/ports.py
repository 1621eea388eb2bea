"""Tables of ports: status, descriptions, switching. A row is a port; columns are found by what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from device_profiles.names import printable
from device_profiles.operation import StpState
from device_profiles.state import PortMode
from drivers.vendors.generic_cli import values
from drivers.vendors.generic_cli.findings import Findings, PortFinding, Switching
from drivers.vendors.generic_cli.index import Row
from drivers.vendors.generic_cli.names import Names, is_port
from drivers.vendors.generic_cli.words import PORT, Reading

_UP: Final = frozenset(
    {"up", "connected", "active", "a", "link-up", "linkup", "in service", "forward", "u", "running", "monitoring"}
)
_DOWN: Final = re.compile(
    r"(?i)\*?(.*down.*|not?[ -]?conn.*|disable[d]?|inactive|err-?dis.*|.*absen.*|suspend.*|adm|ready|r|d|np|l|no"
    r"|link-?down|none|not present|faulty|sfp.*|xcvr.*|noOperMem.*|channelDo.*|linkFlap.*|stby|invalid|out of service)"
)
_SHUT: Final = re.compile(r"(?i)(\*down.*|admin(istratively)?[ -]*(down|shut.*)|disabled?|adm|shutdown|d)(\s.*)?")
_YES: Final = frozenset({"up", "enable", "enabled", "en", "yes", "true", "on", "e", "ena", "in service"})
_NO: Final = frozenset({"down", "disable", "disabled", "dis", "no", "false", "off", "d", "adm", "out of service"})
_MODES: Final[Mapping[str, PortMode]] = {
    **dict.fromkeys(("access", "static access", "a", "untagged"), "access"),
    **dict.fromkeys(("trunk", "t", "native-untagged", "native-tagged", "tagged", "dual", "dual mode"), "trunk"),
}
_NO_MODES: Final = frozenset({"auto", "half", "full", "routed", "down", "up"})
_STP: Final[Mapping[str, StpState]] = {
    **dict.fromkeys(("forward", "forwarding", "fwd"), "forwarding"),
    **dict.fromkeys(("block", "blocking", "blocked", "blk"), "blocking"),
    **dict.fromkeys(("learn", "learning"), "learning"),
    **dict.fromkeys(("listen", "listening"), "listening"),
}
_MTUS: Final = range(576, 65536)
_CUT: Final = "..."
_IN_A_TRUNK: Final = re.compile(r"(?P<port>[A-Z]?[\d/]+)-(?P<lag>(?:Trk|Dyn)\d+)")
"""ProCurve writes a member of a trunk group as ``A24-Trk1``."""


def names_in(reading: Reading) -> list[str]:
    """The ports that a table names."""
    return [reading.text(row, PORT, "port") for row in reading.rows]


def note_ports(reading: Reading, found: Findings, names: Names) -> None:
    """Take over what a table says of ports."""
    for row in reading.rows:
        name = reading.text(row, PORT, "port")
        member = _IN_A_TRUNK.fullmatch(name)
        if member is not None:
            name = member["port"]
            found.lag(member["lag"]).members.setdefault(name, None)
        name = names.canonical(name)
        if not is_port(name):
            continue
        switched = found.port(name if member is None else member["lag"])
        _note_running(reading, row, found.port(name))
        _note_text(reading, row, found.port(name), found, name)
        _note_switching(reading, row, switched.switching)
        if switched.switching.partly:
            found.several.setdefault(reading.asked, {})[name] = None
    _note_bundles(reading, found, names)


def _note_running(reading: Reading, row: Row, port: PortFinding) -> None:
    state = reading.text(row, PORT, "state")
    up = _up(state)
    admin = reading.raw(row, PORT, "enabled").lower()
    enabled = True if admin in _YES else False if admin in _NO else None
    if enabled is None and state and _SHUT.fullmatch(state):
        enabled = False
    if enabled is None and up:
        enabled = True  # what is up was not shut
    reason = reading.text(row, PORT, "reason")
    port.note(
        enabled=enabled,
        up=up,
        reason=printable(reason or state) if up is False else None,
        speed=values.speed(reading.text(row, PORT, "speed")),
        duplex=values.duplex(reading.text(row, PORT, "duplex")),
        stp=_STP.get(reading.text(row, PORT, "stp").lower()),
    )


def _up(state: str) -> bool | None:
    word = state.lower()
    if word in _UP or word.startswith("up "):
        return True
    return False if _DOWN.fullmatch(word) else None


def _note_text(reading: Reading, row: Row, port: PortFinding, found: Findings, name: str) -> None:
    description = reading.text(row, PORT, "description").strip('"')
    if description.endswith(_CUT) or not reading.is_whole(description):
        found.cut[name] = None
        description = ""
    mtu = values.number(reading.text(row, PORT, "mtu"))
    guard = reading.text(row, PORT, "bpdu_guard").lower()
    port.note(
        description=printable(description, most=500) or None,
        mtu=mtu if mtu is not None and mtu in _MTUS else None,
        bpdu_guard=guard.startswith("enable") if guard else None,
    )


def _note_switching(reading: Reading, row: Row, switching: Switching) -> None:
    if reading.text(row, PORT, "switchport").lower().startswith(("disable", "off", "no")):
        switching.note(mode="other", words="routed")
    else:
        _note_mode(reading, row, switching)
        _note_tags(reading, row, switching)
        _note_tag_flag(reading, row, switching)


def _note_mode(reading: Reading, row: Row, switching: Switching) -> None:
    word = reading.text(row, PORT, "mode").lower()
    if not word or word in _NO_MODES or switching.mode is not None:
        return
    mode: PortMode = _MODES.get(word.removesuffix(" port"), "other")
    voice = values.vlan(reading.text(row, PORT, "voice").split(" ")[0])
    if voice is not None:
        mode, word = "other", f"{word}; voice VLAN {voice}"
    switching.note(
        mode=mode,
        words=printable(word),
        access=_first_vlan(reading.text(row, PORT, "access")),
        native=_first_vlan(reading.text(row, PORT, "native")),
        allowed=values.vlans(reading.texts(row, PORT, "allowed") or ("?",)) if mode == "trunk" else None,
    )
    switching.drops_untagged |= word == "native-tagged"


def _first_vlan(text: str) -> int | None:
    """The number of a VLAN that may have its name behind it (``1 (default)``)."""
    return values.vlan(text.partition("(")[0])


def _note_tags(reading: Reading, row: Row, switching: Switching) -> None:
    rules = reading.texts(row, PORT, "rules")
    if rules:
        for number, rule in zip(reading.texts(row, PORT, "members"), rules, strict=False):
            _add_tag(switching, number, tagged=rule.lower().startswith("t"))
    for meaning, tagged in (("tagged", True), ("untagged", False)):
        for word in reading.texts(row, PORT, meaning):
            if word.lower() == "multi":
                switching.partly = True
            _add_tag(switching, word, tagged=tagged)


def _add_tag(switching: Switching, text: str, *, tagged: bool) -> None:
    number = values.vlan(text)
    if number is not None:
        (switching.tagged if tagged else switching.untagged).add(number)


def _note_tag_flag(reading: Reading, row: Row, switching: Switching) -> None:
    """FastIron: a port is tagged or not, and its PVID is where untagged frames go; ``N/A`` where they are dropped."""
    flag = reading.raw(row, PORT, "tag_flag").lower()
    pvid = values.vlan(reading.text(row, PORT, "pvid"))
    if flag == "yes":
        switching.note(mode="trunk", native=pvid)
        switching.drops_untagged |= pvid is None
    elif flag == "no" and pvid is not None:
        switching.note(mode="access", access=pvid)


def _note_bundles(reading: Reading, found: Findings, names: Names) -> None:
    """Tables of ports that name the members of a LAG beside it (AOS-CX)."""
    for row in reading.rows:
        members = [names.canonical(text) for text in reading.texts(row, PORT, "lag_members") if text.strip()]
        if members:
            lag = found.lag(names.canonical(reading.text(row, PORT, "port")))
            for member in members:
                lag.members.setdefault(member, None)
