"""Whole sites of SNMP recordings: every device probed, put into the graph by the service's own code, and compared.

The goldens are the adjacencies that another engine made of the same walks (netdata, against OpenNMS's assertions). A
site's recall is the share of them that the graph has; its precision the share of the graph's that they have. Ports and
names are compared in one spelling; why the rest differs, and who is right, stands in `SITE_DEVIATIONS`.
"""

import asyncio
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from device_profiles.catalogue import all_profiles
from device_profiles.documents import Identity
from drivers.snmp.playing import play
from pointsman.probe.detection import detect_managed
from pointsman.probe.reading import Findings, examine
from proxy_service.graph.marks import facts_known, mac_of, node_known
from proxy_service.graph.resolving import NODE, Directory, Owner, resolve
from tests.recordings.shared_data import FOLDER

SITES = FOLDER / "snmp" / "topology"

Adjacency = tuple[str, str, str, str, str]
"""Protocol, our device and port, their device and port."""


@dataclass
class SiteOutcome:
    """What was expected of a site, and what was found."""

    name: str
    expected: set[Adjacency]
    found: set[Adjacency] = field(default_factory=set)
    managed: set[Adjacency] = field(default_factory=set)
    """Those found whose far end is one of the site's own devices."""

    @property
    def missing(self) -> set[Adjacency]:
        return self.expected - self.found

    @property
    def surplus(self) -> set[Adjacency]:
        return self.found - self.expected

    @property
    def recall(self) -> float:
        return len(self.expected & self.found) / len(self.expected) if self.expected else 1.0

    @property
    def precision(self) -> float:
        return len(self.expected & self.found) / len(self.found) if self.found else 1.0

    @property
    def reason(self) -> str:
        known = SITE_DEVIATIONS.get(self.name)
        same = known is not None and known[:2] == (len(self.missing), len(self.surplus))
        return known[2] if known is not None and same else ""

    @property
    def explained(self) -> bool:
        return not (self.missing or self.surplus) or bool(self.reason)


SITE_DEVIATIONS: dict[str, tuple[int, int, str]] = {
    "nms13637": (
        10,
        10,
        (
            "RouterOS numbers no local port in LLDP-MIB, so the goldens have port 0: its own MIB says that all are at "
            "ether1, as sw01-office hears it at the other end, too"
        ),
    ),
    "nms7563": (
        1,
        1,
        (
            "switch02 tells the homeserver by the MAC of its interface, which the goldens take for its name: the "
            "homeserver's own facts say that it is its own"
        ),
    ),
}
"""How many of the goldens we lack, how many we have beside, and why."""


@cache
def judged() -> list[SiteOutcome]:
    """All sites."""
    return [asyncio.run(_judge(folder)) for folder in sorted(SITES.iterdir()) if folder.is_dir()]


async def _judge(folder: Path) -> SiteOutcome:
    devices = devices_of(folder)
    found = {device: await _probed(file) for device, file in devices.items()}
    outcome = SiteOutcome(folder.name, set(expected_of(folder)))
    directory = directory_of(found)
    for device, (_, findings) in found.items():
        for seen in findings.links:
            far = resolve(seen, directory, near=NODE + device)
            ours = far.who.removeprefix(NODE) if far.who.startswith(NODE) else ""
            told = ours or seen.name or seen.chassis_id
            adjacency = spelled(seen.kind, device, seen.port, told, far.port or seen.remote_port)
            outcome.found.add(adjacency)
            if ours:
                outcome.managed.add(adjacency)
    return outcome


async def _probed(file: Path) -> tuple[str, Findings]:
    managed = play(file)
    fit = await detect_managed(managed, all_profiles())
    return fit.profile.name, await examine(managed, fit.profile)


def directory_of(found: dict[str, tuple[str, Findings]]) -> Directory:
    """Who is who, as the service knows it from the facts of all nodes."""
    known = {
        NODE + device: node_known(device, Identity(), facts_known(json.dumps(findings.facts)))
        for device, (_, findings) in found.items()
    }
    owners: dict[str, tuple[Owner, ...]] = {}
    for who, each in known.items():
        for mark in each.marks:
            owners[mark] = (*owners.get(mark, ()), Owner(who, "switch"))
    profiles = {profile.name: profile for profile in all_profiles().values()}
    return Directory(
        owners=owners,
        marks={who: frozenset(each.marks) for who, each in known.items()},
        ports={who: each.ports for who, each in known.items()},
        canonical={NODE + device: profiles[name].port_names.canonical for device, (name, _) in found.items()},
    )


def devices_of(folder: Path) -> dict[str, Path]:
    """The walks of a site by the device that each is of."""
    manifest = (folder / "manifest.yaml").read_text(encoding="utf-8")
    named = {
        Path(walk).name.split(".")[0].removesuffix("-walk"): device
        for device, walk in re.findall(r"device_id: (\S+)\s+(?:\w+: \S+\s+)*?walk_file: (\S+)", manifest)
    }
    walks = sorted((folder / "walks").glob("*.snmprec"))
    return {named.get(file.stem.removesuffix("-walk"), file.stem): file for file in walks}


def expected_of(folder: Path) -> list[Adjacency]:
    """The goldens' adjacencies."""
    goldens = [json.loads(file.read_text(encoding="utf-8")) for file in sorted((folder / "golden").glob("*.json"))]
    names = ("protocol", "source_device", "source_port", "target_device", "target_port")
    return [spelled(*(link[name] for name in names)) for golden in goldens for link in golden["adjacencies"]]


def spelled(protocol: str, device: str, port: str, far: str, far_port: str) -> Adjacency:
    """An adjacency in one spelling: names without domain, marks and capitals; MACs as such; ports by their numbers."""
    return protocol, _plain(device), _port(port), _plain(re.sub(r"^chassis-|\(.*\)$", "", far)), _port(far_port)


def _plain(name: str) -> str:
    mac = mac_of(name)
    return mac or re.sub(r"[^a-z0-9]", "", name.lower() if re.match(r"[\d.]+$", name) else name.lower().split(".")[0])


def _port(name: str) -> str:
    mac = mac_of(name)
    short = re.sub(r"^(gi|fa|te)[a-z]*(?=\d)", r"\1", name.lower())
    return mac or short
