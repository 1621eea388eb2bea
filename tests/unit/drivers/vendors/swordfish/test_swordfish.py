"""Arrays over Swordfish: read in both generations of the standard; volumes are made, grown, and never shrunk."""

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import FOLDER, load_profile
from device_profiles.state import State, Volume
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.vendors.swordfish.driver import Swordfish
from pointsman.twins.redfish.array import POOL, STORAGE, StorageArray
from pointsman.twins.redfish.enclosure import Enclosure
from pointsman.twins.redfish.service import ROOT, Direct, Service

pytestmark = pytest.mark.unit

GIB = 1 << 30


@pytest.fixture
def twin():
    return StorageArray()


@pytest.fixture
def profile():
    return load_profile(FOLDER / "swordfish.toml")


@pytest.fixture
def driver(twin, profile):
    return Swordfish(Direct(twin), profile)


def goal(name, **values):
    return Goal(State(volumes={name: Volume(**values)}))


async def converge(driver, wanted):
    for step in driver.plan(wanted, await driver.read(())):
        await driver.apply(step)
    return (await driver.read(())).volumes


async def test_volumes_are_made_and_grown(driver):
    assert (await converge(driver, goal("web-08-root", size=2 * GIB, pool="tank")))["web-08-root"] == Volume(
        size=2 * GIB, pool="tank"
    )
    assert (await converge(driver, goal("web-08-root", size=3 * GIB)))["web-08-root"].size == 3 * GIB


async def test_a_volume_that_is_there_is_taken_as_it_is(driver, twin):
    (step,) = driver.plan(goal("web-08-root", size=GIB, pool="tank"), await driver.read(()))
    await driver.apply(step)
    await driver.apply(step)
    assert twin.writes == 1


async def test_what_would_lose_data_is_not_done(driver):
    with pytest.raises(Unsupported, match="shrink"):
        driver.plan(goal("web-07-root", size=GIB), await driver.read(()))
    (step,) = driver.plan(Goal(absent=frozenset({("volumes", "web-07-root")})), await driver.read(()))
    assert (step.refused.reason, step.commands) == ("InUse", ())


async def test_a_pool_that_is_full_is_said_and_nothing_is_touched(driver, twin):
    (step,) = driver.plan(goal("large", size=1 << 50, pool="tank"), await driver.read(()))
    with pytest.raises(Rejected, match="507: InsufficientResources tank"):
        await driver.apply(step)
    assert "large" not in (await driver.read(())).volumes


async def test_facts_operation_and_links(driver):
    facts = await driver.facts()
    assert facts["dmi"]["system"]["serial_number"] == "TWSAN1"
    assert facts["platform_version"] == "9.1"
    assert facts["storage"]["pools"] == {"tank": {"size": 64 * GIB}}
    assert facts["storage"]["volumes"]["web-07-root"]["wwn"].startswith("naa.6")
    assert facts["storage"]["exports"]["web-07"] == {
        "initiators": ["iqn.2024-01.example:web-07"],
        "luns": {"1": "web-07-root"},
        "target": "web-07",
    }
    assert (await driver.operation(())).pools["tank"].free == 60 * GIB
    (link,) = await driver.links()
    assert (link.port, link.kind, link.initiator) == ("web-07", "masking", "iqn.2024-01.example:web-07")


async def test_newer_services_have_connections_and_capacity_sources_of_their_own(driver, twin):
    volume = twin.resources[f"{STORAGE}/Volumes/1"]
    sources = f"{STORAGE}/Volumes/1/CapacitySources/1"
    volume["CapacitySources"] = [{"@odata.id": sources}]
    twin.add(sources, ProvidingPools={"@odata.id": f"{sources}/ProvidingPools"})
    twin.resources[f"{sources}/ProvidingPools"] = {"Members": [{"@odata.id": POOL}]}
    twin.resources[f"{POOL}/AllocatedVolumes"]["Members"].clear()
    twin.resources[ROOT]["Fabrics"] = {"@odata.id": f"{ROOT}/Fabrics"}
    twin.add_collection(f"{ROOT}/Fabrics", ["FC"])
    twin.add(f"{ROOT}/Fabrics/FC", Connections={"@odata.id": f"{ROOT}/Fabrics/FC/Connections"})
    twin.add_collection(f"{ROOT}/Fabrics/FC/Connections", ["web-08"])
    twin.add(
        f"{ROOT}/Fabrics/FC/Connections/web-08",
        VolumeInfo=[{"LUN": 5, "Volume": {"@odata.id": f"{STORAGE}/Volumes/1"}}],
        Links={"InitiatorEndpoints": [{"@odata.id": f"{STORAGE}/Endpoints/web-07"}]},
    )
    assert (await driver.read(())).volumes["web-07-root"].pool == "tank"
    assert (await driver.facts())["storage"]["exports"]["web-08"]["luns"] == {"5": "web-07-root"}


async def test_older_services_have_storage_services_and_collections_of_groups(profile):
    old = Service()
    place = f"{ROOT}/StorageServices/1"
    old.add(ROOT, RedfishVersion="1.0.0", StorageServices={"@odata.id": f"{ROOT}/StorageServices"})
    old.add_collection(f"{ROOT}/StorageServices", ["1"])
    parts = ("StoragePools", "Volumes", "StorageGroups")
    old.add(place, **{name: {"@odata.id": f"{place}/{name}"} for name in parts})
    old.add_collection(f"{place}/StoragePools", ["SlowPool"])
    old.add(f"{place}/StoragePools/SlowPool", Capacity={"Data": {"AllocatedBytes": 100, "ConsumedBytes": 30}})
    old.add_collection(f"{place}/Volumes", ["1", "2"])
    for number in ("1", "2"):
        sources = [{"ProvidingPools": [{"@odata.id": f"{place}/StoragePools/SlowPool"}]}]
        capacity = {"Data": {"ProvisionedBytes": 40, "AllocatedBytes": 10, "ConsumedBytes": 5}}
        old.add(f"{place}/Volumes/{number}", Name="My Volume", Capacity=capacity, CapacitySources=sources)
    old.add_collection(f"{place}/StorageGroups", ["1"])
    old.add(
        f"{place}/StorageGroups/1",
        MappedVolumes=[{"LogicalUnitNumber": 3, "Volume": {"@odata.id": f"{place}/Volumes/2/"}}, {}, None],
        ClientEndpointGroups={"@odata.id": f"{place}/EndpointGroups"},
    )
    old.add_collection(f"{place}/EndpointGroups", ["c"])
    old.add(f"{place}/EndpointGroups/c", Endpoints={"@odata.id": f"{place}/Endpoints"})
    old.add_collection(f"{place}/Endpoints", ["e"])
    names = [{"DurableName": "21000024ff000001", "DurableNameFormat": "FC_WWN"}]
    old.add(f"{place}/Endpoints/e", Identifiers=names)
    driver = Swordfish(Direct(old), profile)
    assert (await driver.read(())).volumes == {
        "1": Volume(size=40, pool="SlowPool"),
        "2": Volume(size=40, pool="SlowPool"),
    }
    exports = (await driver.facts())["storage"]["exports"]
    assert exports["1"]["luns"] == {"3": "2"}
    assert exports["1"]["initiators"] == ["21000024ff000001"]


async def test_a_service_of_machines_is_told(profile):
    with pytest.raises(Garbled, match="neither Storage nor"):
        await Swordfish(Direct(Enclosure()), profile).read(())


async def test_an_unchanged_array_is_the_same_state(driver):
    assert await driver.read(()) is await driver.read(())
