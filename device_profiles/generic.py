"""Profiles made at run time: one for every platform that ntc-templates knows and no file describes.

All that is known of such a platform is what its tables look like. So its command line is described by what most command
lines have in common, and its driver only reads. A profile in a file takes the place of the one made here.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Final

from device_profiles.cli import Cli, LoginPrompts, Mode, OpenCommand, Pager
from device_profiles.profile import PortNames, Profile

_TABLES: Final = re.compile(r"_(vlans?|mac|fdb|lldp|switchport|interfaces?|ports?)([_-]|\.textfsm|$)")
"""What a template's name has in it where the platform has ports of any kind."""
_OTHERS: Final = frozenset(
    {"linux", "vmware_nsxv", "checkpoint_gaia", "watchguard_firebox", "cisco_apic", "cisco_wlc_ssh"}
)
"""Platforms of ntc-templates that are no switch, router or firewall with a command line of its own."""

_PROMPT: Final = (
    r"[\[<(*]{0,2}(?:[\w.-]+@)?{host}[\])]?(?:\([^()\r\n]*\))?(?::?[~/][\w/~.-]*)? ?[>#$%\]]{1,2}|[-=]+>|[#$]"
)
NEUTRAL: Final = Cli(
    modes=(Mode(name="exec", prompt=_PROMPT),),
    host=r"[\w.+-]+(?: [\w.+-]+)*",
    open=(OpenCommand(send="terminal length 0", may_fail=True),),
    pager=Pager(
        prompt=r"(?i)[ -]*\(?(more|next page|press any key|press <space>|quit)\b.*|.*--more--.*|lines? \d+-\d+.*"
    ),
    failures=(
        r"\s*\^\s*$",
        r"%",
        r"(?i:.{0,40}(invalid|incomplete|ambiguous|unrecognized|unknown) (input|command|parameter|keyword|action))",
        r"(?i:(error:|syntax error|bad command|command (not found|fail)|no such command|not a valid command))",
    ),
    # Junos tells with each prompt which of its routing engines answers.
    noise=(r"\{(?:master|backup|linecard|primary|secondary)\b",),
    login=LoginPrompts(user=r"(?i)(.* )?(user ?name|login|user) ?: ?"),
)
"""What most command lines have in common: enough to ask one what it is."""
_PORT_NAMES: Final[Mapping[str, PortNames]] = {
    "juniper_junos": PortNames(rules=((r"((?:fe|ge|mge|xe|et)-\d+/\d+/\d+|ae\d+)\.0\*?", r"\1"),)),
}


_SAME: Final = (
    *("alcatel_sros", "allied_telesis_awplus", "aruba_os", "aruba_procurve", "avaya_ers", "brocade_netiron"),
    *("ciena_saos", "cisco_asa", "cisco_viptela", "cisco_xr", "eltex", "fortinet", "fsas_sir", "huawei_ont"),
    *("huawei_smartax", "ipinfusion_ocnos", "oneaccess_oneos", "paloalto_panos", "ruckus_fastiron"),
    *("ubiquiti_edgerouter", "vyos", "zte_zxros"),
)
NETMIKO: Final[Mapping[str, str]] = {**{name: name for name in _SAME}, "extreme_slxos": "extreme_slx"}
"""What netmiko calls the platforms that it knows how to speak to; the others are spoken to as :data:`NEUTRAL` says."""


@functools.cache
def generic_profiles() -> Mapping[str, Profile]:
    """The profiles by name; none where ntc-templates is not installed."""
    found = importlib.util.find_spec("ntc_templates")
    if found is None or not found.submodule_search_locations:
        return {}
    index = File(found.submodule_search_locations[0]) / "templates" / "index"
    return {name: generic_profile(name) for name in sorted(set(_platforms(index.read_text(encoding="utf-8"))))}


def _platforms(index: str) -> Iterator[str]:
    for line in index.splitlines():
        parts = [part.strip() for part in line.split(",", 3)]
        if not line.startswith("#") and len(parts) == 4 and _TABLES.search(parts[0]) and parts[2] not in _OTHERS:
            yield from names_of(parts[2])


def names_of(pattern: str) -> tuple[str, ...]:
    """The platforms of one pattern of the index: ``(hp|aruba)_procurve`` are two, ``.*vyos.*`` is ``vyos``."""
    match = re.fullmatch(r"(\w*)\((\w+(?:\|\w+)+)\)(\w*)", pattern)
    if match is None:
        return (pattern.replace(".*", ""),)
    return tuple(f"{match[1]}{word}{match[3]}" for word in match[2].split("|"))


def generic_profile(platform: str) -> Profile:
    """A profile that reads a platform of ntc-templates."""
    vendor, _, system = platform.partition("_")
    return Profile(
        name=platform,
        title=f"{vendor} {system}".strip(),
        vendor=vendor,
        kind="switch",
        driver="generic_cli",
        capabilities=("operation", "facts", "neighbours", "fdb"),
        persistence="none",
        identity=("serial", "ssh_host_key"),
        cli=NEUTRAL,
        port_names=_PORT_NAMES.get(platform, PortNames()),
        quirks={"platform": platform, "netmiko": NETMIKO.get(platform, "")},
    )
