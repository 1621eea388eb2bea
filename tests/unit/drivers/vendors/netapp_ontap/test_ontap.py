"""ONTAP over REST: records of several SVMs, pages, and a step on an array that has moved on."""

import orjson
import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Export, State, Volume
from drivers.errors import Garbled, Rejected, Unsupported
from drivers.rest.messages import Response
from drivers.vendors.netapp_ontap.driver import Ontap
from pointsman.twins.arrays import ontap as twin

pytestmark = pytest.mark.unit

MIB = 1 << 20
HOST = "iqn.2024-01.example:web-07"


@pytest.fixture
def array():
    return twin.Ontap()


@pytest.fixture
def driver(array):
    return Ontap(twin.Direct(array), load_profiles()["netapp_ontap"])


def web(**luns):
    numbers = {int(key.removeprefix("lun")): name for key, name in luns.items()} or {0: "root"}
    volumes = {name: Volume(size=64 * MIB, pool="tank") for name in numbers.values()}
    return Goal(State(volumes=volumes, exports={"web-07": Export(initiators=(HOST,), luns=numbers)}))


async def converge(driver, goal):
    for step in driver.plan(goal, await driver.read(())):
        await driver.apply(step)


async def test_a_lun_is_made_and_mapped_and_then_somebody_is_let_in(driver, array):
    made, shown = driver.plan(web(), await driver.read(()))
    assert made.commands[0].startswith("POST /api/storage/luns ")
    assert [command.split()[1].rpartition("/")[2] for command in shown.commands] == [
        "igroups",
        "lun-maps",
        "initiators",
    ]
    await driver.apply(made)
    await driver.apply(shown)
    assert array.log_in("web-07", HOST)


async def test_a_number_that_shows_something_else_by_now_is_left_alone(driver, array):
    await converge(driver, web())
    made, shown = driver.plan(web(lun0="root", lun1="data"), await driver.read(()))
    await driver.apply(made)
    array.change("POST", "/api/storage/luns", {"name": "/vol/tank/other", "space": {"size": MIB}})
    mapped = {"lun": {"name": "/vol/tank/other"}, "igroup": {"name": "web-07"}, "logical_unit_number": 1}
    array.change("POST", "/api/protocols/san/lun-maps", mapped)
    with pytest.raises(Rejected, match="shows other by now"):
        await driver.apply(shown)


async def test_what_is_gone_already_needs_no_undo(driver, array):
    steps = driver.plan(web(), await driver.read(()))
    for step in steps:
        await driver.apply(step)
    array.maps.clear()
    array.igroups.clear()
    await driver.undo(steps[1])
    assert [lun["name"] for lun in array.luns.values()] == ["/vol/tank/root"]


class Pages(twin.Direct):
    """Gives one record a page."""

    async def exchange(self, request):
        path, _, start = request.path.partition("&start=")
        response = await super().exchange(type(request)(method="GET", path=path))
        document = orjson.loads(response.body)
        at = int(start or 0)
        if len(document.get("records", ())) > at + 1:
            document["_links"] = {"next": {"href": f"{path}&start={at + 1}"}}
        document["records"] = document.get("records", [])[at : at + 1]
        return Response(status=200, body=orjson.dumps(document))


async def test_all_pages_are_read(array):
    state = await Ontap(Pages(array), load_profiles()["netapp_ontap"]).read(())
    assert state == await Ontap(twin.Direct(array), load_profiles()["netapp_ontap"]).read(())
    seen = await Ontap(Pages(array), load_profiles()["netapp_ontap"]).operation(())
    assert set(seen.pools) == {"tank", "pond"}


class SeveralSvms(twin.Direct):
    """A cluster in which each FlexVol is another SVM's."""

    async def exchange(self, request):
        response = await super().exchange(request)
        document = orjson.loads(response.body)
        if request.path.startswith("/api/storage/volumes"):
            for record in document["records"]:
                record["svm"] = {"name": f"svm-{record['name']}"}
        return Response(status=response.status, body=orjson.dumps(document))


async def test_of_several_svms_all_is_read_and_nothing_changed(array):
    driver = Ontap(SeveralSvms(array), load_profiles()["netapp_ontap"])
    observed = await driver.read(())
    assert set((await driver.operation(())).pools) == {"svm-tank:tank", "svm-pond:pond"}
    wanted = Goal(State(exports={"web-07": Export(initiators=(HOST,), luns={})}))
    with pytest.raises(Unsupported, match="several SVMs"):
        driver.plan(wanted, observed)


class Nonsense(twin.Direct):
    """Answers with records that say nothing."""

    async def exchange(self, request):
        del request
        return Response(status=200, body=orjson.dumps({"records": [{"name": 7}]}))


async def test_records_that_are_none_are_garbled(array):
    with pytest.raises(Garbled):
        await Ontap(Nonsense(array), load_profiles()["netapp_ontap"]).read(())
