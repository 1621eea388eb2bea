"""LIO: what configfs shows is read strictly, and nothing is deleted from under a session."""

from collections.abc import AsyncIterator

import pytest

from device_profiles.compare import Goal
from device_profiles.profile import load_profiles
from device_profiles.state import Export, State, Volume
from drivers.conformance.memory import MemoryConnection
from drivers.errors import Garbled, Rejected
from drivers.vendors.targetcli import reading
from drivers.vendors.targetcli.driver import Lio
from pointsman.twins import shell
from pointsman.twins.arrays.lio import LioHost

pytestmark = pytest.mark.unit

MIB = 1 << 20
HOST = "iqn.2024-01.example:web-07"
IQN = "iqn.2026-01.pointsman:san-1:web-07"
GROUP = f"{reading.CONFIGFS}/iscsi/{IQN}/tpgt_1"
UP = "../../../../../../../target"
TOLD = f"""\
{reading.CONFIGFS}/core/fileio_0/root/info:Status: ACTIVATED  Max Queue Depth: 0  SectorSize: 512
{reading.CONFIGFS}/core/fileio_0/root/info:        TCM FILEIO ID: 0        File: /srv/lio/tank/root  Size: 16777216
{reading.CONFIGFS}/core/iblock_1/raw/info:        iBlock device: sdb  UDEV PATH: /dev/sdb  readonly: 0
{GROUP}/attrib/generate_node_acls:0
{GROUP}/acls/{HOST}/info:InitiatorName: {HOST}
{GROUP}/acls/{HOST}/info:LIO Session ID: 7   ISID: 0x00 02 3d 00 00 00  TSIH: 1  SessionType: Normal
"""
LINKS = (
    f"d {IQN}",
    "d discovery_auth",
    f"l iscsi/{IQN}/tpgt_1/lun/lun_1/0a1b {UP}/core/fileio_0/root",
    f"l iscsi/{IQN}/tpgt_1/lun/lun_2/0a1c {UP}/core/iblock_1/raw",
    f"l iscsi/{IQN}/tpgt_1/acls/{HOST}/lun_1/0a1d {UP}/iscsi/{IQN}/tpgt_1/lun/lun_1",
)
FILES = ("p 4096 2048 1024 /srv/lio/tank", "v 16777216 0 tank/root")


def answer(told=TOLD, links=LINKS, files=FILES):
    records = ("".join(f"{record}\0" for record in part) for part in (links, files))
    return "san-1\n#told\n{}#links\n{}#files\n{}".format(told, *records).encode()


def test_an_export_has_the_luns_that_each_of_its_machines_is_shown():
    seen = reading.parse(answer(), reading.Quirks()).seen
    assert seen.exports["web-07"].initiators == (HOST,)
    assert seen.exports["web-07"].luns == {1: "root"}
    assert [(session.export, session.initiator) for session in seen.sessions] == [("web-07", HOST)]
    assert (seen.volumes["root"].size, seen.pools["tank"].free) == (16 * MIB, 4 * MIB)


def test_a_group_that_lets_in_whoever_asks_says_so():
    told = TOLD.replace("generate_node_acls:0", "generate_node_acls:1")
    assert reading.parse(answer(told), reading.Quirks()).seen.exports["web-07"].initiators == ("ALL", HOST)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        answer()[:-1],
        answer(told="nonsense\n"),
        answer(links=("x y",)),
        answer(told="".join(TOLD.splitlines(keepends=True)[3:])),
    ],
)
def test_half_an_answer_is_none(data):
    with pytest.raises(Garbled):
        reading.parse(data, reading.Quirks())


@pytest.fixture
def host():
    return LioHost()


@pytest.fixture
async def driver(host) -> AsyncIterator[Lio]:
    def start(_command, stream):
        stream.talk = shell.talk(host)

    connection = MemoryConnection(start)
    made = Lio(connection, load_profiles()["targetcli"])
    yield made
    await made.close()
    await connection.close()


def web(**more):
    volumes = {"root": Volume(size=64 * MIB, pool="tank", **more)}
    return Goal(State(volumes=volumes, exports={"web-07": Export(initiators=(HOST,), luns={0: "root"})}))


async def converge(driver, goal):
    for step in driver.plan(goal, await driver.read(())):
        await driver.apply(step)


async def test_a_target_that_came_into_use_meanwhile_is_left_alone(host, driver):
    await converge(driver, web())
    (step,) = driver.plan(Goal(absent=frozenset({("exports", "web-07")})), await driver.read(()))
    assert host.log_in("web-07", HOST)
    with pytest.raises(Rejected, match="in use"):
        await driver.apply(step)
    assert IQN in host.targets


async def test_a_volume_that_grew_while_nobody_was_shown_it_is_shown_whole(host, driver):
    await converge(driver, web())
    gone = Goal(absent=frozenset({("exports", "web-07")}))
    await converge(driver, gone)
    await converge(driver, Goal(State(volumes={"root": Volume(size=128 * MIB)})))
    await converge(driver, Goal(State(exports={"web-07": Export(initiators=(HOST,), luns={0: "root"})})))
    assert host.objects["root"] == ("/srv/lio/tank/root", 128 * MIB)
    assert (await driver.read(())).volumes["root"].size == 128 * MIB
