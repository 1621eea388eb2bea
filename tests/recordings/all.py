"""All recordings that are judged, whatever kind of device they are of, by the profile that read them."""

from typing import Any

from tests.recordings import chassis, ipmi, napalm_judging, pdus, redfish, san, snmp
from tests.recordings.judging import counts, judged, platforms


def outcomes() -> dict[str, list[Any]]:
    """Every case."""
    found: dict[str, list[Any]] = {name: judged(name) for name in platforms()}
    for kind in (snmp, pdus, chassis, ipmi, redfish, san):
        found |= kind.by_profile()
    return found


def committed(found: dict[str, list[Any]]) -> dict[str, dict[str, int]]:
    """The numbers that are committed."""
    return {name: counts(each) for name, each in found.items()} | napalm_judging.counts()
