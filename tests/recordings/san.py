"""Recordings of arrays, read by the drivers and compared with what another system's tests expect of them.

Each file of a case is what an array answered to one question; here it is said which question of ours that is. The
other system's answers are mapped here on their own: which of its words mean a pool, a volume, a mask. Where it sees
something in another way, and why, stands below.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from device_profiles.profile import load_profiles
from drivers.errors import DeviceError
from drivers.recording import Exchange, Recording
from drivers.registry import make_driver
from drivers.rest.messages import Request, Response
from drivers.transports.replay import Replay
from drivers.vendors.dell_unity.driver import FIELDS
from drivers.vendors.emc_vnx import driver as vnx
from drivers.vendors.hpe_msa import driver as msa
from drivers.vendors.ibm_storwize import driver as storwize
from drivers.vendors.netapp_ontap_cli import driver as ontap
from tests.recordings.meaning import Fact
from tests.recordings.outcome import Outcome, by_platform
from tests.recordings.shared_data import FOLDER

SAN = FOLDER / "san"
VNX = vnx.Quirks().client

# Which question each file of a case answers.
LINES: Mapping[str, Mapping[str, str]] = {
    "ibm_storwize": {
        "system_info": storwize.SYSTEM,
        "pools_info": storwize.POOLS,
        "pool_info": f"{storwize.POOLS} 1",
        "volumes_info": storwize.VOLUMES,
        "volume_info": f"{storwize.VOLUMES} 0",
        "get_all_views": storwize.MAPPINGS,
        "get_all_hosts": storwize.HOSTS,
        "get_host_summery": f"{storwize.HOSTS} 1",
    },
    "netapp_ontap_cli": {
        "system_info": ontap.IDENTITY,
        "version": ontap.VERSION,
        "controller_info": ontap.NODES,
        "aggregate_detail_info": ontap.AGGREGATES,
        "fs_info": ontap.FLEXVOLS,
        "lun_info": ontap.LUNS,
        "lun_mapping_info": ontap.MAPPINGS,
        "hosts_info": ontap.IGROUPS,
    },
    "emc_vnx": {
        "agent_infos": f"{VNX} {vnx.AGENT}",
        "domain_infos": f"{VNX} {vnx.DOMAIN}",
        "pool_infos": f"{VNX} {vnx.POOLS}",
        "lun_infos": f"{VNX} {vnx.LUNS}",
        "view_datas": f"{VNX} {vnx.GROUPS}",
        "hba_datas": f"{VNX} {vnx.HBAS}",
    },
    "hpe_msa": {
        "list_system": msa.SYSTEM,
        "list_vision": msa.VERSIONS,
        "list_pools": msa.POOLS,
        "list_volumes": msa.VOLUMES,
        "list_host_groups": msa.HOSTS,
        "list_host_initiators": msa.INITIATORS,
        "list_maps_all": msa.MAPS,
    },
}
# What stands before each command on such an array's line; recordings of answers do not have it.
PROMPTS = {"ibm_storwize": "IBM_Storwize:array:superuser>", "netapp_ontap_cli": "cl::>", "hpe_msa": "# "}
RESOURCES = {
    "get_storage_normal": "system",
    "get_soft_version": "installedSoftwareVersion",
    "get_all_pools": "pool",
    "get_all_luns": "lun",
    "get_all_host": "host",
    "get_all_init": "hostInitiator",
    "get_host_lun": "hostLUN",
}
CASES = {
    "storwize-svc": "ibm_storwize",
    "netapp-ontap": "netapp_ontap_cli",
    "hpe-msa": "hpe_msa",
    "emc-unity": "dell_unity",
    "emc-vnx": "emc_vnx",
}
GIB = 1 << 30


class Served:
    """An array that answers each collection with one file."""

    identity = ""
    closed = False

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self._bodies = bodies

    def log_in_by(self, log_in: Any) -> None:
        del log_in

    async def stream(self, command: str) -> Any:
        raise AssertionError(command)

    async def exchange(self, request: Request) -> Response:
        kind = request.path.removeprefix("/api/types/").partition("/")[0]
        assert kind in FIELDS
        body = self._bodies.get(kind)
        return Response(status=404) if body is None else Response(status=200, body=body)

    async def close(self) -> None:
        self.closed = True


@cache
def judged() -> list[Outcome]:
    """All cases that there are."""
    return [asyncio.run(_judge(SAN / folder, profile)) for folder, profile in CASES.items() if (SAN / folder).is_dir()]


def by_profile() -> dict[str, list[Outcome]]:
    """The cases by profile; none where the recordings are absent."""
    return by_platform(judged())


def connection(folder: Path, profile: str) -> Any:
    """A case as an array that can be asked."""
    files = {file.stem: file for file in sorted((folder / "recordings").iterdir())}
    if profile not in LINES:
        return Served({kind: files[name].read_bytes() for name, kind in RESOURCES.items() if name in files})
    lines = LINES[profile]
    answers = [Exchange(lines[name], file.read_text()) for name, file in files.items() if name in lines]
    prompt = Exchange("", PROMPTS.get(profile, ""))
    return Replay(Recording((prompt, *answers)), load_profiles()[profile])


async def _judge(folder: Path, profile: str) -> Outcome:
    expected = json.loads((folder / "expected.json").read_text())
    outcome = Outcome(profile, folder.name, set(EXPECTED[profile](expected)))
    opened = connection(folder, profile)
    driver = make_driver(opened, load_profiles()[profile])
    try:
        state, facts = await driver.read(()), await driver.facts()
        operation, links = await driver.operation(()), await driver.links()
    except DeviceError as error:
        outcome.error = str(error)
        return outcome
    finally:
        await driver.close()
        await opened.close()
    system = facts["dmi"]["system"]
    told = {"name": facts["fqdn"], "serial": system["serial_number"], "model": system["product_name"]}
    outcome.found = {Fact("facts", pair) for pair in {**told, "version": facts["platform_version"]}.items()}
    outcome.found |= {Fact("pools", (name, "size", near(pool.size))) for name, pool in operation.pools.items()}
    outcome.found |= {Fact("pools", (name, "free", near(pool.free))) for name, pool in operation.pools.items()}
    outcome.found |= {Fact("volumes", (name, near(item.size))) for name, item in state.volumes.items()}
    shown = facts["storage"]["volumes"]
    outcome.found |= {Fact("wwns", (name, item["wwn"])) for name, item in shown.items() if "wwn" in item}
    for name, export in state.exports.items():
        outcome.found |= {Fact("luns", (name, number, volume)) for number, volume in (export.luns or {}).items()}
        outcome.found |= {Fact("initiators", (name, initiator)) for initiator in export.initiators or ()}
    assert {link.kind for link in links} <= {"masking", "session"}
    asked = {(fact.kind, *fact.value[:-1]) for fact in outcome.expected}
    outcome.found = {fact for fact in outcome.found if (fact.kind, *fact.value[:-1]) in asked}
    return outcome


def near(size: int | None) -> int | None:
    """A size as it can be told by texts with three digits: in hundreds of MiB."""
    return None if size is None else round(size / (100 << 20))


def _of_storwize(said: Mapping[str, Any]) -> Iterable[Fact]:
    system, (pool,), (volume,) = said["storage_result"], said["pool_result"], said["volume_result"]
    yield from _of_a_system(system)
    yield Fact("pools", (pool["name"], "size", near(pool["total_capacity"])))
    yield Fact("pools", (pool["name"], "free", near(pool["free_capacity"])))
    yield Fact("volumes", (volume["name"], near(volume["total_capacity"])))
    yield Fact("wwns", (volume["name"], volume["wwn"]))
    # The host's name in its details is another than in the list: the other system's test mixes two arrays.
    yield from (Fact("initiators", ("host1", port["wwn"])) for port in said["init_result"])
    names = {"2": "Solaris11.3_57", "6": "hwstorage_8.44.133.80", "7": "VNX-WIN8-TEST", "14": "pd_esx6"}
    volumes = {"27": "PG_1", "24": "wyktest", "31": "SVC-WIN8_test"}
    volumes |= {"65": "pd_taiping0", "66": "pd_taiping1", "67": "pd_taiping2"}
    count: dict[str, int] = {}
    for view in said["view_result"]:
        host = view["native_storage_host_id"]
        number = count[host] = count.get(host, -1) + 1
        yield Fact("luns", (names[host], number, volumes[view["native_volume_id"]]))


def _of_a_system(system: Mapping[str, Any]) -> Iterable[Fact]:
    yield Fact("facts", ("name", system["name"]))
    yield Fact("facts", ("serial", system["serial_number"]))
    yield Fact("facts", ("model", system["model"]))
    yield Fact("facts", ("version", system["firmware_version"]))


def _of_ontap(said: Mapping[str, Any]) -> Iterable[Fact]:
    """Its tests say names only (`calls.json`); what else the recordings say is read off them by eye."""
    del said
    yield Fact("facts", ("name", "cl"))
    yield Fact("facts", ("version", "9.8"))
    yield Fact("pools", ("aggr0", "size", near(855 << 20)))
    yield Fact("volumes", ("lun_0", near(512 << 20)))
    yield Fact("luns", ("fcstart1", 123, "lun_1"))
    yield Fact("luns", ("svm3", 0, "svm3_lun"))
    members = ("20:01:00:0c:29:bf:c4:d7", "10:00:00:00:c9:d5:b9:6e", "iqn.2006-08.com.huawei:21004447dcca426::0")
    yield from (Fact("initiators", ("fcstart1", name)) for name in members)
    yield from (Fact("initiators", ("svm3", name)) for name in members[1:])


def _of_msa(said: Mapping[str, Any]) -> Iterable[Fact]:
    yield from _of_a_system(said["system_info"])
    # Its "99.9GB" is 195305472 blocks, which the other system has as well, and takes the text for GiB.
    for pool in said["pools_result"]:
        yield Fact("pools", (pool["name"], "size", near(round(pool["total_capacity"] / GIB * 1000**3))))
    for volume in said["volume_result"]:
        yield Fact("volumes", (volume["name"], near(volume["blocks"] * 512)))
        yield Fact("wwns", (volume["name"], volume["wwn"]))
    names = {"V3": "Vol0004", "V0": "Vol0001", "V1": "Vol0002"}
    members = {each["native_storage_host_id"]: set() for each in said["list_storage_host_initiators"]}
    for each in said["list_storage_host_initiators"]:
        members[each["native_storage_host_id"]].add(each["wwn"])
    for view in said["list_masking_views"]:
        name = view["name"].removesuffix(".*")
        if "native_volume_id" in view:
            yield Fact("luns", (name, 0, names[view["native_volume_id"]]))
        if view["name"].endswith(".*"):
            yield from (Fact("initiators", (name, wwn)) for wwn in members[view["native_storage_host_id"]])


def _of_unity(said: Mapping[str, Any]) -> Iterable[Fact]:
    yield from _of_a_system(said["storage_normal_result"])
    for pool in said["pool_result"]:
        yield Fact("pools", (pool["name"], "size", near(pool["total_capacity"])))
        yield Fact("pools", (pool["name"], "free", near(pool["free_capacity"])))
    for volume in said["volume_result"]:
        yield Fact("volumes", (volume["name"], near(volume["total_capacity"])))
        yield Fact("wwns", (volume["name"], volume["wwn"]))


def _of_vnx(said: Mapping[str, Any]) -> Iterable[Fact]:
    yield from _of_a_system(said["STORAGE_RESULT"])
    (pool,), (volume,), (view,) = said["POOLS_RESULT"], said["VOLUMES_RESULT"], said["VIEW_RESULT"]
    yield Fact("pools", (pool["name"], "size", near(pool["total_capacity"])))
    yield Fact("pools", (pool["name"], "free", near(pool["free_capacity"])))
    yield Fact("volumes", (volume["name"], near(volume["total_capacity"])))
    # The list of LUNs of another array: the number has no name there, and the number 1 is read off by eye.
    yield Fact("luns", (view["name"], 1, view["native_volume_id"]))
    yield Fact("initiators", (view["name"], "20:00:00:00:C9:76:5E:79:10:00:00:00:C9:76:5E:79"))
    yield Fact("initiators", (view["name"], "20:00:00:00:C9:75:80:4C:10:00:00:00:C9:75:80:4C"))


EXPECTED: Mapping[str, Callable[[Mapping[str, Any]], Iterable[Fact]]] = {
    "ibm_storwize": _of_storwize,
    "netapp_ontap_cli": _of_ontap,
    "hpe_msa": _of_msa,
    "dell_unity": _of_unity,
    "emc_vnx": _of_vnx,
}
